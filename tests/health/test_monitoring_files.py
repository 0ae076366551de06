"""The example alerts and the dashboard name only metrics and labels that exist."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.health.metrics import Metrics
from bot.scheduling.watch import NightWatch
from tests.delivery.office import NIGHT
from tests.health.monitoring import (
    ADDED_LABELS,
    OF_PROMETHEUS,
    expressions,
    names_in,
    panels,
    rules,
)

if TYPE_CHECKING:
    from tests.delivery.office import Office
    from tests.health.asking import Clinic, Scrape


async def whole_scrape(office: Office, clinic: Clinic) -> Scrape:
    """A real scrape in which everything has happened once."""
    office.add()
    metrics = Metrics()
    metrics.query_done("daily", "sqlite", "ok", 0.1)
    metrics.command_done("summary", "ok", 0.1)
    metrics.delivery_done("sent", 0.1, again=True)
    async with office.open() as desk:
        await NightWatch(desk.runtime, lambda: NIGHT - timedelta(hours=2)).sweep()
        doctor = await clinic.open(desk.runtime, clock=lambda: NIGHT, metrics=metrics)
        async with asyncio.timeout(30):
            while True:
                scrape = await doctor.scrape()
                if scrape.get("bgsbot_tenant_newest_event_age_seconds", tenant="wolves"):
                    return scrape
                await asyncio.sleep(0.05)


async def test_every_metric_and_label_that_is_named_exists(office: Office, clinic: Clinic) -> None:
    known = (await whole_scrape(office, clinic)).labels_of | OF_PROMETHEUS
    for where, expression in expressions():
        used = names_in(expression)
        assert used.metrics, where
        assert used.metrics <= known.keys(), where
        labels = set().union(*(known[name] for name in used.metrics), ADDED_LABELS)
        assert used.labels <= labels, where


async def test_every_metric_of_ours_is_used_by_an_alert_or_shown(
    office: Office, clinic: Clinic
) -> None:
    scrape = await whole_scrape(office, clinic)
    named = set().union(*(names_in(expression).metrics for _, expression in expressions()))
    unused = {
        name
        for name, kind in scrape.kinds.items()
        if name.startswith("bgsbot_")
        and not name.endswith("_created")
        and not named & {name, f"{name}_total", f"{name}_bucket"}
        and kind != "unknown"
    }
    assert unused == set()


def test_alerts_tell_what_is_wrong_and_of_whom() -> None:
    found = rules()
    assert len({rule["alert"] for rule in found}) == len(found)
    for rule in found:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert set(rule["annotations"]) == {"summary", "description"}
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        told = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        used = names_in(rule["expr"])
        is_grouped = re.search(r"\b(by|max|min|sum)\b", rule["expr"]) is not None
        assert told <= (used.labels if is_grouped else used.labels | ADDED_LABELS), rule["alert"]


def test_what_wakes_an_operator_has_an_alert() -> None:
    named = {name for rule in rules() for name in names_in(rule["expr"]).metrics}
    assert {
        "up",
        "bgsbot_nights_overdue",
        "bgsbot_posts",
        "bgsbot_tenant_newest_event_age_seconds",
        "bgsbot_check_ok",
    } <= named
    texts = [rule["expr"] for rule in rules()]
    assert any('check="gateway"' in text for text in texts)


def test_the_dashboards_panels_lie_side_by_side() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in panels()}) == len(panels())
