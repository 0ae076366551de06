"""One connection of a client to the gateway."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from bot.sandbox.intake import parsed

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.gateway.hub import Gateway
    from bot.sandbox.gateway.session import Session

HEARTBEAT = 1
IDENTIFY = 2
RESUME = 6
HELLO = 10
ACK = 11
_SILENTLY_TAKEN = (3, 4)
_REQUEST_MEMBERS = 8

UNKNOWN_OPCODE = 4001
DECODE_ERROR = 4002
NOT_AUTHENTICATED = 4003
ALREADY_AUTHENTICATED = 4005
RATE_LIMITED = 4008
SESSION_TIMED_OUT = 4009

MOST_BYTES = 4096
_MOST_MESSAGES = 120
_GOODBYES = (1000, 1001)
_PER_SECONDS = 60.0


class Connection:
    """Talks with a client until one of both leaves.

    Parameters
    ----------
    pack
        What packs the messages; None for text.
    """

    def __init__(
        self,
        gateway: Gateway,
        socket: web.WebSocketResponse,
        request: web.Request,
        pack: Callable[[bytes], bytes] | None,
    ) -> None:
        self.session: Session | None = None
        self._gateway = gateway
        self._socket = socket
        self._request = request
        self._pack = pack
        self._outbox: asyncio.Queue[dict[str, Any] | str | int | None] = asyncio.Queue()
        self._beat_at = time.monotonic()
        self._began, self._count = self._beat_at, 0
        self._sent_away = False

    def send(self, payload: dict[str, Any] | str) -> None:
        """Send a message after those that wait; a text goes as it is."""
        self._outbox.put_nowait(payload)

    def close(self, code: int | None) -> None:
        """Close after what waits was sent; without a code, just break off."""
        self._sent_away = True
        self._outbox.put_nowait(code)

    async def talk(self) -> None:
        """Talk until the connection ends."""
        interval = self._gateway.heartbeat_interval
        self.send({"t": None, "s": None, "op": HELLO, "d": {"heartbeat_interval": interval}})
        writer = asyncio.create_task(self._write())
        try:
            await self._read(interval / 1000)
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def _write(self) -> None:
        while True:
            payload = await self._outbox.get()
            if payload is None:
                if self._request.transport is not None:
                    self._request.transport.abort()
                return
            if isinstance(payload, int):
                await self._socket.close(code=payload)
                return
            if not isinstance(payload, str):
                payload = json.dumps(payload, ensure_ascii=False)
            try:
                if self._pack is None:
                    await self._socket.send_str(payload)
                else:
                    await self._socket.send_bytes(self._pack(payload.encode("utf-8", "replace")))
            except ConnectionError:
                return

    async def _read(self, interval: float) -> None:
        while True:
            patience = self._beat_at + 1.5 * interval - time.monotonic()
            try:
                message = await self._socket.receive(timeout=max(patience, 0.001))
            except TimeoutError:
                self._sent_away = True
                await self._socket.close(code=SESSION_TIMED_OUT)
                return
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            code = self._take(message.data)
            if code is not None:
                self.close(code)

    def _take(self, raw: str | bytes) -> int | None:
        """Take one message; return the code to close with, if it is unacceptable."""
        try:
            payload = parsed(raw)
        except ValueError:
            return DECODE_ERROR
        if len(raw) > MOST_BYTES or not isinstance(payload, dict) or "op" not in payload:
            return DECODE_ERROR
        operation, data = payload["op"], payload.get("d")
        self._gateway.note(self, operation, data)
        if not self._within_limit():
            return RATE_LIMITED
        if operation == HEARTBEAT:
            self._beat_at = time.monotonic()
            if not self._gateway.silent:
                self.send({"t": None, "s": None, "op": ACK, "d": None})
            return None
        if operation in (IDENTIFY, RESUME):
            if self.session is not None:
                return ALREADY_AUTHENTICATED
            if not isinstance(data, dict):
                return DECODE_ERROR
            begin = self._gateway.identify if operation == IDENTIFY else self._gateway.resume
            return begin(self, data)
        if operation not in (*_SILENTLY_TAKEN, _REQUEST_MEMBERS):
            return UNKNOWN_OPCODE
        if self.session is None:
            return NOT_AUTHENTICATED
        if operation == _REQUEST_MEMBERS:
            self._gateway.tell_members(self.session, data)
        return None

    def _within_limit(self) -> bool:
        now = time.monotonic()
        if now - self._began >= _PER_SECONDS:
            self._began, self._count = now, 0
        self._count += 1
        return self._count <= _MOST_MESSAGES

    @property
    def said_goodbye(self) -> bool:
        """Whether the client ended its session by closing in good order."""
        return not self._sent_away and self._socket.close_code in _GOODBYES
