"""What Discord refuses in the names of commands and options, and in translations."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from bot.sandbox.rules.fields import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bot.sandbox.validation import Path, Problem

    Judge = Callable[[Mapping[str, Any], str, Path], Iterator[Problem]]

NAME_LENGTH = 32
DESCRIPTION_LENGTH = 100
LANGUAGES = 34
_SIGNS = "-_'"
# Unicode's scripts Devanagari and Thai, whose vowels are signs and no letters.
_WITH_SIGNS = (
    range(0x900, 0x951),
    range(0x955, 0x964),
    range(0x966, 0x980),
    range(0xA8E0, 0xA900),
    range(0x11B00, 0x11B0A),
    range(0xE01, 0xE3B),
    range(0xE40, 0xE5C),
)


def name_problems(holder: Mapping[str, Any], key: str, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the name of a command that is typed, or of an option."""
    problems = list(text(holder, key, 1, NAME_LENGTH, path, required=True))
    yield from problems
    name = holder.get(key)
    if problems or not isinstance(name, str):
        return
    if name != name.lower() or not all(map(_fits, name)):
        yield (*path, key), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid"


def _fits(letter: str) -> bool:
    return (
        letter in _SIGNS
        or unicodedata.category(letter)[0] in "LN"
        or any(ord(letter) in signs for signs in _WITH_SIGNS)
    )


def label_problems(holder: Mapping[str, Any], key: str, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with the name of a command in a menu."""
    yield from text(holder, key, 1, NAME_LENGTH, path, required=True)


def description_problems(holder: Mapping[str, Any], key: str, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with a description."""
    yield from text(holder, key, 1, DESCRIPTION_LENGTH, path, required=True)


def translation_problems(
    holder: Mapping[str, Any], key: str, path: Path, judge: Judge
) -> Iterator[Problem]:
    """Yield what is wrong with the translations of a text.

    Parameters
    ----------
    key
        Of the translations, such as name_localizations.
    judge
        Yields what is wrong with one of them.
    """
    found, where = holder.get(key), (*path, key)
    if found is None:
        return
    if not isinstance(found, dict):
        yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
        return
    if len(found) > LANGUAGES:
        yield where, "BASE_TYPE_MAX_LENGTH", f"Must be {LANGUAGES} or fewer in length."
    for language in found:
        yield from judge(found, language, where)
