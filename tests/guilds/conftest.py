"""Fixtures of the guilds' tests."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from bot.delivery.state.database import StateDatabase
from bot.delivery.state.tables import metadata
from tests.guilds.books import open_books
from tests.servers import empty_tables, fresh_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.guilds.book import GuildBook
    from tests.delivery.ledgers import Clock
    from tests.guilds.books import Books


@pytest.fixture(scope="session")
def book_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """One migrated state database per engine: making one takes longer than most tests."""
    uris: dict[str, str] = {}
    with contextlib.ExitStack() as stack:

        def uri_of(backend: str) -> str:
            if backend not in uris:
                folder = tmp_path_factory.mktemp("state")
                uri = stack.enter_context(fresh_database(backend, folder))
                StateDatabase(uri).dispose()
                uris[backend] = uri
            return uris[backend]

        yield uri_of


@pytest.fixture
def books(backend_name: str, book_databases: Callable[[str], str]) -> Iterator[Books]:
    """Books on one empty database; narrow ``backend_name`` to what it may be."""
    uri = book_databases(backend_name)
    empty_tables(uri, metadata)
    with open_books(uri) as books:
        yield books


@pytest.fixture
def book(books: Books) -> GuildBook:
    """The book of one process."""
    return books.open()


@pytest.fixture
def other(books: Books, book: GuildBook) -> GuildBook:
    """The book of another process on the same database."""
    return books.open()


@pytest.fixture
def clock(books: Books) -> Clock:
    """The clock of all books."""
    return books.clock
