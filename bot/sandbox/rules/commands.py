"""What Discord refuses in the definitions of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.rules.choices import choice_problems
from bot.sandbox.rules.fields import bounded_int, listed, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.sandbox.validation import Path, Problem

COMMANDS = 100
OPTIONS = 25
NAME_LENGTH = 32
DESCRIPTION_LENGTH = 100
TOTAL_LENGTH = 8000
OPTION_TEXT_LENGTH = 6000

CHAT_INPUT = 1
SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, NUMBER = 3, 4, 5, 10
_OPTION_TYPES = range(1, 12)
_WITH_CHOICES = (STRING, INTEGER, NUMBER)


def command_list_problems(commands: list[Any]) -> Iterator[Problem]:
    """Yield what is wrong with commands that shall replace all others."""
    seen: set[tuple[object, object]] = set()
    counts: dict[object, int] = {}
    for number, command in enumerate(commands):
        path = (str(number),)
        if not isinstance(command, dict):
            yield path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        kind = command.get("type", CHAT_INPUT)
        key = (kind, command.get("name"))
        if key in seen:
            yield (
                (*path, "name"),
                "APPLICATION_COMMANDS_DUPLICATE_NAME",
                "Application command names must be unique",
            )
        seen.add(key)
        counts[kind] = counts.get(kind, 0) + 1
        yield from command_problems(command, path)
    if counts.get(CHAT_INPUT, 0) > COMMANDS:
        yield (
            (),
            "APPLICATION_COMMAND_TOO_MANY",
            f"An application can have no more than {COMMANDS} commands",
        )


def command_problems(command: Mapping[str, Any], path: Path = ()) -> Iterator[Problem]:
    """Yield what is wrong with one command."""
    kind = command.get("type", CHAT_INPUT)
    if kind not in (1, 2, 3):
        yield (*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}."
        return
    if kind == CHAT_INPUT:
        yield from _name(command, path)
        yield from text(command, "description", 1, DESCRIPTION_LENGTH, path, required=True)
        yield from _options(command.get("options"), (*path, "options"))
        if _total(command) > TOTAL_LENGTH:
            yield (
                path,
                "APPLICATION_COMMAND_TOO_LARGE",
                f"Command exceeds maximum size ({TOTAL_LENGTH})",
            )
    else:
        yield from text(command, "name", 1, NAME_LENGTH, path, required=True)
        if command.get("description"):
            yield (*path, "description"), "BASE_TYPE_MAX_LENGTH", "Must be 0 or fewer in length."
    permissions = command.get("default_member_permissions")
    good = isinstance(permissions, int) or (
        isinstance(permissions, str) and permissions.isdecimal()
    )
    if permissions is not None and not good:
        yield (
            (*path, "default_member_permissions"),
            "NUMBER_TYPE_COERCE",
            f'Value "{permissions}" is not int.',
        )
    for key, most in (("contexts", 2), ("integration_types", 1)):
        yield from _set_of(command.get(key), (*path, key), most)


def _set_of(value: object, path: Path, most: int) -> Iterator[Problem]:
    if value is None:
        return
    entries, problems = listed(value, path, 1, most + 1)
    yield from problems
    if len({str(entry) for entry in entries}) != len(entries):
        yield path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value"
    for number, entry in enumerate(entries):
        if entry not in range(most + 1) or isinstance(entry, bool):
            text_ = f"Value must be one of {set(range(most + 1))}."
            yield (*path, str(number)), "BASE_TYPE_CHOICES", text_


def _name(holder: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    problems = list(text(holder, "name", 1, NAME_LENGTH, path, required=True))
    yield from problems
    name = holder.get("name")
    if problems or not isinstance(name, str):
        return
    fits = all(letter in "-_'" or letter.isalnum() for letter in name)
    if not fits or name != name.lower():
        yield (
            (*path, "name"),
            "APPLICATION_COMMAND_INVALID_NAME",
            "Command name is invalid",
        )


def _options(value: object, path: Path, depth: int = 0) -> Iterator[Problem]:
    if value is None:
        return
    entries, problems = listed(value, path, 0, OPTIONS)
    yield from problems
    names: set[object] = set()
    optional_seen = False
    kinds = {entry.get("type") for entry in entries if isinstance(entry, dict)}
    nested = kinds & {SUBCOMMAND, GROUP}
    for number, option in enumerate(entries):
        where = (*path, str(number))
        if not isinstance(option, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        if option.get("name") in names:
            yield (
                (*where, "name"),
                "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
                "Option names must be unique",
            )
        names.add(option.get("name"))
        if option.get("required") and optional_seen:
            yield (
                (*where, "required"),
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen = optional_seen or not option.get("required")
        if nested and option.get("type") not in (SUBCOMMAND, GROUP):
            yield (
                (*where, "type"),
                "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
                "Sub-command and sub-command group option types are mutually exclusive to "
                "all other types",
            )
        yield from _option(option, where, depth)


def _option(option: Mapping[str, Any], path: Path, depth: int) -> Iterator[Problem]:
    yield from _name(option, path)
    yield from text(option, "description", 1, DESCRIPTION_LENGTH, path, required=True)
    kind = option.get("type")
    if kind is None:
        yield (*path, "type"), "BASE_TYPE_REQUIRED", "This field is required"
        return
    deepest = {SUBCOMMAND: 1, GROUP: 0}.get(kind, 2)
    if kind not in _OPTION_TYPES or isinstance(kind, bool) or depth > deepest:
        yield (*path, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {set(_OPTION_TYPES)}."
        return
    if kind in (SUBCOMMAND, GROUP):
        yield from _options(option.get("options"), (*path, "options"), depth + 1 + (kind == 1))
        return
    choices = option.get("choices")
    if choices:
        if option.get("autocomplete") or kind not in _WITH_CHOICES:
            yield (
                (*path, "choices"),
                "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
                "Choices cannot be set here",
            )
        yield from choice_problems(choices, (*path, "choices"), kind)
    if option.get("autocomplete") and kind not in _WITH_CHOICES:
        yield (
            (*path, "autocomplete"),
            "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
            "This type cannot be completed",
        )
    if kind == STRING:
        yield from bounded_int(option, "min_length", 0, OPTION_TEXT_LENGTH, path)
        yield from bounded_int(option, "max_length", 1, OPTION_TEXT_LENGTH, path)


def _total(command: Mapping[str, Any]) -> int:
    """Return the length that counts against the limit of a definition."""
    total = len(str(command.get("name", ""))) + len(str(command.get("description", "")))
    options = command.get("options")
    for option in options if isinstance(options, list) else ():
        if isinstance(option, dict):
            total += _total(option)
            choices = option.get("choices")
            for choice in choices if isinstance(choices, list) else ():
                if isinstance(choice, dict):
                    total += len(str(choice.get("name", ""))) + len(str(choice.get("value", "")))
    return total
