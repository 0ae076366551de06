"""Fixtures of the delivery tests."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from bot.delivery.ledger import Ledger
from bot.delivery.state.tables import metadata
from bot.sandbox.receiver import Receiver
from tests.delivery.foreign import Foreign
from tests.delivery.ledgers import open_ledgers
from tests.delivery.office import Office
from tests.servers import empty_tables, fresh_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    from tests.delivery.ledgers import Clock, Ledgers


@pytest.fixture(scope="session")
def state_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """One migrated state database per engine: making one takes longer than most tests."""
    uris: dict[str, str] = {}
    with contextlib.ExitStack() as stack:

        def uri_of(backend: str) -> str:
            if backend not in uris:
                folder = tmp_path_factory.mktemp("state")
                uri = stack.enter_context(fresh_database(backend, folder))
                Ledger.open(uri).close()
                uris[backend] = uri
            return uris[backend]

        yield uri_of


@pytest.fixture
def ledgers(backend_name: str, state_databases: Callable[[str], str]) -> Iterator[Ledgers]:
    """Ledgers on one empty database; narrow ``backend_name`` to what it may be."""
    uri = state_databases(backend_name)
    empty_tables(uri, metadata)
    with open_ledgers(uri) as ledgers:
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


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A receiver without limits."""
    async with Receiver(limits=False) as running:
        yield running


@pytest.fixture
def office(
    tmp_path: Path,
    receiver: Receiver,
    request: pytest.FixtureRequest,
    state_databases: Callable[[str], str],
) -> Office:
    """An office with an empty ledger: in SQLite, or where ``backend_name`` says."""
    backend = "sqlite"
    if "backend_name" in request.fixturenames:
        backend = request.getfixturevalue("backend_name")
    uri = state_databases(backend)
    empty_tables(uri, metadata)
    return Office(tmp_path, receiver, uri)


@pytest.fixture
async def foreign(office: Office) -> AsyncIterator[Foreign]:
    """A server that is not Discord, to which the office may post."""
    async with Foreign() as server:
        office.hosts.append(server.address)
        yield server
