"""When a database's newest event happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bot.backend.kept import execute_kept
from bot.reports.matching import text_of
from bot.reports.running import read_again_if_unreadable
from bot.reports.timestamps import bound, newest_time, odd_timestamps
from bot.reports.views import Bounds, View

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.backend.engines import TenantDatabase

T = TypeVar("T")


class OddEvents(NamedTuple):
    """Events whose timestamp is no time, or still to come.

    Attributes
    ----------
    example
        One such timestamp, untrusted; '' where it is empty.
    """

    number: int
    example: str


def newest_event(db: TenantDatabase, now: datetime) -> str | None:
    """Return the newest timestamp that is a time and not after ``now``, as the database has it.

    Returns
    -------
    str or None
        None where there is no such event, or no such column.

    Raises
    ------
    DatabaseError
        If the database cannot be read, or not in time.
    """
    return _read(db, lambda connection, view: newest_time(connection, view, now), None)


def odd_events(db: TenantDatabase, now: datetime) -> OddEvents:
    """Return how many events have a timestamp that is still to come, or not as clients write it.

    All events are read for it.

    Raises
    ------
    DatabaseError
        As `newest_event`.
    """

    def count(connection: Connection, view: View) -> OddEvents:
        row = execute_kept(connection, odd_timestamps(view), {"before": bound(now)}).one()
        return OddEvents(int(row[0]), text_of(row[1]))

    return _read(db, count, OddEvents(0, ""))


def _read(db: TenantDatabase, ask: Callable[[Connection, View], T], nothing: T) -> T:
    shape = db.shape
    if not shape.has("event", "timestamp"):
        return nothing

    def attempt() -> T:
        with db.read() as connection:
            return ask(connection, View.of(connection.dialect.name, shape, Bounds.NONE))

    return read_again_if_unreadable(attempt)
