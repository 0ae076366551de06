"""The delivery tests' office, and a health server for what it has open."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.delivery.conftest import office as office
from tests.delivery.conftest import receiver as receiver
from tests.delivery.conftest import state_databases as state_databases
from tests.health.asking import Clinic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def clinic() -> AsyncIterator[Clinic]:
    """Opens health servers, and closes them."""
    async with contextlib.AsyncExitStack() as stack:
        yield Clinic(stack)
