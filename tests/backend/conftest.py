"""Databases as the backend makes them, opened and disposed of."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import pytest

from bot.backend import TenantDatabase, schema
from tests.servers import create_tables

if TYPE_CHECKING:
    from collections.abc import Iterator


class OpenDatabase(Protocol):
    """Opens a database that is disposed of after the test."""

    def __call__(self, uri: str, query_timeout: float = 20.0) -> TenantDatabase: ...


@pytest.fixture
def open_database() -> Iterator[OpenDatabase]:
    with ExitStack() as stack:

        def make(uri: str, query_timeout: float = 20.0) -> TenantDatabase:
            database = TenantDatabase(uri, query_timeout=query_timeout)
            stack.callback(database.dispose)
            return database

        yield make


@pytest.fixture
def newest_uri(backend_uri: str) -> str:
    """A database with all tables of the newest backend, empty."""
    create_tables(backend_uri, schema.metadata)
    return backend_uri
