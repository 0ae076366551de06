"""What a report is narrowed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Filters:
    """Names a report is narrowed to; an empty tuple does not narrow.

    Names are compared whole, by Unicode casefold. Several names of one kind
    mean "any of them".

    Attributes
    ----------
    systems, cmdrs
        ``event.starsystem`` and ``event.cmdr``.
    factions
        The faction the work was for.
    settlements
        The settlement of a ground CZ.
    """

    systems: tuple[str, ...] = ()
    factions: tuple[str, ...] = ()
    cmdrs: tuple[str, ...] = ()
    settlements: tuple[str, ...] = ()

    def named(self) -> Iterator[tuple[str, str]]:
        """Yield each name with what it names, such as ``("system", "Sol")``."""
        kinds = {
            "system": self.systems,
            "settlement": self.settlements,
            "faction": self.factions,
            "CMDR": self.cmdrs,
        }
        for kind, names in kinds.items():
            for name in names:
                yield kind, name

    def __bool__(self) -> bool:
        return bool(self.systems or self.factions or self.cmdrs or self.settlements)


NO_FILTERS = Filters()
"""Does not narrow anything."""
