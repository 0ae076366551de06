"""What health is asked of: a bot, or a schedule without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from bot.runtime import Runtime
    from bot.scheduling.pulse import Pulse

LONGEST_QUIET = 300.0
"""Seconds without a sweep, which comes every minute, after which it is taken for lost."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; the detail is for the operator and holds no secret."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched.

    Attributes
    ----------
    runtime
        Returns what it works with; None before it is open.
    clock
        The report's clock.
    real
        Real time.
    checks
        What can be said from memory, by name.
    """

    runtime: Callable[[], Runtime | None]
    clock: Callable[[], datetime]
    real: Callable[[], datetime]
    checks: Mapping[str, Callable[[], Finding]] = field(default_factory=dict)


def scheduler_finding(is_running: bool, pulse: Pulse) -> Finding:
    """Say whether the nightly posts are being looked after."""
    if not is_running:
        return Finding(False, "the scheduler does not run")
    if pulse.quiet_seconds > LONGEST_QUIET:
        return Finding(False, f"no sweep for {pulse.quiet_seconds:.0f} s; it comes every minute")
    return Finding(True, "running")
