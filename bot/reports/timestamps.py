"""The newest timestamp of all events, whatever stands among them.

One event with a text that is no time, or from a client whose clock is years
ahead, would else be the newest for ever and hide that nothing comes any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema
from bot.backend.kept import execute_kept
from bot.reports.matching import text_of
from bot.reports.moments import parse_moment

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection, Select

    from bot.reports.views import View

SKEW = timedelta(minutes=5)
"""How far a player's clock may be ahead of ours."""

_TRIES = 50
_BEFORE = sa.bindparam("before", type_=sa.String)
_DAY_GLOB = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
_TIME_GLOB = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9]*"
_DAY_REGEX = "^[0-9]{4}-[01][0-9]-[0-3][0-9]"
_TIME_REGEX = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9]"


def newest_time(connection: Connection, view: View, now: datetime) -> str | None:
    """Return the newest timestamp that is a time and not after ``now``, as the database has it.

    Usually one look at the end of an index. What looks like no time is left
    out by the database only where it is met.
    """
    before = bound(now)
    text = _ask(connection, newest_before(view, shaped=False), before)
    if not text or is_past(text, now):
        return text
    for _ in range(_TRIES):
        text = _ask(connection, newest_before(view, shaped=True), before)
        if not text or is_past(text, now):
            return text
        before = text
    return None


def is_past(text: str, now: datetime | None) -> bool:
    """Whether a text is a time, and not after ``now``; None lets any time pass."""
    moment = parse_moment(text)
    return moment is not None and (now is None or moment - SKEW <= now)


def newest_of(texts: Collection[str], now: datetime | None) -> str | None:
    """Return the newest of some timestamps that is a time and not after ``now``.

    One of them is parsed, as a rule; all are only where odd ones are met.
    """
    newest = max(texts, default="")
    if newest and not is_past(newest, now):
        newest = max((text for text in set(texts) if is_past(text, now)), default="")
    return newest or None


def bound(now: datetime) -> str:
    """Return the text before which all timestamps sort that are not after ``now``."""
    return (now + SKEW + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=64)
def newest_before(view: View, *, shaped: bool) -> Select[Any]:
    """The greatest timestamp below the bind ``before``.

    Parameters
    ----------
    shaped
        Whether only those count that begin like a time.
    """
    timestamp = _comparable(view)
    conditions = [timestamp < _BEFORE]
    if shaped:
        conditions.append(_looks_like_time(view))
    return sa.select(sa.func.max(timestamp)).select_from(schema.event).where(*conditions)


@lru_cache(maxsize=64)
def odd_timestamps(view: View) -> Select[int, Any]:
    """How many events have no time of the usual form below ``before``, and one such text.

    A blank in place of the T sorts before midnight: the event falls into the day before.
    """
    odd = sa.not_(sa.and_(_comparable(view) < _BEFORE, _looks_like_time(view, between="T")))
    timestamp = schema.event.c.timestamp
    return (
        sa.select(sa.func.count(), sa.func.max(timestamp))
        .select_from(schema.event)
        .where(sa.or_(timestamp.is_(None), odd))
    )


def _comparable(view: View) -> ColumnElement[Any]:
    timestamp = view.text("event", "timestamp")
    return view.exact(timestamp) if view.dialect == "postgresql" else timestamp  # as its index is


def _looks_like_time(view: View, *, between: str = "[T ]") -> ColumnElement[bool]:
    timestamp = view.text("event", "timestamp")
    if view.dialect == "sqlite":
        return timestamp.op("GLOB", is_comparison=True)(f"{_DAY_GLOB}{between}{_TIME_GLOB}")
    if view.dialect != "postgresql":
        timestamp = view.exact(timestamp)
    return timestamp.regexp_match(f"{_DAY_REGEX}{between}{_TIME_REGEX}")


def _ask(connection: Connection, statement: Select[Any], before: str) -> str | None:
    found = execute_kept(connection, statement, {"before": before}).scalar()
    return None if found is None else text_of(found)
