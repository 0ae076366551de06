"""The stage of the end-to-end tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import pytest

from bot.sandbox.server import Sandbox
from tests.e2e.processes import faketime_library
from tests.e2e.stage import Stage
from tests.sandbox.exchanges import assert_by_the_book

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


@pytest.fixture
async def sandbox(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """A small Discord; in the end all that was asked of it and answered is judged."""
    async with Sandbox() as sandbox:
        yield sandbox
    assert_by_the_book(sandbox.exchanges, request)


@pytest.fixture
def stage(tmp_path: Path, sandbox: Sandbox) -> Stage:
    """Two squadrons and a guild of strangers; the bot starts when a test says so."""
    return Stage(tmp_path, sandbox)


@pytest.fixture
def faketime(leave_out: Callable[[str], NoReturn]) -> Path:
    """The library that gives a process another clock."""
    return faketime_library() or leave_out("no libfaketime: install it, or set TEST_LIBFAKETIME")
