"""Product and hand-written SQL, run by turns on the same database."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.databases import FACTION_NAME, NOW
from benchmarks.handwritten.postgresql import PostgresByHand
from benchmarks.handwritten.sqlite import SqliteByHand
from bot.backend.engines import TenantDatabase
from bot.periods import Period, window_for
from bot.reports import run
from bot.reports.export import to_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.databases import Prepared
    from benchmarks.handwritten.answers import Answer

WINDOWS = {"day": Period.YESTERDAY, "month": Period.LAST_MONTH, "all": Period.ALL_TIME}
REPORTS = ("daily", "spacecz", "groundcz")
TOP = 5
ALLOWED_RATIO = 1.5
ALLOWED_MS = 2.0

_LEAST_ROUNDS = 7
_MOST_ROUNDS = 60


class AnswersDifferError(Exception):
    """The product and the hand-written SQL do not say the same."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One comparison; times in ms, medians of warm runs."""

    engine: str
    events: int
    indexed: bool
    report: str
    window: str
    by_hand: float
    product: float
    rounds: int

    @property
    def ratio(self) -> float:
        """Product over hand-written SQL."""
        return self.product / self.by_hand

    @property
    def is_within(self) -> bool:
        """Whether the product is as fast as it has to be."""
        allowed = max(self.by_hand * ALLOWED_RATIO, self.by_hand + ALLOWED_MS)
        return self.product <= allowed


def measure(
    prepared: Prepared, reports: tuple[str, ...], windows: tuple[str, ...], seconds: float
) -> Iterator[Cell]:
    """Yield the cells of one database.

    Parameters
    ----------
    seconds
        How long to go on with a cell, once it has seven rounds.

    Raises
    ------
    AnswersDifferError
        If both do not give the same figures.
    """
    product = TenantDatabase(prepared.uri, query_timeout=600)
    by_hand: SqliteByHand | PostgresByHand
    if prepared.engine == "sqlite":
        by_hand = SqliteByHand(Path(prepared.place), indexed=prepared.indexed)
    else:
        by_hand = PostgresByHand(prepared.place, indexed=prepared.indexed)
    try:
        for report in reports:
            for window in windows:
                yield _cell(prepared, product, by_hand, (report, window), seconds)
    finally:
        by_hand.close()
        product.dispose()


def _cell(
    prepared: Prepared,
    product: TenantDatabase,
    by_hand: SqliteByHand | PostgresByHand,
    what: tuple[str, str],
    seconds: float,
) -> Cell:
    report, window = what
    ask_product = _product(product, report, WINDOWS[window])
    ask_by_hand = _by_hand(by_hand, report, WINDOWS[window])
    if ask_product() != ask_by_hand():
        place = f"{prepared.engine}, {prepared.events} events, {report}, {window}"
        raise AnswersDifferError(f"the answers differ: {place}")
    quick = _quick(product, report, WINDOWS[window])
    hand_times: list[float] = []
    product_times: list[float] = []
    started = time.perf_counter()
    while len(hand_times) < _LEAST_ROUNDS or (
        len(hand_times) < _MOST_ROUNDS and time.perf_counter() - started < seconds
    ):
        hand_times.append(_time(ask_by_hand))
        product_times.append(_time(quick))
    return Cell(
        prepared.engine,
        prepared.events,
        prepared.indexed,
        report,
        window,
        by_hand=statistics.median(hand_times),
        product=statistics.median(product_times),
        rounds=len(hand_times),
    )


def _product(database: TenantDatabase, report: str, period: Period) -> Callable[[], Answer]:
    part = "sections" if report == "daily" else "systems"

    def ask() -> Answer:
        result = run(database, report, period, NOW, faction_name=FACTION_NAME, top=TOP)
        answer: Answer = to_dict(result, "bench")[part]
        return answer

    return ask


def _quick(database: TenantDatabase, report: str, period: Period) -> Callable[[], object]:
    return lambda: run(database, report, period, NOW, faction_name=FACTION_NAME, top=TOP)


def _by_hand(
    database: SqliteByHand | PostgresByHand, report: str, period: Period
) -> Callable[[], Answer]:
    window = window_for(period, NOW)
    bounds = None
    if window.start is not None and window.end is not None:
        bounds = (f"{window.start:%Y-%m-%dT%H:%M:%S}", f"{window.end:%Y-%m-%dT%H:%M:%S}")
    if report == "daily":
        return lambda: database.daily(bounds, FACTION_NAME, TOP)
    return lambda: database.conflict_zones(bounds, on_ground=report == "groundcz")


def _time(ask: Callable[[], object]) -> float:
    gc.collect()
    started = time.perf_counter()
    ask()
    return (time.perf_counter() - started) * 1_000


def help_seconds(command: Callable[[], None], rounds: int = 7) -> float:
    """Return how long a command takes, as the median of some runs."""
    times = [_time(command) for _ in range(rounds)]
    return statistics.median(times) / 1_000
