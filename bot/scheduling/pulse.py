"""Whether the sweep still comes by."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Pulse:
    """Remembers when something that is done again and again was last done.

    Parameters
    ----------
    monotonic
        Seconds on a clock that nobody sets.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last = monotonic()
        self._busy = 0

    @contextlib.contextmanager
    def beat(self) -> Iterator[None]:
        """Do it once more: the block is the work."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self._last = self._monotonic()

    @property
    def quiet_seconds(self) -> float:
        """How long it has not been done; 0 while it is."""
        return 0.0 if self._busy else self._monotonic() - self._last
