"""The example alerts and the dashboard name only metrics and labels that exist."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot.health.metrics import Metrics
from bot.scheduling.watch import NightWatch
from tests.delivery.office import NIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.delivery.office import Office
    from tests.health.asking import Clinic, Scrape

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
RULES = DEPLOY / "prometheus" / "bgs-bot.rules.yml"
DASHBOARD = DEPLOY / "grafana" / "bgs-bot.json"

OF_PROMETHEUS = {"up": {"job", "instance"}}
"""Series that Prometheus makes itself."""

ADDED_LABELS = {"job", "instance"}
FUNCTIONS = {
    "histogram_quantile",
    "increase",
    "label_values",
    "max",
    "min",
    "rate",
    "sum",
}


@dataclass
class Used:
    """What an expression names."""

    metrics: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)


def names_in(expression: str) -> Used:
    """Return the metrics and labels of an expression in Prometheus's language."""
    used = Used()
    rest = re.sub(r'"[^"]*"', '""', expression)

    def take_labels(match: re.Match[str]) -> str:
        used.labels.update(re.findall(r"[a-z_]+", match[1]))
        return ""

    variable = re.fullmatch(r"label_values\((\w+), (\w+)\)", rest)
    if variable is not None:
        return Used({variable[1]}, {variable[2]})
    rest = re.sub(r"\{([^}]*)\}", take_labels, rest)
    rest = re.sub(r"\bby \(([^)]*)\)", take_labels, rest)
    rest = re.sub(r"\[\w+\]", "", rest)
    for name, call in re.findall(r"([a-zA-Z_]\w*)( *\(?)", rest):
        if call.strip():
            assert name in FUNCTIONS, name
        else:
            assert name not in FUNCTIONS, f"{name} is no call"
            used.metrics.add(name)
    return used


def rules() -> list[dict[str, Any]]:
    parsed = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in parsed["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return found


def expressions() -> Iterator[tuple[str, str]]:
    """Every expression of both files, with where it is."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    variables = json.loads(DASHBOARD.read_text(encoding="utf-8"))["templating"]["list"]
    yield from ((each["name"], each["query"]) for each in variables if each["type"] == "query")


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
