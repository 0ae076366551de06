"""How an entry of the log looks."""

from __future__ import annotations

import logging
import time

from bot.logs.masking import mask

FIELDS = ("tenant", "report", "window", "action")
"""What a log call may give as ``extra``; shown behind the message."""

_CONTROL = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if code not in (9, 10)
}


class LineFormatter(logging.Formatter):
    """UTC time, level, logger, message and fields; nobody's text can forge a line.

    Control characters are escaped and lines after the first are indented.
    """

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-8s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # standard name
        """Return the head of the entry: everything but a traceback."""
        given = [(name, getattr(record, name, None)) for name in FIELDS]
        fields = " ".join(f"{name}={value}" for name, value in given if value is not None)
        head = super().formatMessage(record)
        return f"{head} [{mask(fields)}]" if fields else head

    def format(self, record: logging.LogRecord) -> str:
        """Return the whole entry."""
        text = super().format(record).translate(_CONTROL).replace("\n", "\n    ")
        return mask(text.encode("utf-8", "backslashreplace").decode("utf-8"))
