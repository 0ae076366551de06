"""The console: entries on stderr."""

from __future__ import annotations

import logging
import sys

from bot.logs.trouble import Trouble


class ConsoleHandler(logging.Handler):
    """Writes to what ``sys.stderr`` is at that moment."""

    def __init__(self) -> None:
        super().__init__()
        self._trouble = Trouble("cannot write a log entry to the console")

    def emit(self, record: logging.LogRecord) -> None:
        """Write one entry."""
        try:
            stream = sys.stderr
            if stream is not None:
                stream.write(self.format(record) + "\n")
                stream.flush()
            self._trouble.is_over()
        except Exception:  # noqa: BLE001  # logging must not break what it reports on
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # standard name
        """Tell that an entry could not be written."""
        self._trouble.tell()
