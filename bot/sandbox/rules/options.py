"""What Discord refuses in the options of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.rules.choices import INTEGER, STRING, choice_problems
from bot.sandbox.rules.fields import boolean, bounded_int, bounded_number, is_int, listed
from bot.sandbox.rules.names import description_problems, name_problems, translation_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.sandbox.validation import Path, Problem

OPTIONS = 25
TEXT_LENGTH = 6000
SUBCOMMAND, GROUP, NUMBER = 1, 2, 10
_NESTED = (SUBCOMMAND, GROUP)
_TYPES = range(1, 12)
_WITH_CHOICES = (STRING, INTEGER, NUMBER)
_DEEPEST = {SUBCOMMAND: 1, GROUP: 0}


def option_problems(value: object, path: Path, depth: int = 0) -> Iterator[Problem]:
    """Yield what is wrong with the options of a command, or of a subcommand."""
    if value is None:
        return
    entries, problems = listed(value, path, 0, OPTIONS)
    yield from problems
    optional_seen = False
    nested = any(isinstance(entry, dict) and entry.get("type") in _NESTED for entry in entries)
    for number, option in enumerate(entries):
        where = (*path, str(number))
        if not isinstance(option, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        if option.get("required") and optional_seen:
            yield (
                (*where, "required"),
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen = optional_seen or not option.get("required")
        if nested and option.get("type") not in _NESTED:
            yield (
                (*where, "type"),
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                "Sub-command and sub-command group option types are mutually exclusive to "
                "all other types",
            )
        yield from _option(option, where, depth)
    yield from _repeated_names(entries, path)


def _repeated_names(entries: list[Any], path: Path) -> Iterator[Problem]:
    names: set[str] = set()
    for number, option in enumerate(entries):
        name = option.get("name") if isinstance(option, dict) else None
        if not isinstance(name, str):
            continue
        if name in names:
            yield (
                (*path, str(number), "name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
                "Option names must be unique",
            )
        names.add(name)


def _option(option: Mapping[str, Any], path: Path, depth: int) -> Iterator[Problem]:
    yield from name_problems(option, "name", path)
    yield from translation_problems(option, "name_localizations", path, name_problems)
    yield from description_problems(option, "description", path)
    yield from translation_problems(option, "description_localizations", path, description_problems)
    yield from boolean(option, "required", path)
    kind = option.get("type")
    if kind is None:
        yield (*path, "type"), "BASE_TYPE_REQUIRED", "This field is required"
    elif not is_int(kind) or kind not in _TYPES or depth > _DEEPEST.get(kind, depth):
        yield (*path, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {set(_TYPES)}."
    elif kind in _NESTED:
        below = depth + 1 + (kind == SUBCOMMAND)
        yield from option_problems(option.get("options"), (*path, "options"), below)
    else:
        yield from _help(option, path, kind)
        yield from _bounds(option, path, kind)


def _help(option: Mapping[str, Any], path: Path, kind: int) -> Iterator[Problem]:
    """Yield what is wrong with what a user is offered while typing."""
    yield from boolean(option, "autocomplete", path)
    choices = option.get("choices")
    if choices is not None:
        yield from choice_problems(choices, (*path, "choices"), kind)
    if choices and (option.get("autocomplete") or kind not in _WITH_CHOICES):
        yield (
            (*path, "choices"),
            "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
            "Choices cannot be set here",
        )
    if option.get("autocomplete") and kind not in _WITH_CHOICES:
        yield (
            (*path, "autocomplete"),
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
            "This type cannot be completed",
        )


def _bounds(option: Mapping[str, Any], path: Path, kind: int) -> Iterator[Problem]:
    """Yield what is wrong with the least and the most that may be typed."""
    if kind == STRING:
        least, most = "min_length", "max_length"
        problems = [
            *bounded_int(option, least, 0, TEXT_LENGTH, path),
            *bounded_int(option, most, 1, TEXT_LENGTH, path),
        ]
    elif kind in (INTEGER, NUMBER):
        least, most = "min_value", "max_value"
        problems = [
            problem
            for key in (least, most)
            for problem in bounded_number(option, key, path, whole=kind == INTEGER)
        ]
    else:
        return
    yield from problems
    low, high = option.get(least), option.get(most)
    if not problems and low is not None and high is not None and low > high:
        words = f"{least} must be no greater than {most}"
        yield (*path, least), "APPLICATION_COMMAND_OPTIONS_BOUNDS_INVALID", words
