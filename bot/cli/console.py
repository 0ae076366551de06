"""Log records as short lines on stderr, for a person at a terminal."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.cli.text import note

if TYPE_CHECKING:
    from collections.abc import Collection

_OURS = ("bot", "cogs")
_TOLD_OTHERWISE = frozenset({"bot.cli.session"})


class LineHandler(logging.Handler):
    """Shows warnings of ours and errors of others, one line each.

    Tracebacks are left to the log file.

    Parameters
    ----------
    without
        Loggers that are not shown.
    """

    def __init__(self, without: Collection[str] = ()) -> None:
        super().__init__(logging.WARNING)
        self._without = _TOLD_OTHERWISE.union(without)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to show a record."""
        if record.name in self._without or not super().filter(record):
            return False
        return record.name.partition(".")[0] in _OURS or record.levelno >= logging.ERROR

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            note(f"{record.levelname.capitalize()}: {record.getMessage()}")
        except Exception:  # noqa: BLE001  # logging must not break what it reports on
            self.handleError(record)


def log_to_console(without: Collection[str] = ()) -> None:
    """Show warnings on stderr from now on; replaces an earlier call."""
    from bot.logs import install_masking

    install_masking()
    root = logging.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, LineHandler)]:
        root.removeHandler(handler)
    root.addHandler(LineHandler(without))
