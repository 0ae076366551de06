"""Another process that works on a ledger and can be stopped at any step.

The tests start it by `spawn` and `race`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event

from bot.delivery.ledger import Ledger
from tests.delivery.ledgers import LEASE, Clock, claim, plan

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
STEPS = (
    "plan",
    "claim",
    "begin",
    "sent",
    "failed",
    "in_doubt",
    "broken",
    "gave_up",
    "skipped",
    "partly_sent",
)


def stop_here(*_: object) -> None:
    """Tell the parent that the step is reached, and wait to be killed."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    time.sleep(600)


def walk(uri: str, step: str, *, before_commit: bool) -> None:
    """Do everything up to a step, and stop before or after it is committed."""
    ledger = Ledger.open(uri, owner="killed", lease_seconds=LEASE, clock=Clock())

    def reach(name: str) -> None:
        if before_commit and name == step:
            event.listen(Engine, "commit", stop_here)

    reach("plan")
    parts = plan(ledger, 2)
    if step != "plan":
        reach("claim")
        claimed = claim(ledger, parts[0])
    if step not in ("plan", "claim"):
        reach("begin")
        ledger.begin_send(claimed)
    ends: dict[str, Callable[[], object]] = {
        "sent": lambda: ledger.settle_sent(claimed, "100"),
        "failed": lambda: ledger.settle_failed(claimed, "429"),
        "in_doubt": lambda: ledger.settle_in_doubt(claimed, "502"),
        "broken": lambda: ledger.settle_broken(claimed, "404"),
        "gave_up": lambda: ledger.settle_gave_up(claimed, "503"),
        "skipped": lambda: ledger.settle_skipped(claimed, "in doubt"),
        "partly_sent": lambda: ledger.settle_partly(claimed, "some have it"),
    }
    if step in ends:
        reach(step)
        ends[step]()
    stop_here()


def start_together() -> None:
    """Tell the parent that this process is up, and wait for its word."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def open_and_plan(uri: str) -> None:
    """Open the ledger together with others, plan, and print how many parts there are."""
    start_together()
    with Ledger.open(uri) as ledger:
        sys.stdout.write(f"{len(plan(ledger, 3))}\n")


def grab(uri: str) -> None:
    """Claim and send all parts that are to be had, and print their ids."""
    with Ledger.open(uri) as ledger:
        start_together()
        while parts := ledger.due():
            for part in parts:
                claimed = ledger.claim(part.id)
                if claimed is not None and ledger.begin_send(claimed):
                    sys.stdout.write(f"{claimed.id}\n")
                    ledger.settle_sent(claimed, f"message-{claimed.id}")


def spawn(mode: str, uri: str, step: str = "") -> subprocess.Popen[str]:
    """Start a process; the caller waits for it or kills it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.delivery.ledger_process", mode, uri, step],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def race(mode: str, uri: str, number: int) -> list[list[str]]:
    """Let processes start at one instant and return the lines that each has printed."""
    processes = [spawn(mode, uri) for _ in range(number)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = [process.communicate()[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0] * number
    return printed


if __name__ == "__main__":
    mode, address, step = sys.argv[1:]
    if mode == "open":
        open_and_plan(address)
    elif mode == "grab":
        grab(address)
    else:
        walk(address, step, before_commit=mode == "before")
