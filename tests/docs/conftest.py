"""A scratch home for the commands of the pages."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.server import Sandbox
from tests.docs.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Scratch]:
    """A home of its own for each block, with a Discord beside it."""
    async with Sandbox() as sandbox:
        scratch = Scratch(tmp_path, sandbox, _free_port())
        try:
            yield scratch
            await scratch.stop()
        finally:
            scratch.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
