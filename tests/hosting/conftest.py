"""Namespaces for the tests that need a first process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.hosting.first_process import isolation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn


@pytest.fixture
def prefix(leave_out: Callable[[str], NoReturn]) -> Sequence[str]:
    """What puts a command into namespaces of its own."""
    found = isolation()
    if found is None:
        leave_out("unshare may not make namespaces here")
    return found
