"""Ways to a server that lead nowhere."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from aiohttp import web

if TYPE_CHECKING:
    from types import TracebackType


class Gatekeeper:
    """Keeps whoever wants to the gateway waiting, in one of the `WAYS`.

    Attributes
    ----------
    asked
        Set when the first has come.
    """

    WAYS = ("says nothing", "opens and says nothing")

    def __init__(self, way: str) -> None:
        self.asked = asyncio.Event()
        self._way = way
        app = web.Application()
        app.router.add_get("/", self._meet)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)

    @property
    def address(self) -> str:
        """Where it stands."""
        host, port, *_ = self._runner.addresses[0]
        return f"ws://{host}:{port}/"

    async def _meet(self, request: web.Request) -> web.StreamResponse:
        self.asked.set()
        if self._way == "opens and says nothing":
            await web.WebSocketResponse().prepare(request)
        await asyncio.Event().wait()
        raise AssertionError("nobody comes in")

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()


class Line:
    """A line to a server that can be cut: then nothing comes through, and nobody is told."""

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._open = asyncio.Event()
        self._open.set()
        self._ways: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Where it begins, on 127.0.0.1."""
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def cut(self) -> None:
        """Let nothing through any more."""
        self._open.clear()

    def mend(self) -> None:
        """Let everything through again, what has come meanwhile first."""
        self._open.set()

    async def _connect(self, here: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        there, forth = await asyncio.open_connection(*self._target)
        for source, target in ((here, forth), (there, back)):
            way = asyncio.create_task(self._carry(source, target))
            self._ways.add(way)

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(1 << 16):
                await self._open.wait()
                target.write(data)
        except ConnectionError:
            pass
        finally:
            target.close()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for way in self._ways:
            way.cancel()
        await asyncio.gather(*self._ways, return_exceptions=True)
