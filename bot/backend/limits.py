"""One time limit for all statements of a report, and a guard for servers that fall silent."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

logger = logging.getLogger(__name__)

GRACE_SECONDS = 2.0
"""How much later than the engine's own limit we hang up on a server that keeps silent."""


class Deadline:
    """The moment by which a whole read must be done.

    Parameters
    ----------
    seconds
        From now.

    Attributes
    ----------
    hides_locks
        Whether the limit in force is too short for the server to give up a
        lock before the statement, so that a time-out can mean either.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.hides_locks = False
        self._end = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - time.monotonic())

    @property
    def milliseconds(self) -> int:
        """Milliseconds left, at least 1, since 0 means "no limit" to servers."""
        return max(1, round(self.remaining * 1000))

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._end


class Watchdog:
    """Hangs up on a server that does not answer in time.

    A limit that the server enforces helps only while it is alive: a stopped
    process or a dropped route would keep the reader waiting for ever.

    Parameters
    ----------
    dbapi_connection
        The driver's connection; where it shows no socket, nothing is guarded.
    """

    def __init__(self, dbapi_connection: Any) -> None:
        self.fired = False
        self._socket = _duplicate(dbapi_connection)
        self._changed = threading.Condition()
        self._due: float | None = None
        self._thread: threading.Thread | None = None

    def set(self, seconds: float) -> None:
        """Hang up in so many seconds, in place of what was set before."""
        if self._socket is None:
            return
        with self._changed:
            self._due = time.monotonic() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
                self._thread.start()
            else:
                self._changed.notify()

    def close(self) -> None:
        """Stop guarding."""
        if self._thread is not None:
            with self._changed:
                self._due = None
                self._changed.notify()
            self._thread.join()
            self._thread = None
        if self._socket is not None:
            self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _watch(self) -> None:
        with self._changed:
            while self._due is not None and (left := self._due - time.monotonic()) > 0:
                self._changed.wait(left)
            if self._due is not None:
                self._hang_up()

    def _hang_up(self) -> None:
        self.fired = True
        logger.warning("A database server did not answer in time; hanging up.")
        if self._socket is not None:
            with suppress(OSError):  # closed from the other side meanwhile
                self._socket.shutdown(socket.SHUT_RDWR)


def _duplicate(dbapi_connection: Any) -> socket.socket | None:
    """Return a second handle of a connection's socket.

    A handle of our own stays valid when the driver closes its, so that we
    cannot hit a stranger's socket that got the same number.
    """
    holder = dbapi_connection
    if not hasattr(holder, "fileno"):
        holder = getattr(dbapi_connection, "_sock", None)  # PyMySQL
    try:
        return socket.socket(fileno=os.dup(holder.fileno()))
    except (AttributeError, OSError, TypeError, ValueError):
        return None
    except Exception:  # noqa: BLE001  # a driver's own "no socket" must not end the report
        return None
