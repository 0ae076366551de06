"""A folder with one squadron, and a receiver for its posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.receiver import Receiver
from bot.sandbox.server import Sandbox
from tests.cli.commands import Home, tenant, url, write_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A folder with one squadron, Wolves, that has no webhook."""
    here = Home(tmp_path)
    write_database(tmp_path / "wolves.db")
    here.tenants(tenant("Wolves"))
    return here


@pytest.fixture
async def receiver(home: Home) -> AsyncIterator[Receiver]:
    """A receiver that the folder's settings trust; Wolves post to it."""
    async with Receiver(limits=False) as running:
        home.trust(running)
        home.tenants(tenant("Wolves", url(running)))
        yield running


@pytest.fixture
def empty(tmp_path: Path) -> Home:
    """A folder that holds a database and nothing else; no Discord can be reached from it."""
    write_database(tmp_path / "wolves.db")
    return Home(tmp_path, {"DISCORD_API_BASE": "http://127.0.0.1:9/api/v10"})


@pytest.fixture
async def sandbox(empty: Home) -> AsyncIterator[Sandbox]:
    """A Discord that the folder's settings lead to."""
    async with Sandbox(limits=False) as running:
        empty.trust(running)
        empty.env["DISCORD_API_BASE"] = running.api_base
        yield running
