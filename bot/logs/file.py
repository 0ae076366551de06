"""The rotating log file, which comes back by itself when it was taken away."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from concurrent_log_handler import ConcurrentRotatingFileHandler

from bot.logs.trouble import Trouble

if TYPE_CHECKING:
    import logging
    from pathlib import Path


class LogFileHandler(ConcurrentRotatingFileHandler):
    """Writes to a file that several processes share.

    Parameters
    ----------
    path
        The file.
    max_bytes
        The size at which it is rotated; 0 for never.
    backups
        How many old ones are kept.
    """

    def __init__(self, path: Path, *, max_bytes: int, backups: int) -> None:
        super().__init__(
            str(path),
            maxBytes=max_bytes,
            backupCount=backups,
            encoding="utf-8",
            unicode_error_policy="replace",
        )
        self._folder = path.parent
        self._trouble = Trouble(f"cannot write the log file {path}")
        self._is_cut = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write one entry, into a folder made anew if there is none."""
        try:
            self._restore()
        except OSError:
            self.handleError(record)
        else:
            super().emit(record)

    def _restore(self) -> None:
        """Make the folder if it is gone, and let go of a lock file that is no longer in it.

        Otherwise each process that was there before would hold a lock of its own.
        """
        lock = self.stream_lock
        if lock is not None and not lock.closed:
            with contextlib.suppress(FileNotFoundError):
                there = os.stat(self.lockFilename)  # noqa: PTH116  # a name, not a path
                if os.path.samestat(there, os.fstat(lock.fileno())):
                    return
            lock.close()
        self.stream_lock = None
        self._folder.mkdir(parents=True, exist_ok=True)

    def do_write(self, msg: str) -> None:
        """Write the text of an entry; the file is locked meanwhile."""
        try:
            super().do_write(f"\n{msg}" if self._is_cut and self._ends_within_a_line() else msg)
        except OSError:
            self._drop()
            raise
        self._is_cut = False
        self._trouble.is_over()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # standard name
        """Tell that an entry could not be written."""
        self._trouble.tell()

    def _ends_within_a_line(self) -> bool:
        """Whether an entry stands in the file of which there was only room for a part."""
        with contextlib.suppress(OSError), open(self.baseFilename, "rb") as file:  # noqa: PTH123  # a name, not a path
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
        return False

    def _drop(self) -> None:
        """Close the file with what it holds back, which would come later, amid other entries."""
        self._is_cut = True
        if self.stream is not None:
            with contextlib.suppress(OSError):
                self.stream.close()
            self.stream = None
