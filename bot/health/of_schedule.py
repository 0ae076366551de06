"""The health of the schedule that runs without a bot."""

from __future__ import annotations

import contextlib
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING

from bot.health.server import HealthServer
from bot.health.watched import Finding, Watched, scheduler_finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.health.metrics import Metrics
    from bot.runtime import Runtime
    from bot.scheduling.host import Host
    from bot.scheduling.jobs import Timetable

_CLOSING_SECONDS = 5.0


@contextlib.contextmanager
def schedule_health(
    host: Host,
    timetable: Timetable,
    metrics: Metrics | None,
    *,
    clock: Callable[[], datetime],
    real: Callable[[], datetime],
) -> Iterator[None]:
    """Serve a schedule's health, on the host's loop, for the length of a block.

    Parameters
    ----------
    metrics
        What the host tells; None where no address is set.
    clock
        The report's clock.
    real
        Real time.

    Raises
    ------
    HealthAddressError
        If the address cannot be used.
    """
    address = host.settings.health_addr
    if address is None or metrics is None:
        yield
        return
    server = host.call(lambda runtime: _open(runtime, address, timetable, metrics, clock, real))
    try:
        yield
    finally:
        if host.alive:
            closing = host.submit(lambda _runtime: server.close())
            with contextlib.suppress(FutureTimeoutError):
                closing.result(_CLOSING_SECONDS)


async def _open(
    runtime: Runtime,
    address: str,
    timetable: Timetable,
    metrics: Metrics,
    clock: Callable[[], datetime],
    real: Callable[[], datetime],
) -> HealthServer:
    def scheduler() -> Finding:
        return scheduler_finding(timetable.scheduler.running, timetable.pulse)

    watched = Watched(lambda: runtime, clock, real, {"scheduler": scheduler})
    server = HealthServer(address, watched, metrics)
    await server.open()
    return server
