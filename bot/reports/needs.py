"""What each report reads of which table, and what of it a database lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.backend.shape import Shape


@dataclass(frozen=True, slots=True)
class Need:
    """What is read of one table.

    Attributes
    ----------
    required
        Columns without which the table counts as missing.
    optional
        Columns that read as NULL where they are absent.
    for_factions
        Columns that only a faction filter reads; NULL where absent.
    """

    table: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    for_factions: tuple[str, ...] = ()

    def met(self, shape: Shape) -> bool:
        """Whether the table can be used."""
        return all(shape.has(self.table, column) for column in self.required)

    def lacking(self, shape: Shape, *, by_faction: bool) -> list[str]:
        """Return what of this the database lacks, as ``table`` or ``table.column``."""
        if not shape.has(self.table):
            return [self.table]
        read = self.required + self.optional + (self.for_factions if by_faction else ())
        return [f"{self.table}.{column}" for column in read if not shape.has(self.table, column)]


def lacking(needs: Iterable[Need], shape: Shape, *, by_faction: bool) -> tuple[str, ...]:
    """Return what of all this the database lacks, sorted, each once."""
    names = {name for need in needs for name in need.lacking(shape, by_faction=by_faction)}
    return tuple(sorted(names))
