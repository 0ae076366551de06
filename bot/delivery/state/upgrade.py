"""Brings the state database to this version of the bot, with Alembic.

Alembic is imported only when there is something to do: opening a current
database costs two small queries.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, MetaData, Table, Text, func, inspect, select

from bot.delivery.state.errors import LedgerTooNewError
from bot.delivery.state.tables import REVISIONS, VERSION_TABLE

if TYPE_CHECKING:
    from sqlalchemy import Connection

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent.parent / "migrations"

_ADVISORY_LOCK = 0x6267735F626F74  # "bgs_bot"
_version = Table(VERSION_TABLE, MetaData(), Column("version_num", Text))
_alembic_is_not_thread_safe = threading.Lock()


def version_of(connection: Connection) -> str | None:
    """Return the schema version of a database; None if it holds no ledger."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.execute(select(_version.c.version_num)).scalar()


def is_current(connection: Connection, where: str) -> bool:
    """Whether the database has this bot's schema.

    Raises
    ------
    LedgerTooNewError
        If a newer version of the bot has changed it.
    """
    version = version_of(connection)
    if version is not None and version not in REVISIONS:
        raise LedgerTooNewError(where, version)
    return version == REVISIONS[-1]


def bring_up_to_date(connection: Connection, where: str) -> None:
    """Run the missing migrations inside the caller's transaction.

    Safe when several processes do it at the same instant: SQLite's write lock
    is held already, on PostgreSQL an advisory lock is taken; who comes second
    finds the work done.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
    if is_current(connection, where):
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _alembic_is_not_thread_safe:
        command.upgrade(config, "head")
    log.info("State database %s is now at version %s", where, REVISIONS[-1])
