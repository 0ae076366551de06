"""The daily summary: what each CMDR did, added up section by section."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.truth.question import among

if TYPE_CHECKING:
    from tests.truth.question import Question
    from tests.truth.rows import Answer, Chosen, Row, Rows


def sections(rows: Rows, question: Question, chosen: Chosen) -> list[Answer]:
    """The sections in which there is something, in their order."""
    events = {
        event["id"]: event
        for event in rows.events(question)
        if chosen(event) and question.wants(event)
    }
    work = _work(rows, question)
    kept: dict[str, list[tuple[str, str, int, int]]] = defaultdict(list)
    for key, event_id, factions, value, tonnes in work:
        event = events.get(event_id)
        if event is None or not event["cmdr"]:
            continue
        if question.factions and not among(factions, question.factions):
            continue
        faction = factions[0] if key == "influence" else ""
        kept[key].append((event["cmdr"], faction, value, tonnes))
    own = (question.faction_name or "").strip()
    if own:
        kept["own_influence"] = [
            (cmdr, "", value, 0)
            for cmdr, faction, value, _ in kept["influence"]
            if own.casefold() in faction.casefold()
        ]
    titles = {
        "market": "Market Events",
        "missions": "Missions Completed",
        "influence": "Influence by Faction",
        "own_influence": f"Influence {own}",
        "bounties": "Bounty Vouchers",
        "bonds": "Combat Bonds",
        "exploration": "Exploration Sales",
        "fines": "Bounty Fines",
    }
    found = [section(key, titles[key], kept[key], question.top) for key in titles]
    return [each for each in found if each]


def _work(rows: Rows, question: Question) -> list[tuple[str, int, list[str], int, int]]:
    """Each piece of work: section, event, factions it was for, value and tonnes."""
    asks = bool(question.factions)

    def extra(*names: str) -> list[str]:
        return list(names) if asks else []

    work: list[tuple[str, int, list[str], int, int]] = []
    for table in ("market_buy_event", "market_sell_event"):
        for row in rows.read(table, ["event_id", "value", "count"], extra("station_faction")):
            factions = [row.get("station_faction") or ""]
            value, tonnes = row["value"] or 0, row["count"] or 0
            work.append(("market", row["event_id"], factions, value, tonnes))
    work += _missions(rows, extra)
    vouchers = rows.read(
        "redeem_voucher_event",
        ["event_id", "amount", "type"],
        extra("faction", "factions"),
    )
    for row in vouchers:
        key = {"bounty": "bounties", "CombatBond": "bonds"}.get(row["type"])
        if key:
            work.append((key, row["event_id"], voucher_factions(row), row["amount"] or 0, 0))
    if not asks:
        for table, column in (
            ("sell_exploration_data_event", "earnings"),
            ("multi_sell_exploration_data_event", "total_earnings"),
        ):
            for row in rows.read(table, ["event_id", column], []):
                work.append(("exploration", row["event_id"], [], row[column] or 0, 0))
    have = rows.tables.get("commit_crime_event", frozenset())
    column = "fine" if "bounty" not in have and "fine" in have else "bounty"
    for row in rows.read("commit_crime_event", ["event_id", column], extra("faction")):
        factions = [row.get("faction") or ""]
        work.append(("fines", row["event_id"], factions, row[column] or 0, 0))
    return work


def _missions(rows: Rows, extra: Any) -> list[tuple[str, int, list[str], int, int]]:
    missions = rows.read(
        "mission_completed_event", ["event_id"], ["id", *extra("awarding_faction")]
    )
    work = [
        ("missions", mission["event_id"], [mission.get("awarding_faction") or ""], 1, 0)
        for mission in missions
    ]
    by_id = {mission["id"]: mission["event_id"] for mission in missions}
    linked = {mission["event_id"] for mission in missions}
    influence = rows.read(
        "mission_completed_influence",
        ["mission_id", "influence", "faction_name"],
        ["trend", "event_id"],
        quiet=("event_id",),
    )
    for row in influence:
        link = row["mission_id"]
        if row["event_id"] is not None:
            event_id = by_id.get(link)
        else:
            event_id = link if link in linked else None
        if event_id is not None:
            worth = influence_worth(row["influence"], row["trend"])
            work.append(("influence", event_id, [row["faction_name"] or ""], worth, 0))
    return work


def section(key: str, title: str, pieces: list[Any], top: int | None) -> Answer | None:
    """One section of the daily summary, or None where nothing is in it."""
    unit = {"market": "volume", "missions": "missions"}.get(key, "amount")
    if key in ("influence", "own_influence"):
        unit = "influence"
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for cmdr, faction, value, tonnes in pieces:
        old = sums.get((cmdr, faction), (0, 0))
        sums[cmdr, faction] = (old[0] + value, old[1] + tonnes)
    ranked: list[Any] = []
    for (cmdr, faction), (value, tonnes) in sums.items():
        if key == "market" and value > 0:
            ranked.append((-tonnes, cmdr, faction, {"volume": value, "tonnes": tonnes}))
        elif key != "market" and value:
            ranked.append((-value, cmdr, faction, {unit: value}))
    if not ranked:
        return None
    ranked.sort(key=lambda entry: entry[:3])
    total = {name: sum(entry[3][name] for entry in ranked) for name in ranked[0][3]}
    rows = [
        {
            "rank": rank,
            "cmdr": cmdr,
            **({"faction": faction} if key == "influence" else {}),
            **figures,
        }
        for rank, (_, cmdr, faction, figures) in enumerate(ranked, 1)
    ]
    return {
        "key": key,
        "title": title,
        "cmdrs": len({entry[1] for entry in ranked}),
        "total": total,
        "rows": rows if top is None else rows[:top],
    }


def voucher_factions(row: Row) -> list[str]:
    """The faction of a voucher, or those of its list."""
    if row.get("faction"):
        return [row["faction"]]
    try:
        entries = json.loads(row.get("factions") or "[]")
    except ValueError:
        return [""]
    return [entry["Faction"] for entry in entries] or [""]


def influence_worth(influence: str | None, trend: str | None) -> int:
    """Pluses count for the faction or against it, minuses always against it."""
    text = influence or ""
    if set(text) - {"+", "-"}:
        return 0
    helps = not trend or trend in ("UpGood", "DownGood")
    return text.count("+") * (1 if helps else -1) - text.count("-")
