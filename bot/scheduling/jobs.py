"""The APScheduler side: when the night watch is called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.scheduling.failures import log_failure
from bot.scheduling.nights import nightlies
from bot.scheduling.pulse import Pulse
from bot.scheduling.watch import NightWatch
from bot.scheduling.watchdog import LOOK_SECONDS, Every, Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future

    from bot.runtime import Runtime
    from bot.scheduling.host import Host
    from bot.scheduling.nights import Nightly

_SWEEP_SECONDS = 60.0
_SWEEP = "sweep"
_RETRY = "retry"


class ShiftedCron(CronTrigger):  # type: ignore[misc]  # APScheduler has no type hints
    """A cron trigger on a clock that is ahead of or behind the real one.

    Parameters
    ----------
    shift
        What to add to real time to get the report's clock.
    """

    def __init__(self, shift: timedelta, **fields: Any) -> None:
        super().__init__(timezone=UTC, **fields)
        self._shift = shift

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """Return the next time in real time."""
        previous = previous_fire_time + self._shift if previous_fire_time else None
        following: datetime | None = super().get_next_fire_time(previous, now + self._shift)
        return following - self._shift if following else None


class Timetable:
    """Calls the night watch: at each report's minute after 00:00 UTC and every minute.

    Jobs only hand work to the host's loop and return at once, so that the end
    of the interpreter never waits for a job longer than the host allows.

    Parameters
    ----------
    host
        Where the watch runs.
    clock
        Real time, aware, in UTC.
    shift
        What to add to real time to get the report's clock.
    sweep_seconds
        From one sweep to the next.
    look_seconds
        How soon it is noticed that the clock was set.

    Attributes
    ----------
    pulse
        When a sweep was last done.
    """

    def __init__(
        self,
        host: Host,
        *,
        clock: Callable[[], datetime],
        shift: timedelta = timedelta(),
        sweep_seconds: float = _SWEEP_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._host = host
        self._clock = clock
        self._shift = shift
        self._sweep_seconds = sweep_seconds
        self._look_seconds = look_seconds
        self._watch: NightWatch | None = None
        self.scheduler = BackgroundScheduler(timezone=UTC)
        self.pulse = Pulse()

    def start(self) -> None:
        """Add the jobs and start them; what was missed is posted at once."""
        watched = {_SWEEP, *(self._add_nightly(nightly) for nightly in nightlies())}
        self.scheduler.add_job(
            self._sweep,
            Every(self._sweep_seconds),
            id=_SWEEP,
            name="post what is due and was not",
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=self._clock(),
        )
        self.scheduler.start()
        Watchdog(self.scheduler, watched, seconds=self._look_seconds).start()

    def _add_nightly(self, nightly: Nightly) -> str:
        hour, minute = divmod(nightly.minute, 60)
        trigger: CronTrigger = (
            ShiftedCron(self._shift, hour=hour, minute=minute)
            if self._shift
            else CronTrigger(hour=hour, minute=minute, timezone=UTC)
        )
        job = self.scheduler.add_job(
            self._run,
            trigger,
            args=[nightly.report],
            id=f"nightly-{nightly.report}",
            name=f"nightly {nightly.report}",
            coalesce=True,
            misfire_grace_time=None,
        )
        return str(job.id)

    def _run(self, report: str) -> None:
        self._begin(lambda watch: watch.run(report))

    def _sweep(self) -> None:
        async def sweep(watch: NightWatch) -> None:
            with self.pulse.beat():
                await watch.sweep()

        self._begin(sweep)

    def _begin(self, work: Callable[[NightWatch], Coroutine[object, object, object]]) -> None:
        async def watched(runtime: Runtime) -> None:
            if self._watch is None:
                self._watch = NightWatch(runtime, lambda: self._clock() + self._shift)
            await work(self._watch)
            await self._plan_retry(self._watch)

        if self._host.alive:
            self._host.submit(watched).add_done_callback(_log_failure)

    async def _plan_retry(self, watch: NightWatch) -> None:
        due = await watch.next_attempt()
        if due is not None and self.scheduler.running:
            self.scheduler.add_job(
                self._sweep,
                "date",
                run_date=max(due, self._clock() + timedelta(seconds=1)),
                id=_RETRY,
                name="try again what has failed",
                replace_existing=True,
                misfire_grace_time=None,
            )


def _log_failure(future: Future[None]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log_failure("The night watch", error)
