"""The book of guilds: all that the bot remembers of them, in the state database."""

from __future__ import annotations

from bot.guilds.attempts import Attempts
from bot.guilds.links import Link, Links
from bot.guilds.marks import Marks
from bot.guilds.views import StoredView, Views

__all__ = ["GuildBook", "Link", "StoredView"]


class GuildBook(Links, Attempts, Views, Marks):
    """One process's access to the book; thread-safe.

    Each change is one method and one transaction, safe against the same
    change in another thread or process. Every method waits for the database,
    so call it in a worker thread, and may raise `LedgerError`.

    Parameters
    ----------
    database
        The state database, shared with the ledger.
    clock
        Returns the real time, aware.
    """
