"""What the processes on one ledger tell each other besides deliveries."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from bot.delivery.state.model import BrokenWebhook, storable
from bot.delivery.state.queries import insert, insert_new
from bot.delivery.state.records import Records
from bot.delivery.state.tables import broken_webhook, pause, tenant

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_NEXT_DAYS = timedelta(days=7)


class Notes(Records):
    """Broken webhooks, pauses of an address, and when a tenant was first seen."""

    def mark_broken(self, fingerprint: str, *, tenant: str, status: int, detail: str) -> None:
        """Remember that Discord refuses a webhook for good.

        The first refusal stays: its time tells the admin since when.

        Parameters
        ----------
        fingerprint
            Names the webhook, or one of its threads, without the token.
        """
        values = {
            "fingerprint": storable(fingerprint),
            "tenant": storable(tenant),
            "status": status,
            "detail": storable(detail),
            "since": self._clock(),
        }
        self._database.write(lambda connection: insert_new(connection, broken_webhook, values))

    def broken(self, fingerprint: str) -> BrokenWebhook | None:
        """Return what is known of a broken webhook; None if it is not broken."""
        query = select(broken_webhook).where(broken_webhook.c.fingerprint == storable(fingerprint))

        def work(connection: Connection) -> BrokenWebhook | None:
            row = connection.execute(query).mappings().first()
            return None if row is None else BrokenWebhook(**row)

        return self._database.read(work)

    def broken_webhooks(self, tenant: str | None = None) -> list[BrokenWebhook]:
        """Return all broken webhooks, of one tenant or of all, oldest first."""
        query = select(broken_webhook).order_by(broken_webhook.c.since)
        if tenant is not None:
            query = query.where(broken_webhook.c.tenant == tenant)

        def work(connection: Connection) -> list[BrokenWebhook]:
            return [BrokenWebhook(**row) for row in connection.execute(query).mappings()]

        return self._database.read(work)

    def clear_broken(self, *, fingerprint: str | None = None, tenant: str | None = None) -> int:
        """Try broken webhooks again: one with its threads, those of a tenant, or all.

        Returns
        -------
        int
            How many were forgotten.
        """
        statement = delete(broken_webhook)
        if fingerprint is not None:
            name = broken_webhook.c.fingerprint
            mark = storable(fingerprint)
            statement = statement.where(
                or_(name == mark, name.startswith(f"{mark}:", autoescape=True))
            )
        if tenant is not None:
            statement = statement.where(broken_webhook.c.tenant == tenant)
        return self._database.write(lambda connection: connection.execute(statement).rowcount)

    def pause(self, scope: str, until: datetime) -> None:
        """Ask all processes to send nothing in a scope; never shortens a pause."""

        def work(connection: Connection) -> None:
            statement = insert(connection, pause).values(scope=storable(scope), until=until)
            new = statement.excluded.until
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=[pause.c.scope],
                    set_={"until": new},
                    where=pause.c.until < new,
                )
            )

        self._database.write(work)

    def pause_until(self, scope: str) -> datetime | None:
        """Return when the pause of a scope ends; None if it has none or is over."""
        query = select(pause.c.until).where(
            pause.c.scope == storable(scope), pause.c.until > self._clock()
        )
        return self._database.read(lambda connection: connection.execute(query).scalar())

    def seen(self) -> dict[str, datetime]:
        """Return when each tenant that is known, and each of its channels, was first seen."""
        query = select(tenant.c.tenant, tenant.c.first_seen)

        def work(connection: Connection) -> dict[str, datetime]:
            return {row[0]: row[1] for row in connection.execute(query)}

        return self._database.read(work)

    def first_seen(self, tenant_id: str, now: datetime) -> datetime:
        """Return when a bot on this ledger first saw a tenant; ``now`` if it is new.

        A moment far ahead was noted by a clock that was wrong, and is put right.
        One of the next days stays: it may be now that the clock is wrong.
        """
        name = storable(tenant_id)
        query = select(tenant.c.first_seen).where(tenant.c.tenant == name)
        known: datetime | None = self._database.read(
            lambda connection: connection.execute(query).scalar()
        )
        if known is not None and known <= now + _NEXT_DAYS:
            return known
        ahead = tenant.update().where(
            tenant.c.tenant == name, tenant.c.first_seen > now + _NEXT_DAYS
        )

        def work(connection: Connection) -> datetime:
            insert_new(connection, tenant, {"tenant": name, "first_seen": now})
            connection.execute(ahead.values(first_seen=now))
            first: datetime = connection.execute(query).scalar_one()
            return first

        return self._database.write(work)
