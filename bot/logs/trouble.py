"""When a handler cannot write: one line tells on stderr, never the entry itself."""

from __future__ import annotations

import contextlib
import logging
import sys

from bot.logs.lines import LineFormatter


class Trouble:
    """Tells on stderr that a handler cannot write, once until it can again.

    The standard library would print the entry, its arguments and a traceback
    for each, past the masking.

    Parameters
    ----------
    what
        What cannot be done.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._is_told = False

    def tell(self) -> None:
        """Tell of the error that is being handled; never raises."""
        if self._is_told:
            return
        self._is_told = True
        error = sys.exception()
        # The text of any other error may be a piece of the entry.
        known = error.strerror if isinstance(error, OSError) else None
        why = known or type(error).__name__
        text = f"{self._what}: {why}; entries are lost until this is mended"
        with contextlib.suppress(Exception):
            record = logging.LogRecord("bot.logs", logging.ERROR, __file__, 0, text, None, None)
            if sys.stderr is not None:
                sys.stderr.write(LineFormatter().format(record) + "\n")
                sys.stderr.flush()

    def is_over(self) -> None:
        """Note that an entry was written."""
        self._is_told = False
