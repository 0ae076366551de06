"""From grouped rows to the figures of a report, in the shape of its JSON."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from operator import itemgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Amounts = list[tuple[str, int]]
Answer = list[dict[str, Any]]

_SIZE = re.compile(r"""['"](low|medium|high)['"]: (-?\d+)\b""")
_PLACE = {"low": 0, "medium": 1, "high": 2}


@dataclass(slots=True)
class Groups:
    """What the database counted, before the cut: per CMDR, zeros included."""

    market: list[tuple[str, int, int]]
    missions: Amounts
    influence: list[tuple[str, str, int]]
    bounties: Amounts
    bonds: Amounts
    exploration: Amounts
    fines: Amounts


def daily(groups: Groups, faction_name: str, top: int) -> Answer:
    """Return the sections of the daily summary."""
    sections = [
        _market(groups.market, top),
        _simple("missions", "Missions Completed", "missions", groups.missions, top),
        *_influence(groups.influence, faction_name, top),
        _simple("bounties", "Bounty Vouchers", "amount", groups.bounties, top),
        _simple("bonds", "Combat Bonds", "amount", groups.bonds, top),
        _simple("exploration", "Exploration Sales", "amount", groups.exploration, top),
        _simple("fines", "Bounty Fines", "amount", groups.fines, top),
    ]
    return [section for section in sections if section["rows"]]


def _market(groups: list[tuple[str, int, int]], top: int) -> dict[str, Any]:
    rows = [row for row in groups if row[1] > 0]
    best = nsmallest(top, rows, key=lambda row: (-row[2], row[0]))
    return {
        "key": "market",
        "title": "Market Events",
        "cmdrs": len(rows),
        "total": {"volume": sum(row[1] for row in rows), "tonnes": sum(row[2] for row in rows)},
        "rows": [
            {"rank": rank, "cmdr": cmdr, "volume": volume, "tonnes": tonnes}
            for rank, (cmdr, volume, tonnes) in enumerate(best, 1)
        ],
    }


def _simple(key: str, title: str, unit: str, groups: Amounts, top: int) -> dict[str, Any]:
    rows = [row for row in groups if row[1]]
    best = nsmallest(top, rows, key=lambda row: (-row[1], row[0]))
    return {
        "key": key,
        "title": title,
        "cmdrs": len(rows),
        "total": {unit: sum(row[1] for row in rows)},
        "rows": [
            {"rank": rank, "cmdr": cmdr, unit: value} for rank, (cmdr, value) in enumerate(best, 1)
        ],
    }


def _influence(groups: list[tuple[str, str, int]], faction_name: str, top: int) -> Answer:
    rows = [row for row in groups if row[2]]
    best = nsmallest(top, rows, key=lambda row: (-row[2], row[0], row[1]))
    section = {
        "key": "influence",
        "title": "Influence by Faction",
        "cmdrs": len(set(map(itemgetter(0), rows))),
        "total": {"influence": sum(map(itemgetter(2), rows))},
        "rows": [
            {"rank": rank, "cmdr": cmdr, "faction": faction, "influence": worth}
            for rank, (cmdr, faction, worth) in enumerate(best, 1)
        ],
    }
    wanted = faction_name.casefold()
    ours = {name for name in set(map(itemgetter(1), rows)) if wanted in name.casefold()}
    own: dict[str, int] = defaultdict(int)
    for cmdr, faction, worth in rows:
        if faction in ours:
            own[cmdr] += worth
    title = f"Influence {faction_name}"
    return [section, _simple("own_influence", title, "influence", list(own.items()), top)]


def conflict_zones(rows: Iterable[tuple[Any, ...]], *, on_ground: bool) -> Answer:
    """Return the systems of a CZ report.

    Parameters
    ----------
    rows
        System, CMDR, cz_type, raw_json and, on the ground, settlement.
    """
    cmdrs: dict[tuple[str, str], list[int]] = {}
    settlements: dict[tuple[str, str], int] = defaultdict(int)
    find = _SIZE.findall
    for system, cmdr, cz_type, raw_json, *rest in rows:
        key = (system or "Unknown", cmdr or "Unknown")
        counts = cmdrs.get(key)
        if counts is None:
            counts = cmdrs[key] = [0, 0, 0, 0]
        total = 0
        found = find(raw_json) if raw_json else None
        if found:
            for size, number in found:
                counts[_PLACE[size]] += int(number)
                total += int(number)
        else:
            counts[_PLACE.get(cz_type, 3)] += 1
            total = 1
        if on_ground:
            settlements[key[0], rest[0] or "Unknown"] += total
    return _systems(cmdrs, settlements, on_ground=on_ground)


def _systems(
    cmdrs: dict[tuple[str, str], list[int]],
    settlements: dict[tuple[str, str], int],
    *,
    on_ground: bool,
) -> Answer:
    by_system: dict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    for (system, cmdr), counts in cmdrs.items():
        by_system[system].append((cmdr, counts))
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for (system, settlement), total in settlements.items():
        if total:
            places[system].append((settlement, total))
    answer = []
    for system, people in by_system.items():
        sums = [sum(column) for column in zip(*(counts for _, counts in people), strict=True)]
        if not any(sums):
            continue
        shown = [(cmdr, counts, sum(counts)) for cmdr, counts in people if any(counts)]
        shown.sort(key=lambda row: (-row[2], row[0]))
        data = {
            "system": system,
            "total": sum(sums),
            **_sizes(sums),
            "cmdrs": [
                {"cmdr": cmdr, **_sizes(counts), "total": total} for cmdr, counts, total in shown
            ],
        }
        if on_ground:
            data["settlements"] = [
                {"settlement": name, "total": total}
                for name, total in sorted(places[system], key=lambda row: (-row[1], row[0]))
            ]
        answer.append(data)
    answer.sort(key=lambda data: (-data["total"], data["system"]))
    return answer


def _sizes(counts: list[int]) -> dict[str, int]:
    return dict(zip(("low", "medium", "high", "unknown"), counts, strict=True))
