"""The stage of the end-to-end tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.server import Sandbox
from tests.e2e.stage import Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    """A small Discord."""
    async with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def stage(tmp_path: Path, sandbox: Sandbox) -> Stage:
    """Two squadrons and a guild of strangers; the bot starts when a test says so."""
    return Stage(tmp_path, sandbox)
