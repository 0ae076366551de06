"""How old each tenant's newest event is: a backend that fell silent shows here."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot.health.sample import Sample
from bot.reports.moments import parse_moment
from bot.reports.newest import newest_event
from bot.runtime import real_clock

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from concurrent.futures import Executor
    from datetime import datetime

    from bot.runtime import Runtime
    from bot.tenants import Tenant

ASK_AGAIN_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Newest:
    """What is known of a tenant's events.

    Attributes
    ----------
    at
        When the newest one happened; None while no answer is known, or where
        there is no event.
    is_up
        Whether the database answered when it was last asked.
    """

    at: datetime | None
    is_up: bool


class NewestEvents:
    """Asks the tenants' databases now and then, and never waits for them.

    Parameters
    ----------
    pool
        Where they are asked.
    keep
        Seconds before a tenant's database is asked again.
    monotonic
        Seconds on a clock that nobody sets.
    clock
        The time of day: an event after it is not the newest.
    """

    def __init__(
        self,
        pool: Executor,
        *,
        keep: float = ASK_AGAIN_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], datetime] = real_clock,
    ) -> None:
        self._pool = pool
        self._keep = keep
        self._monotonic = monotonic
        self._clock = clock
        self._samples: dict[str, Sample[datetime | None]] = {}

    @property
    def asking(self) -> set[asyncio.Future[datetime | None]]:
        """What is being asked at this moment."""
        return {asking for sample in self._samples.values() for asking in sample.asking}

    def look(self, runtime: Runtime) -> dict[str, Newest]:
        """Return what is known by tenant id, and begin to ask what is not or is old."""
        tenants = {tenant.id: tenant for tenant in runtime.registry.tenants}
        for gone in self._samples.keys() - tenants.keys():
            del self._samples[gone]
        for name in tenants:
            self._sample(runtime, name).ask()
        return {
            name: Newest(sample.last, not sample.failed)
            for name, sample in self._samples.items()
            if sample.answered
        }

    def _sample(self, runtime: Runtime, name: str) -> Sample[datetime | None]:
        sample = self._samples.get(name)
        if sample is None:
            ask = partial(_newest_of, runtime, name, self._clock)
            sample = Sample(ask, self._pool, keep=self._keep, monotonic=self._monotonic)
            self._samples[name] = sample
        return sample


def _newest_of(runtime: Runtime, name: str, clock: Callable[[], datetime]) -> datetime | None:
    """Ask the database of the tenant as it is configured now."""
    tenant: Tenant = runtime.registry.get(name)
    newest = newest_event(runtime.databases.get(tenant), clock())
    return None if newest is None else parse_moment(newest)
