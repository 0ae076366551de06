"""How a claimed part ends, each way in one transaction.

All but `Settling.settle_sent` change a part only while the claim is in force,
and give the claim back.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select, update

from bot.delivery.state.model import Part, PartState, storable
from bot.delivery.state.queries import (
    changed,
    has_key,
    insert_new,
    into_doubt,
    is_held,
    is_unclaimed,
    lock,
    message_name,
    moment,
    part_by_id,
    parts_of,
    state,
)
from bot.delivery.state.records import Records
from bot.delivery.state.tables import message, part

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.delivery.state.model import DeliveryKey

log = logging.getLogger(__name__)

_SKEW = timedelta(minutes=1)  # clocks of processes may differ
_TAKEN = "the message found for this part proved to be another part's"


class Settling(Records):
    """The ends a part can come to."""

    def settle_sent(
        self,
        claimed: Part,
        message_id: str | None,
        thread_id: str | None = None,
        *,
        found: bool = False,
    ) -> bool:
        """Record that a part has arrived.

        A fact, so it is recorded even if the claim was lost meanwhile: whoever
        has it now then finds that there is nothing to send any more. Recording
        the same message twice is harmless.

        Parameters
        ----------
        message_id
            None where the answer was too damaged to tell it.
        thread_id
            The thread it really went to, such as a new forum post.
        found
            The message was found by looking, not answered to this part's own
            request. A message is found for one part only.

        Returns
        -------
        bool
            False if the message was found but belongs to another part, or the
            part has another message already; nothing is changed then. Always
            True for a part's own request.
        """

        def work(connection: Connection) -> bool:
            lock(connection, claimed.id)
            current = part_by_id(connection, claimed.id)
            if current is None:
                return False
            if current.state is PartState.SENT and current.message_id == message_id:
                return True
            if found and (current.state is PartState.SENT or message_id is None):
                return False
            if message_id is not None and not self._take(connection, current, message_id, found):
                return False
            self._mark_sent(connection, claimed, message_id, thread_id)
            return True

        return self._database.write(work)

    def _take(self, connection: Connection, current: Part, message_id: str, found: bool) -> bool:
        name = message_name(current.key.channel, message_id)
        values = {
            "message_id": name,
            "part_id": current.id,
            "found": int(found),
            "recorded_at": self._clock(),
        }
        if insert_new(connection, message, values):
            return True
        if found:
            return False
        # Somebody looking for a message of the same words took this one before its answer came.
        # (Ids may also come twice from servers that are not Discord: a message found before this
        # part's request was begun is not its own, and is left as it is.)
        same = message.c.message_id == name
        query = select(message.c.part_id).where(same, message.c.found == 1)
        if current.last_sent_at is not None:
            query = query.where(message.c.recorded_at >= current.last_sent_at - _SKEW)
        loser = connection.execute(query.with_for_update()).scalar()
        if loser is not None and loser != current.id:
            connection.execute(update(message).where(same).values(part_id=current.id, found=0))
            self._back_into_doubt(connection, loser, storable(message_id))
        return True

    def _back_into_doubt(self, connection: Connection, part_id: int, message_id: str) -> None:
        again = changed(
            connection,
            (part.c.id == part_id)
            & (part.c.state == PartState.SENT)
            & (part.c.message_id == message_id),
            **self._ending(PartState.IN_DOUBT, _TAKEN),
            message_id=None,
            thread_id=None,
        )
        if again:
            log.warning("Part %s is in doubt again: %s", part_id, _TAKEN)

    def _mark_sent(
        self,
        connection: Connection,
        claimed: Part,
        message_id: str | None,
        thread_id: str | None,
    ) -> None:
        first = changed(
            connection,
            (part.c.id == claimed.id) & (part.c.state != PartState.SENT),
            **self._ending(PartState.SENT, None),
            message_id=None if message_id is None else storable(message_id),
            thread_id=None if thread_id is None else storable(thread_id),
            failing_since=None,
        )
        if not first:
            log.warning(
                "Part %s of %s for %s has arrived twice (also as message %s)",
                claimed.part,
                claimed.key.report,
                claimed.key.tenant,
                message_id,
            )

    def settle_failed(
        self, claimed: Part, error: str, next_attempt_at: datetime | None = None
    ) -> bool:
        """Record that a part was surely not taken and will be tried again.

        Parameters
        ----------
        error
            What happened, for the admin; no secrets.
        next_attempt_at
            When to try again; None means at once.

        Returns
        -------
        bool
            False if the claim was lost; nothing is changed then. So for all
            that follow.
        """
        return self._end(claimed, PartState.FAILED, error, next_attempt_at)

    def settle_in_doubt(
        self, claimed: Part, error: str, next_attempt_at: datetime | None = None
    ) -> bool:
        """Record that nobody knows whether a part has arrived."""
        return self._end(claimed, PartState.IN_DOUBT, error, next_attempt_at, in_doubt=True)

    def settle_gave_up(self, claimed: Part, error: str, *, in_doubt: bool = False) -> bool:
        """Record that a part has failed for too long; `reset_failed` revives it.

        Parameters
        ----------
        in_doubt
            Whether its last request has had no clear answer, so that it must
            be looked for before it is ever sent again.
        """
        return self._end(claimed, PartState.GAVE_UP, error, in_doubt=in_doubt)

    def settle_broken(self, claimed: Part, error: str) -> bool:
        """Record that a part was refused for good; `reset_failed` revives it."""
        return self._end(claimed, PartState.BROKEN, error)

    def settle_skipped(self, claimed: Part, error: str) -> bool:
        """Record that a part in doubt is left alone (``IN_DOUBT=skip``)."""
        return self._end(claimed, PartState.SKIPPED, error)

    def settle_partly(self, claimed: Part, error: str) -> bool:
        """Record that only some of a part's recipients have it; nothing sends it to them again."""
        return self._end(claimed, PartState.PARTLY_SENT, error)

    def _end(
        self,
        claimed: Part,
        end: PartState,
        error: str,
        next_attempt_at: datetime | None = None,
        *,
        in_doubt: bool = False,
    ) -> bool:
        def work(connection: Connection) -> bool:
            values = self._ending(end, storable(error))
            if not end.settled:
                values["failing_since"] = func.coalesce(
                    part.c.failing_since, moment(values["updated_at"])
                )
                values["next_attempt_at"] = next_attempt_at
            if in_doubt:
                values |= into_doubt(part.c.state == PartState.SENDING)
            return changed(connection, is_held(claimed), **values)

        settled = self._database.write(work)
        if not settled:
            log.info("Part %s is no longer ours; not recorded: %s", claimed.id, error)
        return settled

    def _ending(self, end: PartState, error: str | None) -> dict[str, Any]:
        now = self._clock()
        return {
            "state": end,
            "error": error,
            "claim": None,
            "lease_until": None,
            "next_attempt_at": None,
            "settled_at": now if end.settled else None,
            "updated_at": now,
        }

    def move(self, key: DeliveryKey, channel: str) -> bool:
        """Let the parts of a delivery go to another channel, which took its place.

        Returns
        -------
        bool
            False if that channel has a delivery of its own already, or one of
            the parts is claimed; nothing is changed then.
        """
        heir = replace(key, channel=channel)

        def work(connection: Connection) -> bool:
            if parts_of(connection, heir):
                return False
            now = self._clock()
            rows = connection.execute(
                select(part.c.id).where(has_key(key)).order_by(part.c.part).with_for_update()
            ).scalars()
            ids = list(rows)
            values = {"channel": heir.channel, "thread_id": None, "updated_at": now}
            held = select(part.c.id).where(part.c.id.in_(ids), ~is_unclaimed(now))
            if not ids or connection.execute(held).first() is not None:
                return False
            connection.execute(update(part).where(part.c.id.in_(ids)).values(values))
            return True

        return self._database.write(work)

    def reset_failed(self, tenant: str | None = None, *, skipped: bool = False) -> int:
        """Have failed parts tried again at once, whatever they waited for.

        Not those that some of their recipients have.
        Those that were ever in doubt come back in doubt, so that they are
        looked for first. The time after which they, and parts that wait
        behind them, are given up starts anew (`Part.failing_since`).

        Parameters
        ----------
        tenant
            Only this tenant's.
        skipped
            Also those that were left alone in doubt.

        Returns
        -------
        int
            How many parts.
        """
        ends = {PartState.FAILED, PartState.GAVE_UP, PartState.BROKEN, PartState.IN_DOUBT}
        if skipped:
            ends.add(PartState.SKIPPED)

        def work(connection: Connection) -> int:
            now = self._clock()
            free = is_unclaimed(now)
            if tenant is not None:
                free &= part.c.tenant == tenant
            doubtful = part.c.in_doubt_since.is_not(None) | (part.c.state == PartState.IN_DOUBT)
            values = self._ending(PartState.PENDING, None) | {
                "state": case(
                    (doubtful, state(PartState.IN_DOUBT)), else_=state(PartState.PENDING)
                ),
                "error": part.c.error,
                "failing_since": now,
            }
            waiting = free & (part.c.state == PartState.PENDING)
            connection.execute(update(part).where(waiting).values(failing_since=now))
            failed = free & part.c.state.in_(sorted(ends))
            return connection.execute(update(part).where(failed).values(**values)).rowcount

        return self._database.write(work)
