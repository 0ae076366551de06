"""Checks of single fields, in Discord's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.validation import length

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.sandbox.validation import Path, Problem

# Clients in JavaScript know whole numbers up to here.
MOST_EXACT = 2**53 - 1


def is_int(value: object) -> bool:
    """Return whether a JSON value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def text(
    holder: Mapping[str, Any],
    key: str,
    least: int,
    most: int,
    path: Path,
    *,
    required: bool = False,
) -> Iterator[Problem]:
    """Yield what is wrong with a text."""
    value, where = holder.get(key), (*path, key)
    if value is None:
        if required:
            yield where, "BASE_TYPE_REQUIRED", "This field is required"
    elif not isinstance(value, str):
        yield where, "STRING_TYPE_CONVERT", "Could not interpret value as string."
    elif not value.strip() and least and required:
        yield where, "BASE_TYPE_REQUIRED", "This field is required"
    elif not least <= length(value) <= most:
        words = f"Must be between {least} and {most} in length."
        yield where, "BASE_TYPE_BAD_LENGTH", words


def bounded_int(
    holder: Mapping[str, Any], key: str, least: int, most: int, path: Path
) -> Iterator[Problem]:
    """Yield what is wrong with a whole number."""
    value, where = holder.get(key), (*path, key)
    if value is None:
        return
    if not is_int(value):
        yield where, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.'
    elif value < least:
        words = f"int value should be greater than or equal to {least}."
        yield where, "NUMBER_TYPE_MIN", words
    elif value > most:
        words = f"int value should be less than or equal to {most}."
        yield where, "NUMBER_TYPE_MAX", words


def bounded_number(
    holder: Mapping[str, Any], key: str, path: Path, *, whole: bool
) -> Iterator[Problem]:
    """Yield what is wrong with a number that every client has to hold exactly."""
    value = holder.get(key)
    if isinstance(value, float) and not whole:
        if not -MOST_EXACT <= value <= MOST_EXACT:
            yield (*path, key), "NUMBER_TYPE_COERCE", f'Value "{value}" is too large.'
    else:
        yield from bounded_int(holder, key, -MOST_EXACT, MOST_EXACT, path)


def boolean(holder: Mapping[str, Any], key: str, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with a truth value."""
    value = holder.get(key)
    if value is not None and not isinstance(value, bool):
        yield (*path, key), "BOOLEAN_TYPE_CONVERT", "Must be either true or false."


def listed(value: object, path: Path, least: int, most: int) -> tuple[list[Any], list[Problem]]:
    """Return the entries of a list, and what is wrong with it."""
    if not isinstance(value, list):
        return [], [(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")]
    if not least <= len(value) <= most:
        words = f"Must be between {least} and {most} in length."
        return value[:most], [(path, "BASE_TYPE_BAD_LENGTH", words)]
    return value, []


def one_of(value: object, allowed: tuple[int, ...], path: Path) -> Iterator[Problem]:
    """Yield what is wrong with a value of a fixed set."""
    if not is_int(value) or value not in allowed:
        names = ", ".join(map(str, allowed))
        yield path, "BASE_TYPE_CHOICES", f"Value must be one of {{{names}}}."
