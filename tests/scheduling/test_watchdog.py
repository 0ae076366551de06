"""A scheduler whose clock is set, and the one who looks after it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.runtime import real_clock
from bot.scheduling import start_scheduler
from bot.scheduling.host import Host
from bot.scheduling.jobs import Timetable
from bot.scheduling.watchdog import Every, Watchdog
from bot.settings import load_settings
from bot.tenants import TenantRegistry
from tests.integration.night import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scheduling.conftest import Backend

NOW = datetime(2030, 9, 11, 22, 30, tzinfo=UTC)
MIDNIGHT = datetime(2030, 9, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Sleeper(BackgroundScheduler):  # type: ignore[misc]  # APScheduler has no type hints
    """A scheduler that counts how often it was woken up."""

    woken = 0

    def wakeup(self) -> None:
        """Look for jobs."""
        self.woken += 1
        super().wakeup()


class Run:
    """A scheduler with a nightly job, a sweep, and a job of somebody else's."""

    def __init__(self) -> None:
        self.now = NOW
        self.scheduler = Sleeper(timezone=UTC)
        self.scheduler.start(paused=True)
        self.watchdog = Watchdog(
            self.scheduler, {"night", "sweep"}, seconds=0.05, clock=lambda: self.now
        )
        self.add("night", CronTrigger(hour=0, timezone=UTC), MIDNIGHT)
        self.add("sweep", Every(60), NOW + timedelta(seconds=40))
        self.add("foreign", Every(60), NOW + 2 * DAY)

    def add(self, name: str, trigger: object, at: datetime) -> None:
        """Add a job that runs at a moment."""
        self.scheduler.add_job(print, trigger, id=name, name=name, next_run_time=at)

    def times(self) -> dict[str, datetime]:
        """When each job runs next."""
        return {job.id: job.next_run_time for job in self.scheduler.get_jobs()}


@pytest.fixture
def run() -> Iterator[Run]:
    run = Run()
    yield run
    if run.scheduler.running:
        run.scheduler.shutdown()


def test_jobs_are_left_alone_while_nobody_sets_the_clock(run: Run) -> None:
    before = run.times()
    for seconds in (0, 10, 30, 39.9, 41, 200):
        run.now = NOW + timedelta(seconds=seconds)
        run.watchdog.look()
    assert run.times() == before


def test_jobs_come_forward_when_the_clock_was_set_back(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    before = run.times()
    run.now = NOW - 2 * DAY
    run.watchdog.look()
    assert run.times() == {
        "night": MIDNIGHT - 2 * DAY,
        "sweep": run.now + timedelta(seconds=60),
        "foreign": before["foreign"],
    }
    assert "'night' runs at 2030-09-10T00:00:00Z, not at 2030-09-12T00:00:00Z" in caplog.text


def test_a_correction_of_a_second_is_nothing_to_tell(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    run.now = NOW - timedelta(seconds=21)
    run.watchdog.look()
    assert caplog.text == ""


def test_a_job_that_is_paused_or_removed_stays_so(run: Run) -> None:
    run.scheduler.pause_job("night")
    run.scheduler.remove_job("sweep")
    run.now = NOW - 2 * DAY
    run.watchdog.look()
    assert run.times() == {"night": None, "foreign": NOW + 2 * DAY}


def test_a_scheduler_is_woken_up_when_a_job_is_due(run: Run) -> None:
    woken = run.scheduler.woken
    run.now = NOW + timedelta(seconds=39)
    run.watchdog.look()
    assert run.scheduler.woken == woken
    run.now = MIDNIGHT + timedelta(hours=1)
    run.watchdog.look()
    assert run.scheduler.woken > woken


def test_it_ends_with_the_scheduler(run: Run) -> None:
    def watches() -> bool:
        return any(thread.name == "bgs-bot watchdog" for thread in threading.enumerate())

    run.watchdog.start()
    assert watches()
    run.scheduler.shutdown()
    wait_for(lambda: not watches())


def test_a_clock_that_was_set_forward_for_years_is_one_run() -> None:
    every = Every(60)
    assert every.get_next_fire_time(NOW - 9000 * DAY, NOW) == NOW + timedelta(seconds=60)
    assert str(every) == "every 60 s"


def test_the_sweep_comes_back_after_its_time_was_moved_far_away(backend: Backend) -> None:
    backend.add_tenant("wolves")
    settings = load_settings(base_dir=backend.folder)
    registry = TenantRegistry.load(settings.tenant_file, webhook_hosts=settings.webhook_hosts)
    host = Host(settings, registry)
    host.start()
    timetable = Timetable(host, clock=real_clock, sweep_seconds=0.2, look_seconds=0.05)
    timetable.start()
    sweep = timetable.scheduler.get_job("sweep")

    def moved_away() -> bool:
        sweep.modify(next_run_time=datetime.now(UTC) + 3 * DAY)  # as a step back leaves it
        return timetable.pulse.quiet_seconds > 0.5

    wait_for(moved_away)
    wait_for(lambda: timetable.pulse.quiet_seconds < 0.2)
    timetable.scheduler.shutdown()
    host.stop()


def test_the_drop_in_is_looked_after_and_its_jobs_are_there(backend: Backend) -> None:
    backend.add_tenant("wolves")
    scheduler = start_scheduler(backend.app, backend.db)
    assert {"sweep", "nightly-daily"} <= {job.id for job in scheduler.get_jobs()}
    assert [t for t in threading.enumerate() if t.name == "bgs-bot watchdog"]
