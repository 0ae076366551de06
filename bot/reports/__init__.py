"""The query layer: from a tenant's database and a window to a typed result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.reports.filters import Filters

if TYPE_CHECKING:
    from bot.reports.running import resolve_window, run

__all__ = ["Filters", "resolve_window", "run"]


def __getattr__(name: str) -> Any:
    """Load what needs SQLAlchemy when it is first asked for."""
    if name in ("resolve_window", "run"):
        from bot.reports import running

        return getattr(running, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
