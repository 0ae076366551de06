"""Lives with what comes from the gateway and cannot be read.

Discord's own gateway sends nothing that discord.py does not understand; other
servers, and versions to come, may. discord.py ends the whole client then.
"""

from __future__ import annotations

import logging
import time
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Parser = Callable[[Any], None]

log = logging.getLogger(__name__)

_TELL_AGAIN_SECONDS = 600.0


def place_of(error: BaseException) -> str:
    """Return what went wrong and where, for the log.

    Without the error's own words: they may quote what came, and with it the
    token of an interaction.
    """
    return "".join((f"{type(error).__name__}\n", *traceback.format_tb(error.__traceback__)))


class EventGuard:
    """Leaves out the events that cannot be read, and logs them.

    An event that is unreadable time and again is logged now and then, lest
    it fill the disk.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def watch(self, parsers: dict[str, Parser]) -> None:
        """Put a guard around each parser, by the names of their events."""
        for event, parse in parsers.items():
            parsers[event] = self._guarded(event, parse)

    def _guarded(self, event: str, parse: Parser) -> Parser:
        def survive(data: Any) -> None:
            try:
                parse(data)
            except Exception as error:  # noqa: BLE001  # the connection goes on; logged
                self._tell(event, error)

        return survive

    def _tell(self, event: str, error: Exception) -> None:
        now = self._clock()
        told = self._told.get(event)
        if told is not None and now - told < _TELL_AGAIN_SECONDS:
            self._untold[event] = self._untold.get(event, 0) + 1
            return
        self._told[event] = now
        untold = self._untold.pop(event, 0)
        log.error(
            "The gateway's event %s cannot be read and is left out%s: %s",
            event,
            f", as {untold} before it" if untold else "",
            place_of(error),
            extra={"action": "event_unreadable"},
        )
