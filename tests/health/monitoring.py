"""The example alerts and the dashboard, and what their expressions name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class Matcher(NamedTuple):
    """What an expression wants of one label of a metric's."""

    metric: str
    label: str
    operator: str
    value: str


def matchers_in(expression: str) -> list[Matcher]:
    """Return what an expression in Prometheus's language wants of labels."""
    return [
        Matcher(metric, *found)
        for metric, selector in re.findall(r"([a-z_]+)\{([^}]*)\}", expression)
        for found in re.findall(r'([a-z_]+)(=~|!~|!=|=)"([^"]*)"', selector)
    ]


def rules() -> list[dict[str, Any]]:
    """The alerts."""
    parsed = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in parsed["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """The panels of the dashboard."""
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
