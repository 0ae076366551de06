"""The BGS ticks that a database knows of."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema
from bot.periods import Period, Tick, Window
from bot.reports.matching import TickSpan, text_of
from bot.reports.moments import parse_moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from bot.reports.views import View

RUN = timedelta(hours=3)
"""Ids that follow the first of a run by less than this are the same tick."""

FORCED = ("frc-", "000000")
UNKNOWN_TICK = "unknown_tickid"


@lru_cache(maxsize=64)
def tick_ids_and_times(view: View) -> Select[Any]:
    """Each pair of tickid and ticktime that occurs."""
    pair = (schema.event.c.tickid, schema.event.c.ticktime)
    return sa.select(*map(view.plain, pair)).group_by(*map(view.exact, pair))


def read_ticks(connection: Connection, view: View, now: datetime) -> tuple[Tick, ...]:
    """Return the ticks up to ``now``, oldest first; none where there are no such columns."""
    if not (view.has("event", "tickid") and view.has("event", "ticktime")):
        return ()
    rows = connection.execute(tick_ids_and_times(view))
    return ticks_of(((text_of(tick), text_of(time)) for tick, time in rows), now)


def ticks_of(pairs: Iterable[tuple[str, str]], now: datetime) -> tuple[Tick, ...]:
    """Return the ticks that these pairs of tickid and ticktime tell of, oldest first.

    Forced ticks count only where there are no others; ticks after ``now`` never.
    """
    earliest = _earliest_times(pairs)
    own = {key: time for key, time in earliest.items() if not key.startswith(FORCED)}
    ticks: list[Tick] = []
    for time, key in sorted((time, key) for key, time in (own or earliest).items()):
        if time > now:
            break
        if not ticks or time - ticks[-1].time >= RUN:
            ticks.append(Tick(key, time))
    return tuple(ticks)


def _earliest_times(pairs: Iterable[tuple[str, str]]) -> dict[str, datetime]:
    earliest: dict[str, datetime] = {}
    for key, text in pairs:
        time = parse_moment(text)
        if time is None or key in ("", UNKNOWN_TICK):
            continue
        if key not in earliest or time < earliest[key]:
            earliest[key] = time
    return earliest


def tick_window(period: Period, ticks: tuple[Tick, ...]) -> tuple[Window, TickSpan | None]:
    """Return the window of a tick period and the times that belong to it."""
    place = -1 if period is Period.THIS_TICK else -2
    if len(ticks) < -place:
        return Window(period), None
    tick = ticks[place]
    until = ticks[-1].time if period is Period.LAST_TICK else None
    return Window(period, tick=tick), TickSpan(tick.time, until)
