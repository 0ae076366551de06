"""Measure what somebody waits for suggestions while typing.

    python -m benchmarks.suggestions --events 1000000

Uses the databases of benchmarks.reports and builds those that are not there.
Exit status 1 if a first read is slower than it may be.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.databases import DAYS, prepare
from benchmarks.machine import facts, line, table
from benchmarks.options import ENGINES, parser, say, write
from bot.backend import Databases
from bot.reports.filters import NO_FILTERS, Filters
from bot.reports.names import NEWEST_EVENTS, Kind
from bot.reports.service import ReportService
from bot.reports.suggestions import Suggestions
from bot.tenants import tenant_from_mapping

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from benchmarks.databases import Prepared
    from bot.tenants import Tenant

LIMIT_MS = 300.0

_RESULTS = Path(__file__).with_name("results") / "suggestions.md"
_HEADS = ("engine", "events", "indexes", "report", "names", "first ms", "slowest ms", "kept ms")
_FIRST_ROUNDS = 9
_TYPED = ("", "k", "ka", "kam", "a", "base", "nobody", "é")
_KEPT_ROUNDS = 50

_QUESTIONS: tuple[tuple[str, Kind], ...] = (
    ("spacecz", "system"),
    ("spacecz", "cmdr"),
    ("groundcz", "system"),
    ("groundcz", "settlement"),
    ("groundcz", "cmdr"),
    ("daily", "system"),
    ("daily", "cmdr"),
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One question; times in ms.

    Attributes
    ----------
    first, slowest
        Median and maximum of first reads, connecting included.
    kept
        Median of an answer from memory; None where nothing is kept.
    """

    prepared: Prepared
    report: str
    what: str
    first: float
    slowest: float
    kept: float | None = None

    @property
    def is_within(self) -> bool:
        """Whether somebody who types gets an answer as soon as they have to."""
        return self.kept is None or self.first <= LIMIT_MS

    @property
    def fields(self) -> tuple[str, ...]:
        """The cell's row in the table."""
        return (
            self.prepared.engine,
            f"{self.prepared.events:,}",
            "yes" if self.prepared.indexed else "no",
            self.report,
            self.what,
            f"{self.first:.1f}" + ("" if self.is_within else " TOO SLOW"),
            f"{self.slowest:.1f}",
            "" if self.kept is None else f"{self.kept:.2f}",
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    options = _parser().parse_args(arguments)
    engines, cells = tuple(options.engine or ENGINES), []
    load = os.getloadavg()[0]
    for engine in engines:
        for prepared in prepare(engine, options.events, options.folder, options.server, say):
            for cell in _measure(prepared):
                print(line(cell.fields), flush=True)
                cells.append(cell)
    words = [f"--engine {engine}" for engine in options.engine or ()]
    command = " ".join(["python -m benchmarks.suggestions", *words, f"--events {options.events}"])
    write(options.output, _report(cells, command, options.server, load))
    return 0 if all(cell.is_within for cell in cells) else 1


def _measure(prepared: Prepared) -> Iterator[Cell]:
    raw = {"name": "Bench", "db_uri": prepared.uri}
    tenant = tenant_from_mapping(raw, base_dir=Path(), webhook_hosts=())
    for report, kind in _QUESTIONS:
        yield _cell(prepared, tenant, report, kind, NO_FILTERS)
    system = asyncio.run(_most_frequent(tenant))
    yield _cell(prepared, tenant, "groundcz", "settlement", Filters(systems=(system,)))
    times = asyncio.run(_times_of_newest_event(tenant))
    yield Cell(prepared, "", "newest event", statistics.median(times), max(times))


def _cell(prepared: Prepared, tenant: Tenant, report: str, kind: Kind, others: Filters) -> Cell:
    first, kept = asyncio.run(_times(tenant, report, kind, others))
    what = f"{kind} of a system" if others else kind
    return Cell(
        prepared, report, what, statistics.median(first), max(first), statistics.median(kept)
    )


async def _times(
    tenant: Tenant, report: str, kind: Kind, others: Filters
) -> tuple[list[float], list[float]]:
    first, kept = [], []
    for _ in range(_FIRST_ROUNDS):
        databases = Databases()
        suggestions = Suggestions(databases, clock=time.monotonic, patience=600)
        try:
            ask = partial(suggestions.matching, tenant, report, kind, others=others)
            first.append(await _time(partial(ask, "")))
            for typed in _TYPED * (_KEPT_ROUNDS // _FIRST_ROUNDS):
                kept.append(await _time(partial(ask, typed)))
        finally:
            suggestions.close()
            databases.dispose()
    return first, kept


async def _most_frequent(tenant: Tenant) -> str:
    databases = Databases()
    suggestions = Suggestions(databases, clock=time.monotonic, patience=600)
    try:
        return (await suggestions.matching(tenant, "groundcz", "system", ""))[0]
    finally:
        suggestions.close()
        databases.dispose()


async def _times_of_newest_event(tenant: Tenant) -> list[float]:
    databases = Databases()
    service = ReportService(databases)
    try:
        return [await _time(partial(service.newest_event, tenant)) for _ in range(_FIRST_ROUNDS)]
    finally:
        service.close()
        databases.dispose()


async def _time(ask: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await ask()
    return (time.perf_counter() - started) * 1_000


def _parser() -> argparse.ArgumentParser:
    found = parser("benchmarks.suggestions", __doc__)
    found.add_argument("--events", type=int, default=1_000_000, metavar="N")
    found.add_argument("--output", type=Path, default=_RESULTS, help="results file")
    return found


def _report(cells: Sequence[Cell], command: str, server: str, load: float) -> str:
    names = [cell for cell in cells if cell.kept is not None]
    slow = sum(not cell.is_within for cell in names)
    verdict = "All first reads are" if not slow else f"All but {slow} of {len(names)} are"
    lines = [
        "# Suggestions while somebody types",
        "",
        f"Made by `{command}`.",
        "",
        f"{DAYS} days of invented events. `first` is the median wait of the first asker, from",
        f"connecting and looking at the tables to the answer ({_FIRST_ROUNDS} new connections,",
        "`slowest` is the longest of them); `kept` is an answer from memory, as for every further",
        f"keystroke. Names of the daily summary are those of the newest {NEWEST_EVENTS:,} events.",
        "`newest event` is when it happened, asked again and again over one connection.",
        f"{verdict} within {LIMIT_MS:g} ms.",
        "",
        *(f"- {fact}" for fact in facts({cell.prepared.engine for cell in cells}, server)),
        f"- load average when it began: {load:.1f}",
        "",
        *table(_HEADS, (cell.fields for cell in cells)),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
