"""Fixtures of the delivery tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.delivery.ledgers import open_ledgers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.delivery.ledger import Ledger
    from tests.delivery.ledgers import Clock, Ledgers


@pytest.fixture
def ledgers(backend_uri: str) -> Iterator[Ledgers]:
    """Ledgers on one fresh database; narrow ``backend_name`` to what it may be."""
    with open_ledgers(backend_uri) as ledgers:
        yield ledgers


@pytest.fixture
def ledger(ledgers: Ledgers) -> Ledger:
    """The first owner's ledger."""
    return ledgers.open("first")


@pytest.fixture
def other(ledgers: Ledgers, ledger: Ledger) -> Ledger:
    """Another owner's ledger on the same database."""
    return ledgers.open("other")


@pytest.fixture
def clock(ledgers: Ledgers) -> Clock:
    """The clock of all ledgers."""
    return ledgers.clock
