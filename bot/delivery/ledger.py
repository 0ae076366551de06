"""The ledger: what is to be posted, who is posting it, and what became of it.

Written down, sent, settled: each change is one method and one transaction.
A unique key lets a post be planned once; a claim with a lease lets one owner
at a time work on a part; a request is begun only by whoever still holds the
claim. Losing such a race is a normal result, told by the return value.
"""

from __future__ import annotations

import itertools
import logging
import os
import platform
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import and_, case, func, or_, select, update

from bot.delivery.state.database import StateDatabase, ledger_exists
from bot.delivery.state.errors import LedgerError
from bot.delivery.state.model import (
    ARRIVED,
    UNPLANNED_STATES,
    BrokenWebhook,
    DeliveryKey,
    Part,
    PartState,
    Standing,
    Totals,
    storable,
)
from bot.delivery.state.notes import Notes
from bot.delivery.state.queries import (
    changed,
    claimable,
    has_key,
    insert_new,
    into_doubt,
    is_due,
    is_held,
    is_unsettled,
    key_values,
    lock,
    moment,
    part_by_id,
    parts_of,
    state,
)
from bot.delivery.state.reading import Reading
from bot.delivery.state.settling import Settling
from bot.delivery.state.tables import part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType

    from sqlalchemy import Connection

__all__ = [
    "ARRIVED",
    "BrokenWebhook",
    "DeliveryKey",
    "Ledger",
    "LedgerError",
    "Part",
    "PartState",
    "Standing",
    "Totals",
    "ledger_exists",
]

log = logging.getLogger(__name__)

_KILLED = "the process ended or stalled while it was sending"


def utc_now() -> datetime:
    """Return the real time."""
    return datetime.now(UTC)


class Ledger(Reading, Settling, Notes):
    """One bot's view of the shared ledger; thread-safe.

    Make it with `open`. Methods that change a claimed part take the `Part`
    that `claim` returned: it names the claim, so that a part that was lost
    and claimed anew, even by the same process, is not mistaken for one's own.
    Every method may raise `LedgerError`; none of them leaves a change half
    done.
    """

    def __init__(
        self,
        database: StateDatabase,
        *,
        owner: str,
        lease_seconds: float,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(database, clock)
        self.owner = owner
        self._lease = timedelta(seconds=lease_seconds)
        self._claims = itertools.count(1)

    @classmethod
    def open(
        cls,
        uri: str,
        *,
        owner: str | None = None,
        lease_seconds: float = 30.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> Self:
        """Open the ledger; make and migrate the database where needed.

        Parameters
        ----------
        uri
            ``sqlite:`` with a file's path, or ``postgres:``/``postgresql:``.
            To look without making one, ask `ledger_exists` first.
        owner
            A name for this process that no other one has; default made up.
        lease_seconds
            How long a claim holds without `renew`.
        clock
            Returns the real time, aware.
        """
        name = owner or f"{platform.node()}-{os.getpid()}-{secrets.token_hex(4)}"
        return cls(
            StateDatabase(uri), owner=storable(name), lease_seconds=lease_seconds, clock=clock
        )

    def close(self) -> None:
        """Close all connections; claims are left to their leases."""
        self._database.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def where(self) -> str:
        """The database: a path or ``server:port/name``, without secrets."""
        return self._database.where

    @property
    def connections_in_use(self) -> int:
        """How many connections are in use at this moment; 0 between calls."""
        return self._database.connections_in_use

    def plan(
        self,
        key: DeliveryKey,
        payloads: Sequence[dict[str, Any]],
        *,
        period: str,
        label: str,
    ) -> list[Part]:
        """Write a delivery down and return its parts.

        Messages that are written down already, by whomever, are returned
        unchanged. An ``EMPTY`` or ``UNPLANNED`` row gives way to them.

        Parameters
        ----------
        payloads
            The requests' bodies, in order. Without any, one ``EMPTY`` row
            remembers that there was nothing to post.
        period
            The period's code.
        label
            The window as shown to people.
        """
        end = PartState.PENDING if payloads else PartState.EMPTY
        delivery = {
            **key_values(key),
            "parts": len(payloads),
            "period": storable(period),
            "label": storable(label),
            "state": end,
            "error": None,
        }

        def work(connection: Connection) -> list[Part]:
            now = self._clock()
            common = {**delivery, "planned_at": now, "updated_at": now}
            common |= {"settled_at": now if end.settled else None}
            rows = [
                {**common, "part": number, "payload": payload}
                for number, payload in enumerate(payloads or [{}], 1)
            ]
            if _begin(connection, key, rows[0]) and len(rows) > 1:
                connection.execute(part.insert(), rows[1:])
            return parts_of(connection, key)

        return self._database.write(work)

    def note_failure(self, key: DeliveryKey, error: str, *, period: str, label: str) -> None:
        """Remember that a report could not be computed; nothing if it is planned already.

        Each call counts as one attempt of the ``UNPLANNED`` row.
        """

        def work(connection: Connection) -> None:
            now = self._clock()
            row = {
                **key_values(key),
                "part": 1,
                "parts": 0,
                "period": storable(period),
                "label": storable(label),
                "state": PartState.UNPLANNED,
                "payload": {},
                "planned_at": now,
                "updated_at": now,
            }
            insert_new(connection, part, row)
            changed(
                connection,
                and_(has_key(key), part.c.state == PartState.UNPLANNED),
                attempts=part.c.attempts + 1,
                error=storable(error),
                failing_since=func.coalesce(part.c.failing_since, moment(now)),
                updated_at=now,
            )

        self._database.write(work)

    def claim(self, part_id: int, *, due_only: bool = False) -> Part | None:
        """Take a part for oneself until the lease ends.

        A part that was in doubt at any time, or whose owner was lost while it
        was sending, comes back as ``IN_DOUBT``, whatever became of it since:
        look for the message (sent since ``first_sent_at``) before sending.

        Parameters
        ----------
        due_only
            Also refuse a part whose ``next_attempt_at`` has not come.

        Returns
        -------
        Part or None
            None if another claim still holds (also one of this process), the
            part is settled or unknown, or an earlier part of the delivery is
            unsettled.
        """
        name = f"{self.owner}/{next(self._claims)}"

        def work(connection: Connection) -> Part | None:
            now = self._clock()
            free = and_(part.c.id == part_id, claimable(now))
            if due_only:
                free = and_(free, is_due(now))
            mine = select(part.c.id).where(free).with_for_update(skip_locked=True)
            if connection.execute(mine).first() is None:
                return None
            lost = part.c.state == PartState.SENDING
            doubtful = or_(lost, part.c.in_doubt_since.is_not(None))
            taken = changed(
                connection,
                free,
                claim=name,
                lease_until=now + self._lease,
                updated_at=now,
                state=case((doubtful, state(PartState.IN_DOUBT)), else_=part.c.state),
                error=case((lost, _KILLED), else_=part.c.error),
                **into_doubt(lost),
            )
            return part_by_id(connection, part_id) if taken else None

        claimed = self._database.write(work)
        if claimed is None:
            log.debug("Part %s is not to be had", part_id)
        return claimed

    def begin_send(self, claimed: Part) -> bool:
        """Note that the request is about to be written; the last check before it.

        Renews the lease. If this returns False the request must not be
        written: the claim was lost, or the part was settled meanwhile.
        """

        def work(connection: Connection) -> bool:
            lock(connection, claimed.id)
            now = self._clock()
            return changed(
                connection,
                and_(
                    is_held(claimed),
                    part.c.lease_until >= now,
                    is_unsettled(),
                    part.c.state != PartState.SENDING,
                ),
                state=PartState.SENDING,
                attempts=part.c.attempts + 1,
                first_sent_at=func.coalesce(part.c.first_sent_at, moment(now)),
                last_sent_at=now,
                lease_until=now + self._lease,
                updated_at=now,
            )

        return self._database.write(work)

    def renew(self, claimed: Iterable[Part]) -> set[int]:
        """Make leases last a full term again.

        Returns
        -------
        set of int
            Ids of the parts that are still held; the others are lost.
        """
        names = [one.claim for one in claimed if one.claim is not None]

        def work(connection: Connection) -> set[int]:
            now = self._clock()
            held = part.c.claim.in_(names)
            connection.execute(
                update(part).where(held).values(lease_until=now + self._lease, updated_at=now)
            )
            return set(connection.execute(select(part.c.id).where(held)).scalars())

        return self._database.write(work) if names else set()

    def release(self, claimed: Part) -> bool:
        """Give a claim back unused; a part that was being sent is in doubt then.

        Returns
        -------
        bool
            False if the claim was lost before.
        """

        def work(connection: Connection) -> bool:
            now = self._clock()
            sending = part.c.state == PartState.SENDING
            return changed(
                connection,
                is_held(claimed),
                claim=None,
                lease_until=None,
                updated_at=now,
                state=case((sending, state(PartState.IN_DOUBT)), else_=part.c.state),
                **into_doubt(sending),
            )

        return self._database.write(work)

    def count_attempt(self, claimed: Part) -> bool:
        """Note an attempt that ended before its request could be written."""

        def work(connection: Connection) -> bool:
            unwritten = and_(is_held(claimed), part.c.state != PartState.SENDING)
            return changed(connection, unwritten, attempts=part.c.attempts + 1)

        return self._database.write(work)

    def count_resend(self, claimed: Part) -> bool:
        """Note that a part in doubt is sent again though nobody could look."""

        def work(connection: Connection) -> bool:
            again = part.c.resent_in_doubt + 1
            return changed(connection, is_held(claimed), resent_in_doubt=again)

        return self._database.write(work)


def _begin(connection: Connection, key: DeliveryKey, first: dict[str, Any]) -> bool:
    """Write the first part of a delivery, or put it in place of a row without a message."""
    if insert_new(connection, part, first):
        return True
    empty = and_(has_key(key), part.c.state.in_(sorted(UNPLANNED_STATES)))
    return changed(connection, empty, **first, attempts=0, failing_since=None)
