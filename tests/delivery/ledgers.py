"""Ledgers for tests: a clock that stands still, two owners, real databases."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.delivery.ledger import DeliveryKey, Ledger, Part

if TYPE_CHECKING:
    from collections.abc import Iterator

LEASE = 30.0
START = datetime(2025, 3, 1, 0, 0, 5, 123456, tzinfo=UTC)
KEY = DeliveryKey(
    tenant="valk",
    report="daily",
    window="2025-02-28T00:00:00Z/2025-03-01T00:00:00Z",
    occasion="nightly",
    channel="discord:123",
)


class Clock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Move on and return the new time."""
        self.now += timedelta(seconds=seconds)
        return self.now


class Ledgers:
    """Opens ledgers on one database; each is an owner of its own."""

    def __init__(self, uri: str, clock: Clock, stack: contextlib.ExitStack) -> None:
        self.uri = uri
        self.clock = clock
        self._stack = stack

    def open(self, owner: str | None = None) -> Ledger:
        """Open one; at the end it must have given all connections back."""
        ledger = Ledger.open(self.uri, owner=owner, lease_seconds=LEASE, clock=self.clock)
        self._stack.callback(_close, ledger)
        return ledger


@contextlib.contextmanager
def open_ledgers(uri: str) -> Iterator[Ledgers]:
    """Close all ledgers at the end, after a look for leaked connections."""
    with contextlib.ExitStack() as stack:
        yield Ledgers(uri, Clock(), stack)


def _close(ledger: Ledger) -> None:
    in_use = ledger.connections_in_use
    ledger.close()
    assert in_use == 0, f"{in_use} connections were never given back"


def key(**changes: str) -> DeliveryKey:
    """Return a delivery's key that differs from `KEY` as told."""
    return replace(KEY, **changes)


def plan(ledger: Ledger, number: int = 1, delivery: DeliveryKey = KEY) -> list[Part]:
    """Plan a delivery of some messages."""
    payloads: list[dict[str, Any]] = [{"content": f"message {n}"} for n in range(1, number + 1)]
    return ledger.plan(delivery, payloads, period="ld", label="2025-02-28")


def claim(ledger: Ledger, part: Part) -> Part:
    """Claim a part that must be free."""
    claimed = ledger.claim(part.id)
    assert claimed is not None, f"part {part.part} is not free"
    return claimed


def sending(ledger: Ledger, part: Part) -> Part:
    """Claim a part and begin its request."""
    claimed = claim(ledger, part)
    assert ledger.begin_send(claimed)
    return claimed


def sent(ledger: Ledger, part: Part, message_id: str) -> Part:
    """Bring a part to its good end."""
    assert ledger.settle_sent(sending(ledger, part), message_id)
    return ledger.part(part.id)
