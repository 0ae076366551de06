"""Writing down that a night did not go as it should."""

from __future__ import annotations

import logging

from bot.errors import BotError

log = logging.getLogger(__name__)


def log_failure(what: str, error: BaseException) -> None:
    """Log an error that ended a nightly run or a sweep.

    Errors that we have words for, such as a state database that is away, are
    one line: they come again every minute.
    """
    trace = None if isinstance(error, BotError) else error
    log.error("%s failed: %s", what, error, exc_info=trace, extra={"action": "night_failed"})
