"""What the reports must say, worked out row by row in plain Python.

Written from the reports' definition and on its own: no select, no module of
the bot. `Truth` reads the rows of a `tests.squadron.Squadron` and answers in
the form of ``report --format json``.
"""

from __future__ import annotations

import ast
import calendar
import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

Row = dict[str, Any]
Answer = dict[str, Any]
Chosen = Callable[[Row], bool]

FORCED = re.compile(r"frc-|000000")
SIZES = ("low", "medium", "high")


@dataclass(frozen=True)
class Question:
    """What is asked: names narrow, an empty list does not."""

    report: str
    code: str
    now: datetime
    faction_name: str | None = None
    systems: tuple[str, ...] = ()
    factions: tuple[str, ...] = ()
    cmdrs: tuple[str, ...] = ()
    settlements: tuple[str, ...] = ()
    top: int | None = 5


@dataclass
class Truth:
    """A reader of rows.

    Attributes
    ----------
    tables
        Columns by table, as the database has them.
    rows
        Rows by table; what they hold beyond ``tables`` does not exist.
    """

    tables: dict[str, frozenset[str]]
    rows: dict[str, list[Row]]
    missing: set[str] = field(default_factory=set)

    def answer(self, question: Question) -> Answer:
        """Return the report as ``report --format json`` has it."""
        self.missing = set()
        window, chosen = self._window(question)
        body = (
            {"sections": self._daily(question, chosen)}
            if question.report == "daily"
            else {"systems": self._conflict_zones(question, chosen)}
        )
        return {
            "report": question.report,
            "tenant": "wolves",
            "window": window,
            **body,
            "missing": sorted(self.missing),
        }

    # --- rows -----------------------------------------------------------

    def _read(
        self,
        table: str,
        needed: list[str],
        nullable: list[str],
        quiet: tuple[str, ...] = (),
    ) -> list[Row]:
        """All rows of a table; none where it is missing or lacks what is needed."""
        if table not in self.tables:
            self.missing.add(table)
            return []
        have = self.tables[table]
        lacks = [name for name in needed + nullable if name not in have and name not in quiet]
        self.missing.update(f"{table}.{name}" for name in lacks)
        if any(name not in have for name in needed):
            return []
        return [
            {name: row.get(name) if name in have else None for name in needed + nullable}
            for row in self.rows[table]
        ]

    def _events(self, question: Question, *extra: str) -> list[Row]:
        columns = ["cmdr", *extra]
        if question.systems and "starsystem" not in columns:
            columns.append("starsystem")
        bounded = question.code not in ("all",)
        needed = ["id", "timestamp"] if bounded else ["id"]
        columns += [] if bounded else ["timestamp"]
        if question.code in ("ct", "lt"):
            needed, columns = ["id"], [*columns, "timestamp", "tickid", "ticktime"]
        return self._read("event", needed, columns)

    # --- windows --------------------------------------------------------

    def _window(self, question: Question) -> tuple[Answer, Chosen]:
        if question.code in ("ct", "lt"):
            return self._tick_window(question)
        first, last = days(question.code, question.now)
        if first is None or last is None:
            bare: Answer = {"code": "all", "start": None, "end": None, "label": "All time"}
            return bare, lambda event: True
        after = last + timedelta(days=1)
        label = f"{first}" if first == last else f"{first} to {last}"
        shown = {
            "code": question.code,
            "start": f"{first}T00:00:00Z",
            "end": f"{after}T00:00:00Z",
            "label": label,
        }

        def holds(event: Row) -> bool:
            moment = when(event["timestamp"])
            return moment is not None and first <= moment.date() <= last

        return shown, holds

    def _tick_window(self, question: Question) -> tuple[Answer, Chosen]:
        runs = self._ticks(question.now)
        place = len(runs) - (1 if question.code == "ct" else 2)
        if place < 0:
            none: Answer = {"code": question.code, "start": None, "end": None, "label": "No tick"}
            return none, lambda event: False
        start, key = runs[place]
        shown: Answer = {
            "code": question.code,
            "start": None,
            "end": None,
            "label": f"Tick of {start.strftime('%Y-%m-%d %H:%M')} UTC",
            "tick": {"id": key, "time": start.strftime("%Y-%m-%dT%H:%M:%SZ")},
        }

        def holds(event: Row) -> bool:
            moment = when(event["ticktime"]) or when(event["timestamp"])
            if moment is None:
                return False
            not_later = [number for number, run in enumerate(runs) if run[0] <= moment]
            return bool(not_later) and not_later[-1] == place

        return shown, holds

    def _ticks(self, now: datetime) -> list[tuple[datetime, str]]:
        have = self.tables.get("event", frozenset())
        if not {"tickid", "ticktime"} <= have:
            return []
        first_of: dict[str, datetime] = {}
        for row in self.rows["event"]:
            key, time = row.get("tickid"), when(row.get("ticktime"))
            if key and key != "unknown_tickid" and time:
                first_of[key] = min(time, first_of.get(key, time))
        natural = {key: time for key, time in first_of.items() if not FORCED.match(key)}
        runs: list[tuple[datetime, str]] = []
        for key, time in sorted((natural or first_of).items(), key=lambda item: (item[1], item[0])):
            if not runs or time - runs[-1][0] >= timedelta(hours=3):
                runs.append((time, key))
        return [run for run in runs if run[0] <= now]

    # --- the daily summary ----------------------------------------------

    def _daily(self, question: Question, chosen: Chosen) -> list[Answer]:
        events = {
            event["id"]: event
            for event in self._events(question)
            if chosen(event) and self._wanted(event, question)
        }
        work = self._work(question)
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
        sections = [section(key, titles[key], kept[key], question.top) for key in titles]
        return [found for found in sections if found]

    def _wanted(self, event: Row, question: Question) -> bool:
        if question.systems and not among([event["starsystem"]], question.systems):
            return False
        return not question.cmdrs or among([event["cmdr"]], question.cmdrs)

    def _work(self, question: Question) -> list[tuple[str, int, list[str], int, int]]:
        """Each piece of work: section, event, factions it was for, value and tonnes."""
        asks = bool(question.factions)

        def extra(*names: str) -> list[str]:
            return list(names) if asks else []

        work: list[tuple[str, int, list[str], int, int]] = []
        for table in ("market_buy_event", "market_sell_event"):
            for row in self._read(table, ["event_id", "value", "count"], extra("station_faction")):
                factions = [row.get("station_faction") or ""]
                value, tonnes = row["value"] or 0, row["count"] or 0
                work.append(("market", row["event_id"], factions, value, tonnes))
        work += self._missions(extra)
        vouchers = self._read(
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
                for row in self._read(table, ["event_id", column], []):
                    work.append(("exploration", row["event_id"], [], row[column] or 0, 0))
        have = self.tables.get("commit_crime_event", frozenset())
        column = "fine" if "bounty" not in have and "fine" in have else "bounty"
        for row in self._read("commit_crime_event", ["event_id", column], extra("faction")):
            factions = [row.get("faction") or ""]
            work.append(("fines", row["event_id"], factions, row[column] or 0, 0))
        return work

    def _missions(self, extra: Any) -> list[tuple[str, int, list[str], int, int]]:
        missions = self._read(
            "mission_completed_event", ["event_id"], ["id", *extra("awarding_faction")]
        )
        work = [
            ("missions", mission["event_id"], [mission.get("awarding_faction") or ""], 1, 0)
            for mission in missions
        ]
        by_id = {mission["id"]: mission["event_id"] for mission in missions}
        linked = {mission["event_id"] for mission in missions}
        influence = self._read(
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

    # --- conflict zones -------------------------------------------------

    def _conflict_zones(self, question: Question, chosen: Chosen) -> list[Answer]:
        on_ground = question.report == "groundcz"
        table = "synthetic_ground_cz" if on_ground else "synthetic_cz"
        events = {
            event["id"]: event
            for event in self._events(question, "starsystem", "raw_json")
            if chosen(event) and self._wanted(event, question)
        }
        nullable = ["cz_type", *(["settlement"] if on_ground else [])]
        nullable += ["faction"] if question.factions else []
        cmdrs: Any = defaultdict(lambda: defaultdict(lambda: dict.fromkeys(COUNTS, 0)))
        places: Any = defaultdict(lambda: defaultdict(int))
        for row in self._read(table, ["event_id"], nullable):
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


COUNTS = (*SIZES, "unknown")


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


def days(code: str, now: datetime) -> tuple[date | None, date | None]:
    """The first and the last day of a period, both inclusive."""
    today = now.astimezone(UTC).date()
    monday = today - timedelta(days=today.weekday())
    year, month = today.year, today.month
    before = (year, month - 1) if month > 1 else (year - 1, 12)
    second = (before[0], before[1] - 1) if before[1] > 1 else (before[0] - 1, 12)
    whole = {
        "cd": (today, today),
        "ld": (today - timedelta(days=1),) * 2,
        "cw": (monday, monday + timedelta(days=6)),
        "lw": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "cm": (date(year, month, 1), month_end(year, month)),
        "lm": (date(*before, 1), month_end(*before)),
        "2m": (date(*second, 1), month_end(*before)),
        "y": (date(year, 1, 1), date(year, 12, 31)),
        "all": (None, None),
    }
    return whole[code]


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def when(text: str | None) -> datetime | None:
    """The time that a timestamp's text tells, in UTC."""
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ"):
        try:
            return datetime.strptime(text or "", form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


def among(names: list[Any], wanted: tuple[str, ...]) -> bool:
    """Whether one of the names is one of those wanted."""
    return any((name or "").casefold() == other.casefold() for name in names for other in wanted)


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
