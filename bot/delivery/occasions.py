"""What counts as one post: the key a delivery has in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.periods import Window

NIGHTLY = "nightly"
REQUEST = "request:"
"""What the occasion of a post begins with that a person asked for."""


def occasion_of(window: Window, now: datetime, request: str | None = None) -> str:
    """Return the occasion of a post.

    A window that is over has one post, whoever starts it. A window that still
    grows has one a day. What a person asks for is a post of its own.

    Parameters
    ----------
    window
        The window that is reported.
    now
        The report's clock.
    request
        Id of the request, for a post that a person asked for.
    """
    if request is not None:
        return f"{REQUEST}{request}"
    if window.is_over(now):
        return NIGHTLY
    return f"as-of:{now:%Y-%m-%d}"


def fill_thread_name(template: str, window: Window, now: datetime) -> str:
    """Fill ``{date}`` and ``{week}`` into the name of a forum post.

    The date is the window's first day (the tick's day, or today where a
    window has no bounds), the week its ISO week, such as ``2025-W37``.
    """
    day = window.start or (window.tick.time if window.tick else now)
    year, week, _ = day.isocalendar()
    return template.replace("{date}", f"{day:%Y-%m-%d}").replace("{week}", f"{year}-W{week:02}")
