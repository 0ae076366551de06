"""Serves health and metrics where `HEALTH_ADDR` says."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.errors import BotError
from bot.health.ages import NewestEvents
from bot.health.checks import PATIENCE, Checks, NotOpenError
from bot.health.lag import measure_lag
from bot.health.metrics import CONTENT_TYPE
from bot.health.sample import Sample
from bot.health.snapshot import Snapshot
from bot.threads import WorkerPool

if TYPE_CHECKING:
    from bot.delivery.ledger import Totals
    from bot.health.metrics import Metrics
    from bot.health.watched import Watched

log = logging.getLogger(__name__)

_NOT_READY = 503
_CLOSING_SECONDS = 1.0
_KEEP_SECONDS = 2.0
_REST = 50.0
"""Counting reads the whole ledger: at most a fiftieth of the time goes into it."""


_ADVICE = {
    errno.EADDRINUSE: "choose another port, or end what has this one",
    errno.EACCES: "choose a port from 1024 up; those below are not for everyone",
}
_NOT_OURS = (
    "name this machine's own address, such as 127.0.0.1:8080, or 0.0.0.0:8080 for all it has"
)


class HealthAddressError(BotError):
    """Nothing can be served at the address."""

    def __init__(self, address: str, error: OSError | UnicodeError) -> None:
        self.address = address
        number = error.errno if isinstance(error, OSError) else None
        advice = _ADVICE.get(number or 0, _NOT_OURS)
        super().__init__(f"HEALTH_ADDR={address} cannot be used: {_reason(error)}; {advice}")


class HealthServer:
    """Answers `/livez`, `/readyz` and `/metrics`.

    Parameters
    ----------
    address
        ``host:port``.
    watched
        Whose health it is.
    metrics
        What has been counted.
    patience
        Seconds that the state database has for an answer.
    """

    def __init__(
        self, address: str, watched: Watched, metrics: Metrics, *, patience: float = PATIENCE
    ) -> None:
        self._address = address
        self._watched = watched
        self._metrics = metrics
        # What a dead database holds up is a thread of its own kind's.
        self._pools = WorkerPool(2, "health"), WorkerPool(2, "newest-event")
        self._patience = patience
        self._checks = Checks(watched, self._pools[0], patience=patience)
        self._totals = Sample(self._count, self._pools[0], keep=_KEEP_SECONDS, rest=_REST)
        self._newest = NewestEvents(self._pools[1], clock=watched.clock)
        self._lag: asyncio.Task[None] | None = None
        app = web.Application()
        app.router.add_get("/livez", self._live)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._scrape)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSING_SECONDS)

    async def open(self) -> None:
        """Begin to serve.

        Raises
        ------
        HealthAddressError
            If the address is taken, or not this machine's.
        """
        await self._runner.setup()
        host, _, port = self._address.rpartition(":")
        try:
            await web.TCPSite(self._runner, host.strip("[]"), int(port)).start()
        except (OSError, UnicodeError) as error:
            await self._runner.cleanup()
            raise HealthAddressError(self._address, error) from error
        self._lag = asyncio.create_task(measure_lag(self._metrics.loop_was_late), name="lag")
        log.info("Health and metrics are served at %s", self.url, extra={"action": "health"})

    async def close(self) -> None:
        """Stop serving; what a database has not answered by now is left behind."""
        await self._runner.cleanup()
        if self._lag is not None:
            self._lag.cancel()
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)
        asking: set[asyncio.Future[Any]] = {
            *self._checks.asking,
            *self._totals.asking,
            *self._newest.asking,
        }
        if asking:
            await asyncio.wait(asking, timeout=_CLOSING_SECONDS)

    @property
    def url(self) -> str:
        """The address in use."""
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def _live(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, _request: web.Request) -> web.Response:
        findings = await self._checks.run()
        is_ready = all(finding.ok for finding in findings.values())
        checks = {name: asdict(finding) for name, finding in findings.items()}
        return web.json_response(
            text=json.dumps({"ready": is_ready, "checks": checks}) + "\n",
            status=200 if is_ready else _NOT_READY,
        )

    async def _scrape(self, _request: web.Request) -> web.Response:
        findings, _ = await asyncio.gather(self._checks.run(), self._count_posts())
        runtime = self._watched.runtime()
        newest = {} if runtime is None else self._newest.look(runtime)
        now, nights = self._watched.clock(), self._checks.nights
        body = self._metrics.draw(Snapshot(now, findings, self._totals.last, nights, newest))
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    async def _count_posts(self) -> None:
        """Count anew if the last count is old; where it fails, that one stands."""
        try:
            await self._totals.fresh(self._patience)
        except (TimeoutError, BotError):
            log.debug("The posts could not be counted", exc_info=True)

    def _count(self) -> Totals:
        runtime = self._watched.runtime()
        if runtime is None:
            raise NotOpenError
        return runtime.ledger.totals()


def _reason(error: OSError | UnicodeError) -> str:
    """Return why an address cannot be listened at, without asyncio's repetition of it."""
    if isinstance(error, UnicodeError):
        return "no host can have this name"
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or os.strerror(errno.EADDRNOTAVAIL)  # newer asyncio gives no number
