"""How late the event loop comes to what is due: it shows whatever blocks it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_EVERY_SECONDS = 0.5


async def measure_lag(tell: Callable[[float], None]) -> None:
    """Tell by how many seconds a short sleep overslept, for ever."""
    while True:
        due = time.monotonic() + _EVERY_SECONDS
        await asyncio.sleep(_EVERY_SECONDS)
        tell(max(0.0, time.monotonic() - due))
