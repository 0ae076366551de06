"""How things stand when Prometheus asks, as metrics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.delivery.ledger import PartState

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from prometheus_client.core import Metric

    from bot.delivery.ledger import Totals
    from bot.health.ages import Newest
    from bot.health.watched import Finding
    from bot.scheduling.overdue import Nights


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How things stand at one moment.

    Attributes
    ----------
    now
        The report's clock, for ages.
    findings
        What each check found.
    totals
        What the ledger counted last; None before it was asked.
    nights
        How each tenant's nightly posts stand.
    newest
        What is known of each tenant's events.
    """

    now: datetime
    findings: Mapping[str, Finding] = field(default_factory=dict)
    totals: Totals | None = None
    nights: Mapping[str, Nights] = field(default_factory=dict)
    newest: Mapping[str, Newest] = field(default_factory=dict)


class SnapshotCollector(Collector):
    """Draws `now` whenever the registry is asked; what is gone from it is gone.

    Parameters
    ----------
    build
        What runs, for the build's labels.
    """

    def __init__(self, build: Mapping[str, str]) -> None:
        self._build = build
        self.now: Snapshot | None = None

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of `now`."""
        build = GaugeMetricFamily(
            "bgsbot_build_info", "What runs; always 1.", labels=tuple(self._build)
        )
        build.add_metric(tuple(self._build.values()), 1)
        yield build
        snapshot = self.now
        if snapshot is None:
            return
        checks = {name: finding.ok for name, finding in snapshot.findings.items()}
        yield _by("bgsbot_check_ok", "Whether a check of /readyz is passed.", "check", checks)
        if snapshot.totals is not None:
            yield from _posts(snapshot.totals)
        yield from _nights(snapshot.nights)
        yield from _newest(snapshot.newest, snapshot.now)


def _posts(totals: Totals) -> Iterator[Metric]:
    counts = {state.value: totals.states.get(state, 0) for state in PartState}
    yield _by("bgsbot_posts", "Messages in the ledger by state.", "state", counts)
    for name, text, count in (
        ("in_doubt", "Messages that were ever in doubt.", totals.in_doubt),
        (
            "resent",
            "Messages sent again though nobody could look; they may have arrived twice.",
            totals.resent_in_doubt,
        ),
    ):
        counter = CounterMetricFamily(f"bgsbot_posts_{name}", text)
        counter.add_metric((), count)
        yield counter


def _nights(nights: Mapping[str, Nights]) -> Iterator[Metric]:
    overdue = {tenant: len(each.overdue) for tenant, each in nights.items()}
    given_up = {tenant: len(each.given_up) for tenant, each in nights.items()}
    yield _by("bgsbot_nights_overdue", "Nightly reports that are late.", "tenant", overdue)
    text = "Nightly reports of the last nights that failed for good."
    yield _by("bgsbot_nights_given_up", text, "tenant", given_up)


def _newest(newest: Mapping[str, Newest], now: datetime) -> Iterator[Metric]:
    ages = {
        tenant: max(0.0, (now - each.at).total_seconds())
        for tenant, each in newest.items()
        if each.at is not None
    }
    text = "Age of a tenant's newest event; of the last one known where its database is away."
    yield _by("bgsbot_tenant_newest_event_age_seconds", text, "tenant", ages)
    up = {tenant: each.is_up for tenant, each in newest.items()}
    text = "Whether a tenant's database answered when it was last asked."
    yield _by("bgsbot_tenant_database_up", text, "tenant", up)


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=(label,))
    for value_of, value in values.items():
        family.add_metric((value_of,), value)
    return family
