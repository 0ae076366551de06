"""The two summaries of conflict zones, in space and on the ground."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema
from bot.backend.kept import execute_kept
from bot.reports.cz_counts import Counts, cz_counts
from bot.reports.matching import text_of
from bot.reports.needs import Need, lacking
from bot.reports.results import (
    UNKNOWN,
    CzCmdr,
    CzCounts,
    CzResult,
    CzSettlement,
    CzSystem,
)
from bot.reports.timestamps import newest_of
from bot.reports.views import Bounds
from bot.reports.windows import in_window_when_joined, joined, near_window, read_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import ColumnElement, Select

    from bot.reports.matching import Matcher
    from bot.reports.source import Source
    from bot.reports.views import View

SPACE_CZ = Need("synthetic_cz", ("event_id",), ("cz_type",), ("faction",))
GROUND_CZ = Need("synthetic_ground_cz", ("event_id",), ("cz_type", "settlement"), ("faction",))
EVENTS = Need("event", ("id",), ("cmdr", "starsystem", "raw_json"))


@lru_cache(maxsize=64)
def zones(view: View, table: str) -> Select[Any]:
    """Each conflict zone of a window, with its event and what filters look at."""
    details, event = schema.metadata.tables[table], schema.event
    link = event.c.id == details.c.event_id
    near = near_window(view, details.c.event_id) if view.is_indexed else []
    return (
        sa.select(
            view.text("event", "cmdr").label("cmdr"),
            view.text("event", "starsystem").label("system"),
            view.text(table, "cz_type").label("cz_type"),
            view.text("event", "raw_json").label("raw_json"),
            view.text(table, "settlement").label("settlement"),
            view.text("event", "timestamp").label("timestamp"),
            *_for_filters(view, table),
        )
        .select_from(joined(view, details, details.c.event_id, (event, link)))
        .where(*near, *in_window_when_joined(view, event))
    )


def _for_filters(view: View, table: str) -> Iterator[ColumnElement[Any]]:
    if view.bounds is Bounds.TICK:
        yield view.text("event", "ticktime").label("ticktime")
    if view.by_faction:
        yield view.text(table, "faction").label("faction")


def compute_space(source: Source) -> CzResult:
    """Return the space conflict zones of a window."""
    return _compute(source, "spacecz", SPACE_CZ, on_ground=False)


def compute_ground(source: Source) -> CzResult:
    """Return the ground conflict zones of a window, with their settlements."""
    return _compute(source, "groundcz", GROUND_CZ, on_ground=True)


def _compute(source: Source, report: str, need: Need, *, on_ground: bool) -> CzResult:
    needs = (EVENTS, *source.window_needs, need)
    missing = lacking(needs, source.shape, by_faction=bool(source.filters.factions))
    if not (source.is_readable and need.met(source.shape)):
        return CzResult(report, source.window, (), missing)
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    timestamps: list[str] = []
    for cmdr, system, cz_type, raw_json, settlement, timestamp in _rows(source, need.table):
        counts = cz_counts(text_of(raw_json), cz_type)
        tally = tallies[text_of(system) or UNKNOWN]
        tally.add(text_of(cmdr) or UNKNOWN, settlement, counts)
        timestamps.append(text_of(timestamp))
    systems = [tally.system(name, on_ground=on_ground) for name, tally in tallies.items()]
    shown = sorted(
        (system for system in systems if system.counts),
        key=lambda system: (-system.counts.total, system.system),
    )
    newest = newest_of(timestamps, source.latest)
    return CzResult(report, source.window, tuple(shown), missing, newest)


def _rows(source: Source, table: str) -> Iterable[Any]:
    """Rows of six columns: those of `zones` before those that only filters look at."""
    view, binds = source.view, source.binds
    if view.bounds is Bounds.TIME and view.is_indexed:
        ids, _ = read_ids(source.connection, view, binds)
        if not ids:
            return []
        binds |= ids
    rows = execute_kept(source.connection, zones(view, table), binds).all()
    if not source.filters and source.span is None:
        return rows
    matcher, on_ground = source.matcher, table == GROUND_CZ.table
    return (row[:6] for row in rows if _passes(row, matcher, view, on_ground=on_ground))


def _passes(row: Any, matcher: Matcher, view: View, *, on_ground: bool) -> bool:
    if view.bounds is Bounds.TICK and not matcher.in_tick(row):
        return False
    return (
        matcher.systems.match(row.system)
        and matcher.cmdrs.match(row.cmdr)
        and (not view.by_faction or matcher.factions.match(row.faction))
        and (not on_ground or matcher.settlements.match(row.settlement))
    )


class _Tally:
    """The conflict zones of one system while they are counted."""

    def __init__(self) -> None:
        self.cmdrs: dict[str, list[int]] = {}
        self.settlements: dict[str, int] = defaultdict(int)

    def add(self, cmdr: str, settlement: object, counts: Counts) -> None:
        low, medium, high, unknown = counts
        self.settlements[text_of(settlement) or UNKNOWN] += low + medium + high + unknown
        sums = self.cmdrs.get(cmdr)
        if sums is None:
            self.cmdrs[cmdr] = [low, medium, high, unknown]
            return
        sums[0] += low
        sums[1] += medium
        sums[2] += high
        sums[3] += unknown

    def system(self, name: str, *, on_ground: bool) -> CzSystem:
        counts = CzCounts(*map(sum, zip(*self.cmdrs.values(), strict=True)))
        cmdrs = [CzCmdr(cmdr, CzCounts(*sums)) for cmdr, sums in self.cmdrs.items() if any(sums)]
        cmdrs.sort(key=lambda entry: (-entry.counts.total, entry.cmdr))
        settlements = [CzSettlement(*entry) for entry in self.settlements.items() if entry[1]]
        settlements.sort(key=lambda entry: (-entry.total, entry.settlement))
        return CzSystem(name, counts, tuple(cmdrs), tuple(settlements) if on_ground else ())
