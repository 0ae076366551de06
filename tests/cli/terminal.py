"""Somebody at a terminal in which the real command runs."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import pty
import sys
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from tests.cli.commands import Home

# A process gets the keys, Ctrl-C among them, of the terminal that it opens as a
# session's leader.
# Whoever runs the tests in the background has it ignore Ctrl-C, which is inherited.
_IN_TERMINAL = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.close(os.open(os.ttyname(0), os.O_RDWR))
os.execv(sys.executable, [sys.executable, "-m", "bot", *sys.argv[1:]])
"""
CTRL_C, CTRL_D = "\x03", "\x04"


class Terminal:
    """Types and reads; use it as an asynchronous context manager.

    Attributes
    ----------
    shown
        All that was on the screen.
    """

    def __init__(self, home: Home, *args: str) -> None:
        self.shown = ""
        self._home = home
        self._args = args
        self._read = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._ours = -1
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._ours, theirs = pty.openpty()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _IN_TERMINAL, *self._args),
            cwd=self._home.folder,
            env={**self._home.environment(), "TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        os.close(self._ours)

    async def see(self, text: str) -> None:
        """Wait until a text is shown after what was seen last."""
        async with asyncio.timeout(60):
            while (found := self.shown.find(text, self._read)) < 0:
                assert await self._more(), f"{text!r} never came:\n{self.shown}"
        self._read = found + len(text)

    def type(self, keys: str) -> None:
        """Type a line and Enter, or a single control key."""
        os.write(self._ours, (keys if keys in (CTRL_C, CTRL_D) else f"{keys}\r").encode())

    async def answer(self, question: str, keys: str) -> None:
        """Wait for a question and type."""
        await self.see(question)
        self.type(keys)

    async def press_until(self, key: str, text: str) -> None:
        """Press a control key, again if need be, until a text is shown.

        Between a prompt and the reading of its answer, Python overhears Ctrl-C.
        """
        async with asyncio.timeout(60):
            seen = asyncio.create_task(self.see(text))
            while not seen.done():
                with contextlib.suppress(OSError):  # the other side is closed
                    self.type(key)
                await asyncio.wait({seen}, timeout=1)
            await seen

    async def end(self) -> int:
        """Wait for the end of the command and return its status."""
        assert self._process is not None
        async with asyncio.timeout(60):
            while await self._more():
                pass
            return await self._process.wait()

    async def _more(self) -> bool:
        try:
            piece = await asyncio.to_thread(os.read, self._ours, 65536)
        except OSError:  # the other side is closed
            return False
        self.shown += self._decoder.decode(piece)
        return bool(piece)
