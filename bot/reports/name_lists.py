"""Names that begin with, or contain, what somebody has typed so far."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.reports.names import Name

LONGEST_NAME = 100
"""UTF-16 units that Discord allows a suggestion; a name is never cut, or it would match nothing."""

_LONGEST_TYPED = 400
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs that draw nothing."""

_BLANK_CATEGORIES = frozenset(("Cc", "Cf", "Mn", "Me", "Zs", "Zl", "Zp"))


class _Entry(NamedTuple):
    """A name to suggest: as it is shown, and as it is compared."""

    text: str
    key: str
    events: int


class NameList:
    """Names of one kind, by what their events have of other kinds.

    Parameters
    ----------
    names
        The names, most frequent first. Those that nobody could see or choose
        are left out; of those that differ by case, or by space at their ends
        (which Discord takes for the same), only the first is kept.
    """

    def __init__(self, names: Iterable[Name]) -> None:
        beside: dict[tuple[str, ...], list[Name]] = defaultdict(list)
        for name in names:
            if _can_be_chosen(name.text):
                beside[tuple(other.casefold() for other in name.beside)].append(name)
        self._beside = {others: _entries(found) for others, found in beside.items()}

    def matching(
        self, typed: str, limit: int, others: Sequence[frozenset[str]] = ()
    ) -> list[str] | None:
        """Return the names for what was typed, best first.

        First come those that begin with it, then those with a word that does,
        then those that contain it; among equals the most frequent. Neither case
        nor accents matter. Nothing typed gives the most frequent.

        Parameters
        ----------
        typed
            Any text.
        limit
            The most names to return.
        others
            The folded names of each other kind, in the order of the names' own.

        Returns
        -------
        list of str or None
            None where no name at all has these others beside it.
        """
        entries = self._narrowed(others)
        if not entries and others:
            return None
        typed = typed.strip()
        if len(typed) > _LONGEST_TYPED:
            return []
        return _matching(entries, comparable(typed), limit)

    def _narrowed(self, others: Sequence[frozenset[str]]) -> Sequence[_Entry]:
        found = [
            self._beside[combination]
            for combination in product(*others)
            if combination in self._beside
        ]
        if len(found) == 1:
            return found[0]
        return _merged(entry for entries in found for entry in entries)


def comparable(text: str) -> str:
    """Return a text without case, accents and space at its ends.

    Of a text that is nothing but accents these stay.
    """
    folded = _folded(text)
    if folded.isascii():
        return folded
    return "".join(map(_bare, folded)).casefold().strip() or folded


@lru_cache(maxsize=4096)
def _bare(sign: str) -> str:
    """A sign without its accents; one that would be blank stays as it is."""
    if unicodedata.combining(sign):
        return ""
    apart = unicodedata.normalize("NFKD", sign)
    bare = "".join(part for part in apart if not unicodedata.combining(part))
    return bare if bare.strip() else sign


def _matching(entries: Iterable[_Entry], typed: str, limit: int) -> list[str]:
    beginning: list[str] = []
    with_word: list[str] = []
    containing: list[str] = []
    for text, key, _ in entries:
        if typed not in key:
            continue
        if key.startswith(typed):
            beginning.append(text)
            if len(beginning) >= limit:
                break
        elif _has_word(key, typed):
            with_word.append(text)
        else:
            containing.append(text)
    return [*beginning, *with_word, *containing][:limit]


def _has_word(key: str, typed: str) -> bool:
    place = key.find(typed)
    while place >= 0:
        if not key[place - 1].isalnum():
            return True
        place = key.find(typed, place + 1)
    return False


def _entries(names: Iterable[Name]) -> tuple[_Entry, ...]:
    """Names as entries; those that filters or Discord take for the same are one."""
    first: dict[str, Name] = {}
    events: dict[str, int] = defaultdict(int)
    for name in names:
        folded = _folded(name.text)
        first.setdefault(folded, name)
        events[folded] += name.events
    return _by_events(
        {
            folded: _Entry(name.text, comparable(name.text), events[folded])
            for folded, name in first.items()
        }
    )


def _merged(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    merged: dict[str, _Entry] = {}
    for entry in sorted(entries, key=lambda entry: (-entry.events, entry.text)):
        folded = _folded(entry.text)
        known = merged.get(folded)
        if known is None:
            merged[folded] = entry
        else:
            merged[folded] = known._replace(events=known.events + entry.events)
    return _by_events(merged)


def _by_events(entries: Mapping[str, _Entry]) -> tuple[_Entry, ...]:
    return tuple(sorted(entries.values(), key=lambda entry: (-entry.events, entry.text)))


def _folded(text: str) -> str:
    return text.casefold().strip()


def _can_be_chosen(name: str) -> bool:
    """Whether a name can be seen, and sent to Discord as it is."""
    try:
        units = len(name.encode("utf-16-le")) // 2
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return units <= LONGEST_NAME and any(map(_is_visible, name))


def _is_visible(sign: str) -> bool:
    return sign not in _BLANK_LETTERS and unicodedata.category(sign) not in _BLANK_CATEGORIES
