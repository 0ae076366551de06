"""Which guild was linked to which tenant by command."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from bot.delivery.state.model import storable
from bot.delivery.state.queries import insert_new
from bot.delivery.state.records import Records
from bot.delivery.state.tables import guild_link, view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from bot.tenants import Tenant

_COLUMNS = (
    guild_link.c.tenant,
    guild_link.c.tenant_name.label("name"),
    guild_link.c.has_own_id,
)


@dataclass(frozen=True, slots=True)
class Link:
    """Which tenant a guild was linked to.

    Attributes
    ----------
    tenant
        The tenant's id.
    name
        Its name as it was when the guild was linked.
    has_own_id
        Whether the file gave the id then.
    """

    tenant: str
    name: str
    has_own_id: bool

    @classmethod
    def to(cls, tenant: Tenant) -> Link:
        """Return a link to a tenant as it is now."""
        return cls(storable(tenant.id), storable(tenant.name), tenant.has_own_id)

    def leads_to(self, tenant: Tenant) -> bool:
        """Whether a tenant is the one that was linked.

        An id that follows from a name goes to another tenant when the file
        changes, so there the name must still be the same.
        """
        now = Link.to(tenant)
        by_id = self.has_own_id and now.has_own_id
        return self.tenant == now.tenant and (by_id or self.name == now.name)


class Links(Records):
    """Links of guilds; a guild has one at most.

    Whatever ends a link ends the guild's stored views with it, in the same
    transaction.
    """

    def link(self, guild_id: int, tenant: Tenant, *, by: int, replacing: str | None) -> bool:
        """Link a guild to a tenant, and end its stored views.

        Those of that tenant stay, if the file gives its id: else they may be
        of another that had the id before.

        Parameters
        ----------
        by
            Id of the user who does it.
        replacing
            Id of the tenant that the guild is linked to now, as the user was told;
            None if it has no link.

        Returns
        -------
        bool
            False, and nothing is changed, if the guild's link is meanwhile
            another than that.
        """
        new = Link.to(tenant)

        def work(connection: Connection) -> bool:
            values = {
                "tenant": new.tenant,
                "tenant_name": new.name,
                "has_own_id": new.has_own_id,
                "linked_by": by,
                "linked_at": self._clock(),
            }
            if replacing is None:
                done = insert_new(connection, guild_link, {"guild_id": guild_id, **values})
            else:
                as_told = (
                    guild_link.c.guild_id == guild_id,
                    guild_link.c.tenant == storable(replacing),
                )
                statement = update(guild_link).where(*as_told).values(values)
                done = connection.execute(statement).rowcount == 1
            if done:
                kept = new.tenant if new.has_own_id else None
                _delete_views(connection, guild_id, except_tenant=kept)
            return done

        return self._database.write(work)

    def unlink(self, guild_id: int) -> Link | None:
        """End a guild's link and its stored views.

        Returns
        -------
        Link or None
            What it was linked to; None if it had no link, and then its stored
            views stay.
        """

        def work(connection: Connection) -> Link | None:
            link = _link_of(connection, guild_id, lock=True)
            if link is not None:
                connection.execute(delete(guild_link).where(guild_link.c.guild_id == guild_id))
                _delete_views(connection, guild_id)
            return link

        return self._database.write(work)

    def links(self) -> dict[int, Link]:
        """Return the links of all guilds that have one."""
        query = select(guild_link.c.guild_id, *_COLUMNS)

        def work(connection: Connection) -> dict[int, Link]:
            return {guild_id: Link(*facts) for guild_id, *facts in connection.execute(query)}

        return self._database.read(work)

    def link_of(self, guild_id: int) -> Link | None:
        """Return a guild's link; None if it has none."""
        return self._database.read(lambda connection: _link_of(connection, guild_id))

    def end_links_elsewhere(self, tenants: Mapping[int, Tenant]) -> list[int]:
        """End those links that lead elsewhere than they must, and their stored views.

        Parameters
        ----------
        tenants
            The tenant that each guild belongs to; a link to that one stays,
            and so do the guild's views of it.

        Returns
        -------
        list of int
            The guilds whose link was ended, in rising order.
        """

        def work(connection: Connection) -> list[int]:
            ended = []
            for guild_id, tenant in sorted(tenants.items(), key=itemgetter(0)):
                link = _link_of(connection, guild_id, lock=True)
                if link is not None and not link.leads_to(tenant):
                    connection.execute(delete(guild_link).where(guild_link.c.guild_id == guild_id))
                    # With the same id they are views of the tenant that had it before.
                    kept = None if link.tenant == storable(tenant.id) else tenant.id
                    _delete_views(connection, guild_id, except_tenant=kept)
                    ended.append(guild_id)
            return ended

        return self._database.write(work) if tenants else []


def _delete_views(
    connection: Connection, guild_id: int, *, except_tenant: str | None = None
) -> None:
    """Delete a guild's stored views, those of one tenant excepted."""
    statement = delete(view).where(view.c.guild_id == guild_id)
    if except_tenant is not None:
        statement = statement.where(view.c.tenant != storable(except_tenant))
    connection.execute(statement)


def _link_of(connection: Connection, guild_id: int, *, lock: bool = False) -> Link | None:
    query = select(*_COLUMNS).where(guild_link.c.guild_id == guild_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return None if row is None else Link(*row)
