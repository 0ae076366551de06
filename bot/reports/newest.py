"""When a database's newest event happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.backend.kept import execute_kept
from bot.reports.matching import text_of
from bot.reports.running import read_again_if_unreadable
from bot.reports.views import Bounds, View
from bot.reports.windows import newest_timestamp

if TYPE_CHECKING:
    from typing import Any

    from bot.backend.engines import TenantDatabase


def newest_event(db: TenantDatabase) -> str | None:
    """Return the timestamp of the newest event, as the database has it.

    Returns
    -------
    str or None
        None where there is no event, or no such column.

    Raises
    ------
    DatabaseError
        If the database cannot be read, or not in time.
    """
    shape = db.shape
    if not shape.has("event", "timestamp"):
        return None

    def attempt() -> Any:
        with db.read() as connection:
            view = View.of(connection.dialect.name, shape, Bounds.NONE)
            return execute_kept(connection, newest_timestamp(view), {}).scalar()

    return text_of(read_again_if_unreadable(attempt)) or None
