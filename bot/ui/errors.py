"""Failures in the words that players read."""

from __future__ import annotations

import math
import secrets

import discord
from discord import app_commands

from bot.backend.errors import DatabaseError, DatabaseLocked, QueryTimeout
from bot.delivery.composer import NoEventsError
from bot.delivery.ledger import LedgerError
from bot.errors import BotError
from bot.reports.service import ReportTooSlowError
from bot.ui.reply import UNKNOWN_MESSAGE

STALE = "Those buttons are too old for me. Run the command again for fresh ones."
_CHANGED = "That command has changed. Wait a minute, or restart Discord, and try it again."
_GONE = "Somebody has deleted my message, so I can't fill it in. Run the command again, please."
_TOO_SLOW = (
    "That took too long, so I stopped. Try a shorter period, or a system of your choice. "
    "If it happens often, the bot's admin can make reports faster."
)
_AWAY = (
    "I can't get at my own memory right now, and that I can't do without. Try again in a minute; "
    "if it stays so, tell the bot's admin."
)
_BUSY = "Your squadron's database is busy right now. Try again in a minute."
_UNREADABLE = (
    "I can't read your squadron's database right now. Try again later; if it stays so, "
    "tell the bot's admin."
)
_UNEXPECTED = (
    "Sorry, something went wrong on my side. Try again; if it happens again, tell the bot's admin."
)


class MemoryAwayError(BotError):
    """The state database says nothing, for longer than somebody would wait."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(
            f"the state database has not answered within {seconds:g} s; look for what holds it up,"
            " or correct STATE_DB_URI"
        )


class QueueError(BotError):
    """Others who asked before are waiting for the same database."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"reports that were asked for before took up {seconds:g} s")


class Refusal(BotError):  # noqa: N818  # an answer on its way out, not a failure
    """A request ends here, and the text says why; only the asker sees it."""


def new_reference() -> str:
    """Return a short id that a player can pass on and an admin finds in the log."""
    return secrets.token_hex(4).upper()


def cause_of(error: BaseException) -> BaseException:
    """Return what went wrong inside a command."""
    while isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    return error


def refusal_text(error: BaseException) -> str | None:
    """Return the words for what is the asker's to mend; None if something is broken."""
    match error:
        case Refusal():
            return str(error)
        case app_commands.CommandOnCooldown():
            return wait_text(error.retry_after)
        case app_commands.MissingPermissions():
            return "You need the permission Manage Server for that."
        case app_commands.NoPrivateMessage():
            return "Ask me in your squadron's server, please."
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            return _CHANGED
        case discord.NotFound() if error.code == UNKNOWN_MESSAGE:
            return _GONE
        case app_commands.TransformerError():
            return "I did not understand one of those options. Pick it from the list, please."
        case _:
            return None


def wait_text(seconds: float) -> str:
    """Return the words for who asks too often."""
    left = max(1, math.ceil(seconds))
    return f"Easy, CMDR! Ask again in {left} second{'' if left == 1 else 's'}."


def failure_text(error: BaseException, reference: str) -> str:
    """Return the words for what is broken, with the reference to find it by."""
    match error:
        case MemoryAwayError() | LedgerError():
            text = _AWAY
        case DatabaseLocked() | QueueError():
            text = _BUSY
        case QueryTimeout() | ReportTooSlowError() | TimeoutError():
            text = _TOO_SLOW
        case DatabaseError() | NoEventsError():
            text = _UNREADABLE
        case _:
            text = _UNEXPECTED
    return f"{text}\n-# Reference: `{reference}`"
