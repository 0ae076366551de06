"""How often somebody may try a link key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, select, update

from bot.delivery.state.records import Records
from bot.delivery.state.tables import link_attempt

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

USER_LIMIT = 5
"""Attempts of one user, in whichever guilds, within `USER_SPAN`."""
USER_SPAN = timedelta(minutes=15)

GUILD_LIMIT = 20
"""Attempts in one guild, by whomever, within `GUILD_SPAN`."""
GUILD_SPAN = timedelta(minutes=60)

_LONGEST = max(USER_SPAN, GUILD_SPAN)
_ADVISORY_LOCK = 0x6267735F6B6579  # "bgs_key"


class Attempts(Records):
    """Counts attempts at link keys, over all processes."""

    def try_key(self, guild_id: int, user_id: int) -> datetime | None:
        """Count an attempt, unless there were too many.

        Returns
        -------
        datetime or None
            None if the attempt is allowed. Otherwise when the next one will
            be; this one is not counted then.
        """
        limits = (
            (link_attempt.c.user_id == user_id, USER_LIMIT, USER_SPAN),
            (link_attempt.c.guild_id == guild_id, GUILD_LIMIT, GUILD_SPAN),
        )

        def work(connection: Connection) -> datetime | None:
            _queue_up(connection)
            now = self._clock()
            _forget_old(connection, now)
            moments = [_free_at(connection, now, *limit) for limit in limits]
            waits = [moment for moment in moments if moment is not None]
            if waits:
                return max(waits)
            values = {"guild_id": guild_id, "user_id": user_id, "attempted_at": now}
            connection.execute(link_attempt.insert().values(values))
            return None

        return self._database.write(work)

    def forget_attempts(self, guild_id: int, user_id: int) -> None:
        """Let a user whose key was right begin anew.

        The guild's count stays: whoever knows one key could otherwise try for
        another without end, by typing the right one in between.
        """
        theirs = (link_attempt.c.guild_id == guild_id, link_attempt.c.user_id == user_id)
        statement = update(link_attempt).where(*theirs).values(user_id=None)

        def work(connection: Connection) -> None:
            _queue_up(connection)
            connection.execute(statement)

        self._database.write(work)


def _queue_up(connection: Connection) -> None:
    """Let one transaction at a time count; SQLite's write lock does that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))


def _forget_old(connection: Connection, now: datetime) -> None:
    """Remove what counts no more, and what a clock that ran ahead has left."""
    moment = link_attempt.c.attempted_at
    stale = or_(moment <= now - _LONGEST, moment > now + _LONGEST)
    connection.execute(delete(link_attempt).where(stale))


def _free_at(
    connection: Connection, now: datetime, whose: ColumnElement[bool], limit: int, span: timedelta
) -> datetime | None:
    """Return when fewer attempts than the limit will be within the span; None if they are now."""
    moment = link_attempt.c.attempted_at
    query = select(moment).where(whose, moment > now - span).order_by(moment.desc())
    oldest: datetime | None = connection.execute(query.offset(limit - 1).limit(1)).scalar()
    return None if oldest is None else oldest + span
