"""Request limits as Discord counts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Usage:
    """How a limit stands after a request.

    Attributes
    ----------
    allowed
        Whether the request was within the limit.
    remaining
        Requests left.
    reset_after
        Seconds until all are free again.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_after: float


class RequestWindow:
    """So many requests in so many seconds, counted from the first.

    Parameters
    ----------
    clock
        Monotonic seconds.
    """

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._began = float("-inf")
        self._used = 0

    def look(self) -> Usage:
        """Return how the limit stands, counting nothing."""
        now = self._clock()
        if now >= self._began + self._seconds:
            return Usage(True, self._limit, self._limit, self._seconds)
        remaining = self._limit - self._used
        return Usage(remaining > 0, self._limit, remaining, self._began + self._seconds - now)

    def take(self) -> Usage:
        """Count one request, if it is within the limit."""
        now = self._clock()
        if now >= self._began + self._seconds:
            self._began, self._used = now, 0
        allowed = self._used < self._limit
        self._used += allowed
        remaining = self._limit - self._used
        return Usage(allowed, self._limit, remaining, self._began + self._seconds - now)
