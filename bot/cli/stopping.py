"""Ctrl-C and SIGTERM, taken as the wish to finish and leave."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING

from bot.cli.text import note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_FINISHING = "Stopping; the message being sent is finished first."


@contextlib.contextmanager
def on_stop_signal(stop: Callable[[], None], words: str = _FINISHING) -> Iterator[None]:
    """Call ``stop`` in the running loop at the first SIGINT or SIGTERM.

    Further ones change nothing: what is under way ends by itself, and cutting
    it off would leave a message in doubt.

    Parameters
    ----------
    words
        What to say then.
    """
    loop = asyncio.get_running_loop()
    asked = False

    def ask() -> None:
        nonlocal asked
        if not asked:
            asked = True
            note(words)
            stop()

    previous = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        try:
            loop.add_signal_handler(number, ask)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ask))
    try:
        yield
    finally:
        for number, handler in previous.items():
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)
