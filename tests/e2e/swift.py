"""`bgs-bot run` and `bgs-bot schedule` as a program, with a sweep each second.

Run by its path, with the one or the other as its argument.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from datetime import UTC, datetime

from bot.client import ReportBot, point_at
from bot.logs import setup_logging
from bot.scheduling.host import Host
from bot.scheduling.jobs import Timetable
from bot.serving import serve
from bot.settings import load_settings
from bot.tenants import TenantRegistry
from cogs.reporting import Reporting

SWEEP_SECONDS = 1.0


def main() -> None:
    """Run what is asked for until SIGTERM."""
    settings = load_settings()
    setup_logging(settings)
    registry = TenantRegistry.load(settings.tenant_file, webhook_hosts=settings.webhook_hosts)
    if sys.argv[1] == "run":
        point_at(settings)
        asyncio.run(_run(ReportBot(settings, registry)))
    else:
        _schedule(Host(settings, registry))


async def _run(bot: ReportBot) -> None:
    stop = asyncio.Event()
    up = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    token = bot.settings.discord_token
    assert token is not None
    running = asyncio.create_task(serve(bot, token.get_secret_value(), stop, ready=up.set))
    await up.wait()
    await bot.remove_cog("Reporting")
    await bot.add_cog(Reporting(bot, sweep_seconds=SWEEP_SECONDS))
    _say_it_runs()
    await running


def _schedule(host: Host) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    host.start()
    timetable = Timetable(
        host,
        clock=lambda: datetime.now(UTC),
        sweep_seconds=SWEEP_SECONDS,
        look_seconds=SWEEP_SECONDS,
    )
    timetable.start()
    _say_it_runs()
    while not stop.wait(0.5):
        pass
    timetable.scheduler.shutdown(wait=False)
    host.stop()


def _say_it_runs() -> None:
    print("The bot runs", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
