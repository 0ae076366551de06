"""Fixtures of the guilds' tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.delivery.state.tables import metadata
from tests.delivery.conftest import state_databases as state_databases
from tests.guilds.books import open_books
from tests.servers import empty_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.guilds.book import GuildBook
    from tests.delivery.ledgers import Clock
    from tests.guilds.books import Books


@pytest.fixture
def books(backend_name: str, state_databases: Callable[[str], str]) -> Iterator[Books]:
    """Books on one empty database; narrow ``backend_name`` to what it may be."""
    uri = state_databases(backend_name)
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
