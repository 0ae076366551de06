"""Questions to the ledger; none of them changes anything."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import case, func, not_, select

from bot.delivery.state.model import (
    TROUBLED,
    WELL,
    DeliveryKey,
    Part,
    PartState,
    Standing,
    Totals,
    key_text,
)
from bot.delivery.state.queries import (
    claimable,
    has_key,
    is_due,
    is_unsettled,
    key_columns,
    message_name,
    part_by_id,
    parts_of,
    to_part,
    waits_for_lower,
)
from bot.delivery.state.records import Records
from bot.delivery.state.tables import message, part

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Select

_IDS_PER_QUERY = 500
_INSTANT = timedelta(milliseconds=1)


class Reading(Records):
    """What the ledger holds."""

    def exists(self, key: DeliveryKey) -> bool:
        """Whether a delivery was ever written down, be it empty.

        One whose report could not be computed yet does not count.
        """
        known = part.c.state != PartState.UNPLANNED
        query = select(part.c.id).where(has_key(key), known).limit(1)
        return self._database.read(lambda connection: connection.execute(query).first() is not None)

    def delivered(self, key: DeliveryKey) -> bool:
        """Whether a delivery has arrived whole in its channel or in any other."""
        query = (
            select(part.c.channel)
            .where(has_key(key, any_channel=True))
            .group_by(part.c.channel)
            .having(func.min(case((part.c.state == PartState.SENT, 1), else_=0)) == 1)
        )
        return self._database.read(lambda connection: connection.execute(query).first() is not None)

    def parts(self, key: DeliveryKey) -> list[Part]:
        """Return a delivery's parts in order; none if it is not written down."""
        return self._database.read(lambda connection: parts_of(connection, key))

    def parts_of_occasion(self, tenant: str, occasion: str) -> list[Part]:
        """Return the parts of all deliveries of one occasion, such as a request, in order."""
        query = select(part).where(part.c.occasion == occasion).order_by(part.c.id)
        return self._select(query, tenant)

    def states(
        self,
        occasion: str,
        *,
        tenants: Iterable[str],
        reports: Iterable[str],
        windows: Iterable[str],
    ) -> dict[DeliveryKey, list[Standing]]:
        """Return how the parts of some deliveries of an occasion stand, each in order."""
        wanted = {"tenant": tenants, "report": reports, "window_key": windows}
        query = (
            select(*key_columns(), part.c.state, part.c.failing_since)
            .where(
                *(part.c[name].in_(sorted(map(key_text, each))) for name, each in wanted.items()),
                part.c.occasion == occasion,
            )
            .order_by(part.c.part)
        )

        def work(connection: Connection) -> dict[DeliveryKey, list[Standing]]:
            found: dict[DeliveryKey, list[Standing]] = {}
            for *names, state, failing_since in connection.execute(query):
                standing = Standing(state, failing_since)
                found.setdefault(DeliveryKey(*names), []).append(standing)
            return found

        return self._database.read(work)

    def part(self, part_id: int) -> Part:
        """Return one part as it stands now.

        Raises
        ------
        KeyError
            If there is no such part.
        """
        found = self._database.read(lambda connection: part_by_id(connection, part_id))
        if found is None:
            raise KeyError(part_id)
        return found

    def waits_for_lower(self, part_id: int) -> bool:
        """Whether an earlier part of the same delivery is still unsettled."""
        query = select(part.c.id).where(part.c.id == part_id, waits_for_lower())
        return self._database.read(lambda connection: connection.execute(query).first() is not None)

    def lease_left(self, part_id: int) -> float:
        """Return the seconds until no claim stands in the way of a part.

        Both its own lease and those of earlier parts of the same delivery
        count. Once that time has passed without renewal the part may be
        claimed, if nothing else prevents it; 0 means that no claim does.
        """
        earlier = part.alias("earlier")
        query = select(func.max(part.c.lease_until)).where(
            is_unsettled(),
            earlier.c.id == part_id,
            *(
                part.c[column] == earlier.c[column]
                for column in ("tenant", "report", "window_key", "occasion", "channel")
            ),
            part.c.part <= earlier.c.part,
        )

        def work(connection: Connection) -> float:
            until = connection.execute(query).scalar()
            now = self._clock()
            return 0.0 if until is None or until < now else (until - now + _INSTANT).total_seconds()

        return self._database.read(work)

    def known_message_ids(self, message_ids: Iterable[str], *, channel: str) -> set[str]:
        """Return those of some message ids that belong to a part already.

        Parameters
        ----------
        channel
            The channel of the delivery's key; it names the webhook.
        """
        ids = {message_name(channel, message_id): message_id for message_id in message_ids}
        names = sorted(ids)

        def work(connection: Connection) -> set[str]:
            known: set[str] = set()
            for start in range(0, len(names), _IDS_PER_QUERY):
                some = message.c.message_id.in_(names[start : start + _IDS_PER_QUERY])
                found = connection.execute(select(message.c.message_id).where(some)).scalars()
                known.update(ids[name] for name in found)
            return known

        return self._database.read(work) if names else set()

    def due(self, now: datetime | None = None, *, tenant: str | None = None) -> list[Part]:
        """Return the parts that could be claimed and whose time has come.

        Of a delivery this is at most its first unsettled part. Oldest first.

        Parameters
        ----------
        now
            Real time; default the ledger's clock.
        """
        moment = now or self._clock()
        return self._select(
            select(part).where(claimable(moment), is_due(moment)).order_by(part.c.id), tenant
        )

    def next_attempt(self) -> datetime | None:
        """Return when the next part comes due that now waits, maybe in the past.

        That is the end of a part's back-off, or of the lease of a claim that
        may have been orphaned. Parts that wait for nothing do not count, nor
        those behind an earlier one. None if no part waits.
        """
        until = case(
            (part.c.lease_until.is_not(None), part.c.lease_until), else_=part.c.next_attempt_at
        )
        query = select(func.min(until)).where(is_unsettled(), ~waits_for_lower())

        def work(connection: Connection) -> datetime | None:
            found: datetime | None = connection.execute(query).scalar()
            return found

        return self._database.read(work)

    def unsettled(self, *, tenant: str | None = None) -> list[Part]:
        """Return all parts on which work is left, oldest first."""
        return self._select(select(part).where(is_unsettled()).order_by(part.c.id), tenant)

    def history(
        self, *, tenant: str | None = None, failed: bool = False, limit: int | None = 100
    ) -> list[Part]:
        """Return the latest parts, newest first.

        Parameters
        ----------
        failed
            Only parts in trouble: failed, given up, broken, in doubt, skipped.
        limit
            At most so many; None means all.
        """
        query = select(part).order_by(part.c.id.desc()).limit(limit)
        if failed:
            query = query.where(part.c.state.in_(sorted(TROUBLED)))
        return self._select(query, tenant)

    def last_success(self, key: DeliveryKey) -> Part | None:
        """Return the newest part that came to a good end of the same report in the same channel.

        The delivery itself does not count; None if there is none.
        """
        query = (
            select(part)
            .where(
                part.c.tenant == key.tenant,
                part.c.report == key.report,
                part.c.channel == key.channel,
                part.c.state.in_(sorted(WELL)),
                not_(has_key(key)),
            )
            .order_by(part.c.id.desc())
            .limit(1)
        )
        return next(iter(self._select(query, None)), None)

    def totals(self, *, tenant: str | None = None) -> Totals:
        """Return the counts of parts by state and of those ever in doubt."""
        query = select(
            part.c.state,
            func.count(),
            func.sum(case((part.c.in_doubt_count > 0, 1), else_=0)),
            func.sum(case((part.c.resent_in_doubt > 0, 1), else_=0)),
        ).group_by(part.c.state)
        if tenant is not None:
            query = query.where(part.c.tenant == tenant)

        def work(connection: Connection) -> Totals:
            rows = connection.execute(query).all()
            return Totals(
                states={PartState(row[0]): row[1] for row in rows},
                in_doubt=sum(int(row[2]) for row in rows),
                resent_in_doubt=sum(int(row[3]) for row in rows),
            )

        return self._database.read(work)

    def _select(self, query: Select[*tuple[object, ...]], tenant: str | None) -> list[Part]:
        if tenant is not None:
            query = query.where(part.c.tenant == tenant)
        return self._database.read(
            lambda connection: [to_part(row) for row in connection.execute(query).mappings()]
        )
