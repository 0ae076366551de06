"""Health servers on loopback, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.health.metrics import Metrics
from bot.health.server import HealthServer
from bot.health.watched import Finding, Watched

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Callable, Mapping

    from bot.runtime import Runtime

Labels = tuple[tuple[str, str], ...]


@dataclass
class Scrape:
    """What `/metrics` said once."""

    text: str
    values: dict[tuple[str, Labels], float] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for family in text_string_to_metric_families(self.text):
            self.kinds[family.name] = family.type
            for sample in family.samples:
                labels = tuple(sorted(sample.labels.items()))
                self.values[sample.name, labels] = sample.value

    def get(self, name: str, **labels: str) -> float | None:
        """Return a value; None if there is no such sample."""
        return self.values.get((name, tuple(sorted(labels.items()))))

    @property
    def labels_of(self) -> dict[str, set[str]]:
        """The labels that each sample's name has anywhere."""
        found: dict[str, set[str]] = {}
        for name, labels in self.values:
            found.setdefault(name, set()).update(label for label, _ in labels)
        return found


@dataclass
class Doctor:
    """Asks one health server."""

    url: str

    async def ready(self) -> tuple[int, dict[str, Any]]:
        """Return the status of `/readyz` and its checks."""
        status, answer = await self._get("/readyz")
        assert isinstance(answer, dict)
        assert answer["ready"] is (status == 200)
        return status, answer["checks"]

    async def failing(self) -> set[str]:
        """Return the names of the checks that are not passed."""
        _, checks = await self.ready()
        return {name for name, check in checks.items() if not check["ok"]}

    async def alive(self) -> int:
        """Return the status of `/livez`."""
        status, _ = await self._get("/livez")
        return status

    async def scrape(self) -> Scrape:
        """Return what `/metrics` says."""
        status, text = await self._get("/metrics")
        assert status == 200
        return Scrape(str(text))

    async def _get(self, path: str) -> tuple[int, Any]:
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await answer.json() if is_json else await answer.text()


class Clinic:
    """Opens health servers; each ends with the test."""

    def __init__(self, stack: contextlib.AsyncExitStack) -> None:
        self._stack = stack

    async def open(
        self,
        runtime: Runtime | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        checks: Mapping[str, Callable[[], Finding]] | None = None,
        metrics: Metrics | None = None,
        address: str = "127.0.0.1:0",
        patience: float = 20.0,
    ) -> Doctor:
        """Serve the health of a runtime."""
        watched = Watched(lambda: runtime, clock, lambda: datetime.now(UTC), checks or {})
        server = HealthServer(address, watched, metrics or Metrics(), patience=patience)
        await server.open()
        self._stack.push_async_callback(server.close)
        return Doctor(server.url)
