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
        self.due: float | None = None
        self._socket = _duplicate(dbapi_connection)

    def set(self, seconds: float) -> None:
        """Hang up in so many seconds, in place of what was set before."""
        if self._socket is not None:
            _watch.add(self, time.monotonic() + seconds)

    def close(self) -> None:
        """Stop guarding."""
        if self._socket is not None:
            _watch.remove(self)
            self._socket.close()

    def hang_up(self) -> None:
        """Cut the connection, which ends the reader's wait."""
        self.fired = True
        logger.warning("A database server did not answer in time; hanging up.")
        if self._socket is not None:
            with suppress(OSError):  # closed from the other side meanwhile
                self._socket.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Watch:
    """The thread that looks after all watchdogs.

    One for all, and not woken for each read: a thread that wakes beside the
    reader takes Python's lock from it, which costs more than a short report.
    It ends when it finds nothing to guard.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._guarding: set[Watchdog] = set()
        self._thread: threading.Thread | None = None
        self._wakes_at = 0.0

    def add(self, watchdog: Watchdog, due: float) -> None:
        """Guard until ``due``, on the monotonic clock."""
        with self._changed:
            watchdog.due = due
            self._guarding.add(watchdog)
            if self._thread is None or not self._thread.is_alive():
                self._wakes_at = due
                self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
                self._thread.start()
            elif due < self._wakes_at:
                self._wakes_at = due
                self._changed.notify()

    def remove(self, watchdog: Watchdog) -> None:
        """Guard no longer; what hangs up now has done so on return."""
        with self._changed:
            self._guarding.discard(watchdog)

    def _run(self) -> None:
        with self._changed:
            while self._guarding:
                now = time.monotonic()
                for watchdog in [dog for dog in self._guarding if _is_due(dog, now)]:
                    self._guarding.discard(watchdog)
                    watchdog.hang_up()
                if self._guarding:
                    self._wakes_at = min(dog.due or now for dog in self._guarding)
                    self._changed.wait(max(0.0, self._wakes_at - time.monotonic()))
            self._thread = None


def _is_due(watchdog: Watchdog, now: float) -> bool:
    return watchdog.due is not None and watchdog.due <= now


_watch = _Watch()


def _forget_the_parents_watch() -> None:
    global _watch  # its lock may have been held while the process forked
    _watch = _Watch()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_the_parents_watch)


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
