"""What has been done already and must not be done again at every start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.delivery.state.model import key_text, storable
from bot.delivery.state.queries import insert, insert_new
from bot.delivery.state.records import Records
from bot.delivery.state.tables import command_sync, notice

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Marks(Records):
    """Which commands Discord has, and which notices were given."""

    def synced(self, application_id: int, scope: str) -> str | None:
        """Return the digest of the commands that were last synced; None if none were.

        Parameters
        ----------
        scope
            Where they are known, such as ``global`` or a guild's id.
        """
        query = select(command_sync.c.digest).where(
            command_sync.c.application_id == application_id,
            command_sync.c.scope == key_text(scope),
        )

        def work(connection: Connection) -> str | None:
            digest: str | None = connection.execute(query).scalar()
            return digest

        return self._database.read(work)

    def note_synced(self, application_id: int, scope: str, digest: str) -> None:
        """Remember the digest of the commands that Discord has taken."""
        key = {"application_id": application_id, "scope": key_text(scope)}
        values = {"digest": storable(digest), "synced_at": self._clock()}

        def work(connection: Connection) -> None:
            statement = insert(connection, command_sync).values(**key, **values)
            connection.execute(
                statement.on_conflict_do_update(index_elements=list(key), set_=values)
            )

        self._database.write(work)

    def first_notice(self, key: str) -> bool:
        """Note that somebody is told something.

        Returns
        -------
        bool
            True for one caller only, in whichever process: that one tells.
        """
        values = {"key": key_text(key), "given_at": self._clock()}
        return self._database.write(lambda connection: insert_new(connection, notice, values))
