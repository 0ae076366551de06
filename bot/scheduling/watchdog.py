"""Keeps APScheduler's jobs to their times while the wall clock is set."""

from __future__ import annotations

import contextlib
import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN
from apscheduler.jobstores.base import JobLookupError
from apscheduler.triggers.base import BaseTrigger

from bot.periods import iso_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0

_NOTICEABLE = timedelta(seconds=2)


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no type hints
    """A trigger that fires so long after it last did, by the clock as it is then.

    APScheduler's own interval counts every run that a clock set forward has
    skipped: millions, where a machine starts in 1970 and then hears the time.
    """

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(
        self, _previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """Return the next time."""
        return now + self._interval

    def __str__(self) -> str:
        return f"every {self._interval.total_seconds():g} s"


class Watchdog:
    """Looks after a scheduler from a thread that wakes up by a clock that nobody sets.

    APScheduler sleeps until the next run that it has reckoned. Where the clock
    was set back, that is too late for a job; where it was set forward, the
    scheduler has to be woken up. It ends with the scheduler.

    Parameters
    ----------
    scheduler
        What is looked after.
    jobs
        The ids of the jobs whose triggers alone say when they run.
    seconds
        From one look to the next.
    clock
        The clock of the scheduler, aware.
    """

    def __init__(
        self,
        scheduler: BackgroundScheduler,
        jobs: Collection[str],
        *,
        seconds: float = LOOK_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._scheduler = scheduler
        self._ids = frozenset(jobs)
        self._seconds = seconds
        self._clock = clock
        self._over = threading.Event()
        scheduler.add_listener(lambda _: self._over.set(), EVENT_SCHEDULER_SHUTDOWN)

    def start(self) -> None:
        """Begin to look; the scheduler has been started."""
        threading.Thread(target=self._watch, name="bgs-bot watchdog", daemon=True).start()

    def look(self) -> None:
        """Put right what the clock has moved."""
        # A job that is paused has no next run.
        planned: list[tuple[Any, datetime]] = [
            (job, job.next_run_time) for job in self._scheduler.get_jobs() if job.next_run_time
        ]
        now = self._clock()
        for job, at in planned:
            if job.id in self._ids:
                self._bring_forward(job, at, now)
        if any(at <= now for _, at in planned):
            self._scheduler.wakeup()

    def _bring_forward(self, job: Any, at: datetime, now: datetime) -> None:
        following = job.trigger.get_next_fire_time(None, now)
        if following is None or at - following < _NOTICEABLE:
            return
        log.warning(
            "The clock was set back: %r runs at %s, not at %s",
            job.name,
            iso_seconds(following),
            iso_seconds(at),
            extra={"action": "clock_set"},
        )
        with contextlib.suppress(JobLookupError):  # just removed
            job.modify(next_run_time=following)

    def _watch(self) -> None:
        while not self._over.wait(self._seconds):
            try:
                self.look()
            except Exception:
                log.exception("Looking after the schedule failed and is tried again")
