"""What every part of the ledger stands on: a database and a clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.delivery.state.database import StateDatabase


class Records:
    """Base of the ledger's classes, each of which serves one purpose."""

    def __init__(self, database: StateDatabase, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    @property
    def database(self) -> StateDatabase:
        """The state database, to be shared with what else is kept there."""
        return self._database
