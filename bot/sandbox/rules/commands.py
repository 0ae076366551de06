"""What Discord refuses in the definitions of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.rules.fields import boolean, is_int, listed
from bot.sandbox.rules.names import (
    description_problems,
    label_problems,
    name_problems,
    translation_problems,
)
from bot.sandbox.rules.options import option_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.sandbox.validation import Path, Problem

COMMANDS = 100
TOTAL_LENGTH = 8000
MOST_PERMISSIONS = 2**54 - 1

CHAT_INPUT = 1
_TYPES = (1, 2, 3)


def kind_of(command: Mapping[str, Any]) -> Any:
    """Return the type of a command: one that is typed, unless it says another."""
    kind = command.get("type")
    return CHAT_INPUT if kind is None else kind


def command_list_problems(commands: list[Any]) -> Iterator[Problem]:
    """Yield what is wrong with commands that shall replace all others."""
    seen: set[tuple[int, str]] = set()
    for number, command in enumerate(commands):
        path = (str(number),)
        if not isinstance(command, dict):
            yield path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        problems = list(command_problems(command, path))
        yield from problems
        if problems:
            continue
        key = (kind_of(command), command["name"])
        if key in seen:
            yield repeated_name(path)
        seen.add(key)


def repeated_name(path: Path = ()) -> Problem:
    """Return what is wrong with a name that another command has."""
    words = "Application command names must be unique"
    return (*path, "name"), "APPLICATION_COMMANDS_DUPLICATE_NAME", words


def command_problems(command: Mapping[str, Any], path: Path = ()) -> Iterator[Problem]:
    """Yield what is wrong with one command."""
    kind = kind_of(command)
    if not is_int(kind) or kind not in _TYPES:
        yield (*path, "type"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}."
        return
    if kind == CHAT_INPUT:
        yield from _typed(command, path)
    else:
        yield from _in_menu(command, path)
    permissions = command.get("default_member_permissions")
    if permissions is not None and not _is_permissions(permissions):
        yield (
            (*path, "default_member_permissions"),
            "NUMBER_TYPE_COERCE",
            f'Value "{permissions}" is not int.',
        )
    for key in ("dm_permission", "nsfw"):
        yield from boolean(command, key, path)
    for key, most in (("contexts", 2), ("integration_types", 1)):
        yield from _set_of(command.get(key), (*path, key), most)


def _typed(command: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    """Yield what is wrong with a command that is typed."""
    yield from name_problems(command, "name", path)
    yield from translation_problems(command, "name_localizations", path, name_problems)
    yield from description_problems(command, "description", path)
    yield from translation_problems(
        command, "description_localizations", path, description_problems
    )
    yield from option_problems(command.get("options"), (*path, "options"))
    if _total(command) > TOTAL_LENGTH:
        words = f"Command exceeds maximum size ({TOTAL_LENGTH})"
        yield path, "APPLICATION_COMMAND_TOO_LARGE", words


def _in_menu(command: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    """Yield what is wrong with a command that a menu shows."""
    yield from label_problems(command, "name", path)
    yield from translation_problems(command, "name_localizations", path, label_problems)
    for key in ("description", "description_localizations"):
        if command.get(key):
            yield (*path, key), "BASE_TYPE_MAX_LENGTH", "Must be 0 or fewer in length."
    if command.get("options"):
        words = "Context menu commands cannot have options"
        yield (*path, "options"), "APPLICATION_COMMAND_OPTIONS_NOT_ALLOWED", words


def _is_permissions(value: object) -> bool:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    return isinstance(value, int) and is_int(value) and 0 <= value <= MOST_PERMISSIONS


def _set_of(value: object, path: Path, most: int) -> Iterator[Problem]:
    if value is None:
        return
    entries, problems = listed(value, path, 1, most + 1)
    yield from problems
    if len({str(entry) for entry in entries}) != len(entries):
        yield path, "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value"
    for number, entry in enumerate(entries):
        if not is_int(entry) or not 0 <= entry <= most:
            words = f"Value must be one of {set(range(most + 1))}."
            yield (*path, str(number)), "BASE_TYPE_CHOICES", words


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
