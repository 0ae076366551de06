"""What is behind the buttons and menus under a message, kept across restarts.

Discord gives a button 100 characters, which cannot hold what it needs to
know: they hold the random id of a row here.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, select, update

from bot.delivery.state.model import storable
from bot.delivery.state.queries import insert_new
from bot.delivery.state.records import Records
from bot.delivery.state.tables import view

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy import ColumnElement, Connection

_RANDOM_BYTES = 16


@dataclass(frozen=True, slots=True)
class StoredView:
    """The state behind one message's components.

    Attributes
    ----------
    guild_id, tenant, user_id
        The guild it was made in, the tenant whose data it shows, and the user
        who asked for it. Whoever presses must be that user in that guild, and
        the guild must still see that tenant.
    kind
        What made it, such as a command's name.
    state
        A JSON object.
    """

    id: str
    guild_id: int
    tenant: str
    user_id: int
    kind: str
    state: dict[str, Any]
    created_at: datetime
    expires_at: datetime


class Views(Records):
    """Stored views."""

    def store_view(
        self,
        *,
        guild_id: int,
        tenant: str,
        user_id: int,
        kind: str,
        state: dict[str, Any],
        lifetime: timedelta,
    ) -> str:
        """Store a view and return its id: 22 random characters, safe in URLs."""
        view_id = secrets.token_urlsafe(_RANDOM_BYTES)
        now = self._clock()
        values = {
            "id": view_id,
            "guild_id": guild_id,
            "tenant": storable(tenant),
            "user_id": user_id,
            "kind": storable(kind),
            "state": state,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        self._database.write(lambda connection: insert_new(connection, view, values))
        return view_id

    def view(self, view_id: str) -> StoredView | None:
        """Return a view; None if it is unknown, ended or expired."""
        query = select(view).where(self._alive(view_id))

        def work(connection: Connection) -> StoredView | None:
            row = connection.execute(query).mappings().first()
            return None if row is None else StoredView(**row)

        return self._database.read(work)

    def update_view(self, view_id: str, state: dict[str, Any]) -> bool:
        """Replace a view's state; False if it is unknown, ended or expired."""
        statement = update(view).where(self._alive(view_id)).values(state=state)
        return self._database.write(lambda connection: connection.execute(statement).rowcount == 1)

    def end_view(self, view_id: str) -> bool:
        """End a view.

        Returns
        -------
        bool
            True for one caller only, however many there are at once, in
            whichever processes; never for a view that has expired.
        """
        statement = delete(view).where(self._alive(view_id))
        return self._database.write(lambda connection: connection.execute(statement).rowcount == 1)

    def sweep_views(self) -> int:
        """Remove the views that have expired, and return how many."""
        statement = delete(view).where(view.c.expires_at <= self._clock())
        return self._database.write(lambda connection: connection.execute(statement).rowcount)

    def _alive(self, view_id: str) -> ColumnElement[bool]:
        return and_(view.c.id == storable(view_id), view.c.expires_at > self._clock())
