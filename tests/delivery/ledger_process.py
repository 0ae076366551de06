"""Another process that works on a ledger and can be stopped at any step.

Run as ``python -m tests.delivery.ledger_process MODE URI ARGUMENT``.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine, event

from bot.delivery.ledger import Ledger
from tests.delivery.ledgers import LEASE, Clock, claim, plan

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = ("plan", "claim", "begin", "sent", "failed", "in_doubt", "broken", "gave_up", "skipped")


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
    }
    if step in ends:
        reach(step)
        ends[step]()
    stop_here()


def open_at(uri: str, moment: float) -> None:
    """Open the ledger at an agreed moment, together with others."""
    while datetime.now(UTC).timestamp() < moment:
        time.sleep(0.001)
    with Ledger.open(uri) as ledger:
        sys.stdout.write(f"{len(plan(ledger, 3))}\n")


def grab(uri: str, moment: float) -> None:
    """Claim and send all parts that are to be had, and print their ids."""
    with Ledger.open(uri) as ledger:
        while datetime.now(UTC).timestamp() < moment:
            time.sleep(0.001)
        while parts := ledger.due():
            for part in parts:
                claimed = ledger.claim(part.id)
                if claimed is not None and ledger.begin_send(claimed):
                    sys.stdout.write(f"{claimed.id}\n")
                    ledger.settle_sent(claimed, f"message-{claimed.id}")


if __name__ == "__main__":
    mode, address, argument = sys.argv[1:]
    if mode == "open":
        open_at(address, float(argument))
    elif mode == "grab":
        grab(address, float(argument))
    else:
        walk(address, argument, before_commit=mode == "before")
