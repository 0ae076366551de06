"""The conflict zone reports: how many of which size, by star system and CMDR."""

from __future__ import annotations

import ast
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.truth.question import among

if TYPE_CHECKING:
    from tests.truth.question import Question
    from tests.truth.rows import Answer, Chosen, Rows

SIZES = ("low", "medium", "high")
COUNTS = (*SIZES, "unknown")


def systems(rows: Rows, question: Question, chosen: Chosen) -> list[Answer]:
    """The star systems in which there were CZs, those with most first."""
    on_ground = question.report == "groundcz"
    table = "synthetic_ground_cz" if on_ground else "synthetic_cz"
    events = {
        event["id"]: event
        for event in rows.events(question, "starsystem", "raw_json")
        if chosen(event) and question.wants(event)
    }
    nullable = ["cz_type", *(["settlement"] if on_ground else [])]
    nullable += ["faction"] if question.factions else []
    cmdrs: Any = defaultdict(lambda: defaultdict(lambda: dict.fromkeys(COUNTS, 0)))
    places: Any = defaultdict(lambda: defaultdict(int))
    for row in rows.read(table, ["event_id"], nullable):
        event = events.get(row["event_id"])
        if event is None:
            continue
        if question.factions and not among([row["faction"]], question.factions):
            continue
        asked = question.settlements if on_ground else ()
        if asked and not among([row["settlement"]], asked):
            continue
        counts = cz_counts(event["raw_json"], row["cz_type"])
        system = event["starsystem"] or "Unknown"
        for size, number in counts.items():
            cmdrs[system][event["cmdr"] or "Unknown"][size] += number
            places[system][row.get("settlement") or "Unknown"] += number
    found = [cz_system(name, cmdrs[name], places[name], on_ground) for name in cmdrs]
    shown = [system for system in found if any(system[size] for size in COUNTS)]
    return sorted(shown, key=lambda system: (-system["total"], system["system"]))


def cz_system(name: str, cmdrs: Any, places: dict[str, int], on_ground: bool) -> Answer:
    """One star system of a CZ report."""
    lines = [
        {"cmdr": cmdr, **counts, "total": sum(counts.values())}
        for cmdr, counts in cmdrs.items()
        if any(counts.values())
    ]
    totals = {size: sum(counts[size] for counts in cmdrs.values()) for size in COUNTS}
    answer: Answer = {
        "system": name,
        "total": sum(totals.values()),
        **totals,
        "cmdrs": sorted(lines, key=lambda line: (-line["total"], line["cmdr"])),
    }
    if on_ground:
        settlements = [{"settlement": key, "total": n} for key, n in places.items() if n]
        answer["settlements"] = sorted(
            settlements, key=lambda line: (-line["total"], line["settlement"])
        )
    return answer


def cz_counts(raw: str | None, cz_type: str | None) -> dict[str, int]:
    """What one CZ event counts for."""
    data = None
    for reader in (json.loads, ast.literal_eval):
        try:
            data = reader(raw or "")
            break
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    counts = dict.fromkeys(COUNTS, 0)
    numbers = {}
    if isinstance(data, dict):
        numbers = {
            size: data[size]
            for size in SIZES
            if isinstance(data.get(size), int) and not isinstance(data.get(size), bool)
        }
    if numbers:
        return counts | numbers
    counts[cz_type if cz_type in SIZES else "unknown"] = 1
    return counts
