"""What Discord refuses in choices, fixed ones and suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.rules.fields import bounded_number, listed, text
from bot.sandbox.rules.names import translation_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    names: set[str] = set()
    for number, choice in enumerate(entries):
        where = (*path, str(number))
        if not isinstance(choice, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        yield from _label(choice, "name", where)
        yield from translation_problems(choice, "name_localizations", where, _label)
        name = choice.get("name")
        if isinstance(name, str):
            if name in names:
                words = "Choice names must be unique"
                yield (*where, "name"), "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_EXISTS", words
            names.add(name)
        if choice.get("value") is None:
            yield (*where, "value"), "BASE_TYPE_REQUIRED", "This field is required"
        elif kind == STRING:
            yield from text(choice, "value", 0, LENGTH, where)
        else:
            yield from bounded_number(choice, "value", where, whole=kind == INTEGER)


def _label(holder: Mapping[str, Any], key: str, path: Path) -> Iterator[Problem]:
    yield from text(holder, key, 1, LENGTH, path, required=True)
