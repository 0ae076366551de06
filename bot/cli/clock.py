"""The one place of the command line that reads the real clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def real_now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def clock_from(start: datetime | None) -> Callable[[], datetime]:
    """Return a clock that shows ``start`` now and runs on from there.

    Without ``start`` it is the real clock.
    """
    if start is None:
        return real_now
    ahead = start - real_now()
    return lambda: real_now() + ahead
