"""``bgs-bot schedule``: the nightly posts, in the foreground."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.clock import real_now
from bot.cli.text import note
from bot.observing import SILENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.cli.session import Session
    from bot.health.metrics import Metrics
    from bot.scheduling.host import Host
    from bot.settings import Settings

_LOOK_SECONDS = 0.5
_OPENING_SECONDS = 0.05


@click.command(
    "schedule",
    epilog=options.examples(
        "bgs-bot schedule                  run until Ctrl-C or SIGTERM",
        "bgs-bot schedule --now 2025-09-12T23:59:30Z",
        "                                  watch a night change in a minute",
    ),
)
@options.now_option
@options.tenant_file_option
@click.pass_obj
def command(session: Session, now: datetime | None) -> None:
    """Post the reports every night, without a bot token, until stopped.

    The daily summary goes out at 00:00 UTC, space CZs at 00:01 and ground CZs
    at 00:02, each for yesterday; from 00:03 the added reports that the tenant
    file names. A night that was missed while nothing ran is posted at the
    start, once. Ctrl-C or SIGTERM ends it after the message
    that is being sent.
    """
    from bot.logs import setup_logging
    from bot.scheduling.host import Host

    settings = session.settings()
    setup_logging(settings)
    registry = session.registry()
    stop = threading.Event()
    _on_signals(stop.set)
    metrics = _metrics(settings)
    host = Host(settings, registry, observer=metrics or SILENT)
    if not _opened(host, stop):
        note("Stopped.")
        return
    try:
        _run(host, metrics, stop, now - real_now() if now is not None else timedelta())
    finally:
        host.stop()
    if not stop.is_set():
        note("Error: the schedule ended by itself; see tick_scheduler.log.")
        raise click.exceptions.Exit(1)
    note("Stopped.")


def _run(host: Host, metrics: Metrics | None, stop: threading.Event, shift: timedelta) -> None:
    from bot.health.of_schedule import schedule_health
    from bot.scheduling.jobs import Timetable

    timetable = Timetable(host, clock=real_now, shift=shift)

    def clock() -> datetime:
        return real_now() + shift

    with schedule_health(host, timetable, metrics, clock=clock, real=real_now):
        timetable.start()
        try:
            note("Waiting for midnight UTC; Ctrl-C or SIGTERM to stop.")
            _wait(stop, host)
        finally:
            timetable.scheduler.shutdown(wait=False)


def _metrics(settings: Settings) -> Metrics | None:
    if settings.health_addr is None:
        return None
    from bot.health.metrics import Metrics

    return Metrics()


def _opened(host: Host, stop: threading.Event) -> bool:
    """Open the host, unless told to stop before its databases have answered."""
    from bot.threads import WorkerPool

    opening = WorkerPool(1, "opening").submit(host.start)
    while not opening.done():
        if stop.wait(_OPENING_SECONDS):
            return False
    opening.result()
    return True


def _on_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())


def _wait(stop: threading.Event, host: Host) -> None:
    while not stop.wait(_LOOK_SECONDS) and host.alive:
        pass
