"""Suggestions on a clock of their own, and a tenant to ask about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.backend import Databases
from bot.reports.suggestions import Suggestions
from tests.reports.suggestions.packs import Clock, a_tenant, systems

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.tenants import Tenant


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def suggestions(clock: Clock) -> Iterator[Suggestions]:
    """Suggestions whose databases are let go at the end."""
    databases = Databases()
    found = Suggestions(databases, clock=clock, patience=60)
    yield found
    found.close()
    found._pool.shutdown(wait=True)  # a read under way holds its connection
    databases.dispose()


@pytest.fixture
def wolves(tmp_path: Path) -> Tenant:
    systems("Sol", "Wega").store(f"sqlite:///{tmp_path}/wolves.db")
    return a_tenant("sqlite:///wolves.db", tmp_path)
