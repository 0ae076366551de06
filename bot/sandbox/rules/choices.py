"""What Discord refuses in choices, fixed ones and suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.rules.fields import is_int, listed, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sandbox.validation import Path, Problem

CHOICES = 25
LENGTH = 100
STRING, INTEGER = 3, 4


def choice_problems(value: object, path: Path, kind: int) -> Iterator[Problem]:
    """Yield what is wrong with choices.

    Parameters
    ----------
    kind
        The type of their option: text, whole number or number.
    """
    entries, problems = listed(value, path, 0, CHOICES)
    yield from problems
    names: set[object] = set()
    for number, choice in enumerate(entries):
        where = (*path, str(number))
        if not isinstance(choice, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        yield from text(choice, "name", 1, LENGTH, where, required=True)
        if choice.get("name") in names:
            words = "Choice names must be unique"
            yield (*where, "name"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS", words
        names.add(choice.get("name"))
        given = choice.get("value")
        if given is None:
            yield (*where, "value"), "BASE_TYPE_REQUIRED", "This field is required"
        elif kind == STRING:
            yield from text(choice, "value", 0, LENGTH, where)
        elif not (is_int(given) or (kind != INTEGER and isinstance(given, float))):
            yield (*where, "value"), "NUMBER_TYPE_COERCE", f'Value "{given}" is not a number.'
