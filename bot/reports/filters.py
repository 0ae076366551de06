"""What a report is narrowed to."""

from __future__ import annotations

from dataclasses import dataclass


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

    def __bool__(self) -> bool:
        return bool(self.systems or self.factions or self.cmdrs or self.settlements)


NO_FILTERS = Filters()
"""Does not narrow anything."""
