"""What a report is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from tests.truth.rows import Row


@dataclass(frozen=True)
class Question:
    """What is asked: names narrow, an empty list does not."""

    report: str
    code: str
    now: datetime
    faction_name: str | None = None
    systems: tuple[str, ...] = ()
    factions: tuple[str, ...] = ()
    cmdrs: tuple[str, ...] = ()
    settlements: tuple[str, ...] = ()
    top: int | None = 5

    def wants(self, event: Row) -> bool:
        """Whether an event is of the systems and CMDRs that are asked for."""
        if self.systems and not among([event["starsystem"]], self.systems):
            return False
        return not self.cmdrs or among([event["cmdr"]], self.cmdrs)


def among(names: list[Any], wanted: tuple[str, ...]) -> bool:
    """Whether one of the names is one of those wanted."""
    return any((name or "").casefold() == other.casefold() for name in names for other in wanted)
