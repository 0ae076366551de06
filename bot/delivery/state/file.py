"""The file of a state database in SQLite: made, kept hold of, and known again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bot.delivery.state.errors import LedgerGoneError, LedgerNotWritableError

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"SQLite format 3\0"


class StateFile:
    """A database file, open until `close`.

    Closing it takes away all locks that this process has on the file, so that
    must come after the last connection's end, and nothing may open and close
    the file in between.

    Parameters
    ----------
    path
        The file; it and its folder are made where they are missing.

    Raises
    ------
    LedgerNotWritableError
        If that cannot be done.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._descriptor: int | None = None
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            detail = f"cannot be made or written ({reason})"
            raise LedgerNotWritableError(str(path), detail) from error

    def check(self) -> None:
        """Raise `LedgerGoneError` if the path leads to another file by now, or to none.

        What would be written into the file then, nobody would ever read.
        """
        if self._descriptor is None:
            return
        ours = os.fstat(self._descriptor)
        try:
            there = self._path.stat()
        except FileNotFoundError:
            raise self._gone("was removed while it was open") from None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise self._gone(f"cannot be reached any more ({reason})") from error
        if not os.path.samestat(ours, there):
            raise self._gone("was replaced by another while it was open")

    def check_content(self) -> None:
        """Raise `LedgerGoneError` if the file is no database any more.

        SQLite itself may not look at its head for long: the newest pages are
        in its memory and in the log beside the file.
        """
        if self._descriptor is None:
            return
        try:
            head = os.pread(self._descriptor, len(_MAGIC), 0)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise self._gone(f"cannot be read any more ({reason})") from error
        if head != _MAGIC:
            raise self._gone("was overwritten and is no database any more")

    def close(self) -> None:
        """Let go of the file; nothing is checked from here on."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _gone(self, what: str) -> LedgerGoneError:
        return LedgerGoneError(str(self._path), f"the file {what}")
