"""Which guild was linked to which tenant by command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from bot.delivery.state.model import storable
from bot.delivery.state.queries import insert_new
from bot.delivery.state.records import Records
from bot.delivery.state.tables import guild_link, view

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection


class Links(Records):
    """Links of guilds; a guild has one at most.

    Whatever ends a link ends the guild's stored views with it, in the same
    transaction.
    """

    def link(self, guild_id: int, tenant: str, *, by: int, replacing: str | None) -> bool:
        """Link a guild to a tenant, and end its stored views of other tenants.

        Parameters
        ----------
        tenant
            The tenant's id.
        by
            Id of the user who does it.
        replacing
            The tenant that the guild is linked to now, as the user was told;
            None if it has no link.

        Returns
        -------
        bool
            False, and nothing is changed, if the guild's link is meanwhile
            another than that.
        """
        name = storable(tenant)

        def work(connection: Connection) -> bool:
            values = {"tenant": name, "linked_by": by, "linked_at": self._clock()}
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
                delete_views(connection, guild_id, except_tenant=name)
            return done

        return self._database.write(work)

    def unlink(self, guild_id: int) -> str | None:
        """End a guild's link and its stored views.

        Returns
        -------
        str or None
            Id of the tenant it was linked to; None if it had no link, and
            then its stored views stay.
        """

        def work(connection: Connection) -> str | None:
            query = select(guild_link.c.tenant).where(guild_link.c.guild_id == guild_id)
            tenant: str | None = connection.execute(query.with_for_update()).scalar()
            if tenant is not None:
                connection.execute(delete(guild_link).where(guild_link.c.guild_id == guild_id))
                delete_views(connection, guild_id)
            return tenant

        return self._database.write(work)

    def links(self) -> dict[int, str]:
        """Return the tenant's id of every guild that is linked."""
        query = select(guild_link.c.guild_id, guild_link.c.tenant)

        def work(connection: Connection) -> dict[int, str]:
            return {row.guild_id: row.tenant for row in connection.execute(query)}

        return self._database.read(work)

    def link_of(self, guild_id: int) -> str | None:
        """Return the id of the tenant that a guild is linked to; None if it has no link."""
        query = select(guild_link.c.tenant).where(guild_link.c.guild_id == guild_id)

        def work(connection: Connection) -> str | None:
            tenant: str | None = connection.execute(query).scalar()
            return tenant

        return self._database.read(work)

    def end_links(self, guild_ids: Iterable[int]) -> list[int]:
        """End the links of some guilds, and all their stored views.

        Returns
        -------
        list of int
            Those of the guilds that had a link, in rising order.
        """
        guilds = sorted(set(guild_ids))

        def work(connection: Connection) -> list[int]:
            ended = []
            for guild_id in guilds:
                statement = delete(guild_link).where(guild_link.c.guild_id == guild_id)
                if connection.execute(statement).rowcount:
                    ended.append(guild_id)
                delete_views(connection, guild_id)
            return ended

        return self._database.write(work) if guilds else []

    def end_links_elsewhere(self, tenants: Mapping[int, str]) -> list[int]:
        """End those links that lead elsewhere than they must, and their stored views.

        Parameters
        ----------
        tenants
            Id of the tenant that each guild belongs to; a link to that one
            stays, and so do the guild's views of it.

        Returns
        -------
        list of int
            The guilds whose link was ended, in rising order.
        """
        guilds = {guild_id: storable(tenants[guild_id]) for guild_id in sorted(tenants)}

        def work(connection: Connection) -> list[int]:
            ended = []
            for guild_id, tenant in guilds.items():
                statement = delete(guild_link).where(
                    guild_link.c.guild_id == guild_id, guild_link.c.tenant != tenant
                )
                if connection.execute(statement).rowcount:
                    delete_views(connection, guild_id, except_tenant=tenant)
                    ended.append(guild_id)
            return ended

        return self._database.write(work) if guilds else []


def delete_views(connection: Connection, guild_id: int, *, except_tenant: str | None = None) -> int:
    """Delete a guild's stored views, those of one tenant excepted, and return how many."""
    statement = delete(view).where(view.c.guild_id == guild_id)
    if except_tenant is not None:
        statement = statement.where(view.c.tenant != storable(except_tenant))
    return connection.execute(statement).rowcount
