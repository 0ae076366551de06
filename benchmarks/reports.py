"""Measure the reports beside SQL written by hand.

    python -m benchmarks.reports --engine sqlite --events 100000

Builds the databases it needs (a minute for a million events) and keeps them
for the next run. Exit status 1 if a cell is slower than it may be.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.databases import DAYS, drop_postgresql, prepare
from benchmarks.machine import facts, line, table
from benchmarks.measure import (
    ALLOWED_MS,
    ALLOWED_RATIO,
    REPORTS,
    WINDOWS,
    Cell,
    help_seconds,
    measure,
)
from benchmarks.options import ENGINES, parser, say, write

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

HELP_LIMIT = 0.5
_RESULTS = Path(__file__).with_name("results") / "reports.md"
_HEADS = ("engine", "events", "indexes", "report", "window", "by hand ms", "product ms", "ratio")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return the exit status."""
    options = _parser().parse_args(arguments)
    if options.drop:
        print("dropped:", ", ".join(drop_postgresql(options.server)) or "nothing")
        return 0
    engines = tuple(options.engine or ENGINES)
    sizes = tuple(options.events or (100_000, 1_000_000))
    cells = []
    for engine in engines:
        for events in sizes:
            for prepared in prepare(engine, events, options.folder, options.server, say):
                reports, windows = (
                    tuple(options.report or REPORTS),
                    tuple(options.window or WINDOWS),
                )
                for cell in measure(prepared, reports, windows, options.seconds):
                    print(line(_fields(cell)), flush=True)
                    cells.append(cell)
    help_time = help_seconds(_ask_for_help)
    print(f"bgs-bot --help: {help_time:.2f} s")
    if options.output:
        text = _report(cells, help_time, _command(options, engines, sizes), options.server)
        write(options.output, text)
    slow = [cell for cell in cells if not cell.is_within]
    print(f"{len(cells)} cells, {len(slow)} too slow")
    return 1 if slow or help_time >= HELP_LIMIT else 0


def _parser() -> argparse.ArgumentParser:
    found = parser("benchmarks.reports", __doc__)
    found.add_argument("--events", action="append", type=int, metavar="N")
    found.add_argument("--report", action="append", choices=REPORTS)
    found.add_argument("--window", action="append", choices=tuple(WINDOWS))
    found.add_argument("--seconds", type=float, default=3.0, help="to spend on a cell")
    found.add_argument("--output", type=Path, help=f"results file, such as {_RESULTS.name}")
    found.add_argument(
        "--drop", action="store_true", help="drop the PostgreSQL databases of earlier runs"
    )
    return found


def _ask_for_help() -> None:
    subprocess.run([sys.executable, "-m", "bot", "--help"], check=True, capture_output=True)


def _fields(cell: Cell) -> tuple[str, ...]:
    return (
        cell.engine,
        f"{cell.events:,}",
        "yes" if cell.indexed else "no",
        cell.report,
        cell.window,
        f"{cell.by_hand:.2f}",
        f"{cell.product:.2f}",
        f"{cell.ratio:.2f}" + ("" if cell.is_within else " TOO SLOW"),
    )


def _command(options: argparse.Namespace, engines: Sequence[str], sizes: Sequence[int]) -> str:
    """The command that makes the same file on another machine."""
    words = [f"--engine {engine}" for engine in engines]
    words += [f"--events {size}" for size in sizes]
    words += [f"--report {report}" for report in options.report or ()]
    words += [f"--window {window}" for window in options.window or ()]
    words.append(f"--seconds {options.seconds:g}")
    return " ".join(["python -m benchmarks.reports", *words])


def _report(cells: Sequence[Cell], help_time: float, command: str, server: str) -> str:
    slow = sum(not cell.is_within for cell in cells)
    verdict = "All cells are" if not slow else f"All but {slow} of {len(cells)} cells are"
    lines = [
        "# The reports beside hand-written SQL",
        "",
        f"Made by `{command} --output benchmarks/results/reports.md`.",
        "",
        f"{DAYS} days of invented events. Both answers are compared first and are equal; then the",
        "two run by turns, warm, in one process; times are medians. `by hand` is SQL written for",
        "the one engine (benchmarks/handwritten), `product` is `bot.reports.run`. Indexes: those",
        f"of `bgs-bot index`. {verdict} within {ALLOWED_RATIO} times the hand-written SQL, or",
        f"{ALLOWED_MS:g} ms above it where that is more.",
        "",
        *(f"- {fact}" for fact in facts({cell.engine for cell in cells}, server)),
        f"- `bgs-bot --help`: {help_time:.2f} s",
        "",
        *table(_HEADS, (_fields(cell) for cell in cells)),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
