"""Tells pages at once what happens in the sandbox."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from bot.sandbox.backstage import told

if TYPE_CHECKING:
    from bot.sandbox.world import World

_MESSAGES = ("message_create", "message_update", "message_delete")


class Live:
    """Serves ``/_/live``, a WebSocket on which every event is pushed."""

    def __init__(self, world: World) -> None:
        self._listeners: list[asyncio.Queue[dict[str, Any] | None]] = []
        world.watchers.append(self._hear)

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        return [web.get("/_/live", self._serve)]

    def _hear(self, what: str, thing: Any) -> None:
        if what in _MESSAGES:
            event = {
                "op": what,
                "message": told(thing),
                "channel_id": thing.channel_id,
                "ephemeral_for": thing.ephemeral_for,
            }
        elif what == "presence":
            event = {"op": what, "online": bool(thing)}
        elif what == "commands":
            event = {"op": what, "guild_id": thing}
        else:
            event = {"op": what, "id": thing.id}  # of a guild or channel
        # Rendered now: the message may change before the listener hears of it.
        for listener in self._listeners:
            listener.put_nowait(json.loads(json.dumps(event)))

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=30.0)
        await socket.prepare(request)
        outbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._listeners.append(outbox)
        writer = asyncio.create_task(_write(socket, outbox))
        try:
            while (await socket.receive()).type in (WSMsgType.TEXT, WSMsgType.BINARY):
                pass
        finally:
            self._listeners.remove(outbox)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
        return socket

    def close(self) -> None:
        """Send every listener away."""
        for listener in self._listeners:
            listener.put_nowait(None)


async def _write(
    socket: web.WebSocketResponse, outbox: asyncio.Queue[dict[str, Any] | None]
) -> None:
    while (event := await outbox.get()) is not None:
        await socket.send_json(event)
    await socket.close(code=1001)
