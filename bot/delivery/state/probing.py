"""Trying whether the ledger's tables can be written, without leaving a trace."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import false, update

from bot.delivery.state.columns import metadata
from bot.delivery.state.tables import broken_webhook

if TYPE_CHECKING:
    from sqlalchemy import Connection


def try_writing(connection: Connection, length: int) -> None:
    """Change nothing in any table, and write a row; the caller undoes it.

    The row has a name of its own, so that nobody waits for anybody.

    Parameters
    ----------
    length
        How many characters it has at least.
    """
    for table in metadata.sorted_tables:
        column = next(iter(table.columns))
        connection.execute(update(table).values({column: column}).where(false()))
    values = {
        "fingerprint": f"probe:{secrets.token_hex(16)}",
        "tenant": "",
        "status": 0,
        "detail": "x" * length,
        "since": datetime.now(UTC),
    }
    connection.execute(broken_webhook.insert().values(values))
