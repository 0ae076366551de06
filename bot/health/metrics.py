"""The metrics of one process, in a registry of its own."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from bot.delivery.errands import OUTCOMES
from bot.health.snapshot import SnapshotCollector
from bot.observing import Observer
from bot.version import version

if TYPE_CHECKING:
    from bot.health.snapshot import Snapshot

CONTENT_TYPE = CONTENT_TYPE_LATEST
_WAITS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)
_LAGS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


class Metrics(Observer):
    """Counts what it hears, and draws it for Prometheus.

    Labels hold a tenant's id at most: never a name, an address or a secret.
    """

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._snapshot = SnapshotCollector(build_facts())
        registry.register(self._snapshot)
        ProcessCollector(registry=registry)
        self._queries = Histogram(
            "bgsbot_query_seconds",
            "Time to compute a report in a tenant's database.",
            ("report", "engine", "outcome"),
            buckets=_WAITS,
            registry=registry,
        )
        self._commands = Histogram(
            "bgsbot_command_seconds",
            "Time to serve a player's command, press, form or typing.",
            ("command", "outcome"),
            buckets=_WAITS,
            registry=registry,
        )
        self._deliveries = Histogram(
            "bgsbot_delivery_seconds",
            "Time to post a message, with the wait that Discord's limits ask for.",
            ("outcome",),
            buckets=_WAITS,
            registry=registry,
        )
        self._retries = Counter(
            "bgsbot_delivery_retries",
            "Attempts to post a message that had been tried before.",
            registry=registry,
        )
        self._lag = Histogram(
            "bgsbot_event_loop_lag_seconds",
            "How late the event loop comes to what is due.",
            buckets=_LAGS,
            registry=registry,
        )
        for outcome in OUTCOMES.values():
            self._deliveries.labels(outcome)

    def query_done(self, report: str, engine: str, outcome: str, seconds: float) -> None:
        """Count a query."""
        self._queries.labels(report, engine, outcome).observe(seconds)

    def command_done(self, command: str, outcome: str, seconds: float) -> None:
        """Count a command."""
        self._commands.labels(command, outcome).observe(seconds)

    def delivery_done(self, outcome: str, seconds: float, *, again: bool) -> None:
        """Count a request to post."""
        self._deliveries.labels(outcome).observe(seconds)
        if again:
            self._retries.inc()

    def loop_was_late(self, seconds: float) -> None:
        """Count how late the event loop came."""
        self._lag.observe(seconds)

    def draw(self, snapshot: Snapshot) -> bytes:
        """Return everything in Prometheus's text format.

        Parameters
        ----------
        snapshot
            How things stand at this moment.
        """
        self._snapshot.now = snapshot
        return generate_latest(self._registry)


def build_facts() -> dict[str, str]:
    """Return what runs: the versions of the bot, of Python and of discord.py."""
    return {
        "version": version(),
        "python": platform.python_version(),
        "discord_py": metadata.version("discord.py"),
    }
