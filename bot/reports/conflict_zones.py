"""The two summaries of conflict zones, in space and on the ground."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema
from bot.reports.cz_counts import cz_counts
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
from bot.reports.views import Bounds
from bot.reports.windows import joined, near_window, read_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        .where(*near, *view.in_window(event))
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
    newest = ""
    for row in _rows(source, need.table, on_ground=on_ground):
        cmdr, system, cz_type, raw_json, settlement, timestamp = row[:6]
        counts = cz_counts(text_of(raw_json), text_of(cz_type))
        tallies[text_of(system) or UNKNOWN].add(
            text_of(cmdr) or UNKNOWN, text_of(settlement) or UNKNOWN, counts
        )
        newest = max(newest, text_of(timestamp))
    systems = [tally.system(name, on_ground=on_ground) for name, tally in tallies.items()]
    shown = sorted(
        (system for system in systems if system.counts),
        key=lambda system: (-system.counts.total, system.system),
    )
    return CzResult(report, source.window, tuple(shown), missing, newest or None)


def _rows(source: Source, table: str, *, on_ground: bool) -> Iterator[Any]:
    view, binds = source.view, source.binds
    if view.bounds is Bounds.TIME and view.is_indexed:
        ids, _ = read_ids(source.connection, view, binds)
        if not ids:
            return
        binds |= ids
    rows = source.connection.execute(zones(view, table), binds)
    if not source.filters and source.span is None:
        yield from rows
        return
    matcher = source.matcher
    for row in rows:
        if _passes(row, matcher, view, on_ground=on_ground):
            yield row


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
        self.cmdrs: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        self.settlements: dict[str, int] = defaultdict(int)

    def add(self, cmdr: str, settlement: str, counts: CzCounts) -> None:
        of_cmdr = self.cmdrs[cmdr]
        of_cmdr[0] += counts.low
        of_cmdr[1] += counts.medium
        of_cmdr[2] += counts.high
        of_cmdr[3] += counts.unknown
        self.settlements[settlement] += counts.total

    def system(self, name: str, *, on_ground: bool) -> CzSystem:
        counts = CzCounts(*(sum(column) for column in zip(*self.cmdrs.values(), strict=True)))
        cmdrs = [CzCmdr(cmdr, CzCounts(*sizes)) for cmdr, sizes in self.cmdrs.items()]
        shown = sorted(
            (entry for entry in cmdrs if entry.counts),
            key=lambda entry: (-entry.counts.total, entry.cmdr),
        )
        settlements = [CzSettlement(*entry) for entry in self.settlements.items() if entry[1]]
        settlements.sort(key=lambda entry: (-entry.total, entry.settlement))
        return CzSystem(name, counts, tuple(shown), tuple(settlements) if on_ground else ())
