"""Logging as it was before each test, and a handler of another program."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import pytest

from bot.logs import close_logging

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    yield
    close_logging()


@pytest.fixture
def foreign_log() -> Iterator[io.StringIO]:
    """A handler of somebody else's on the root logger, with the standard formatter."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
