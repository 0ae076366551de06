"""Lets requests go wrong as a fault says."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox import replies
from bot.sandbox.faults import FaultKind
from bot.sandbox.replies import Refused
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from bot.sandbox.faults import Fault

_POLL = 0.02
_NO_LINGER = struct.pack("ii", 1, 0)


class Mischief:
    """Commits faults.

    Attributes
    ----------
    closing
        Set when everything that waits has to end.
    """

    def __init__(self) -> None:
        self.closing = asyncio.Event()

    async def pause(self, request: web.Request, seconds: float) -> None:
        """Wait, but not for longer than the sender or this receiver lives."""
        until = time.monotonic() + seconds
        while not self.closing.is_set() and time.monotonic() < until:
            if request.transport is None or request.transport.is_closing():
                return
            left = max(0.0, until - time.monotonic())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), min(_POLL, left))

    async def commit(
        self,
        request: web.Request,
        fault: Fault,
        answer: bytes | None,
        unknown: dict[str, Any] = replies.UNKNOWN_WEBHOOK,
    ) -> web.StreamResponse:
        """Let one request go wrong.

        Parameters
        ----------
        answer
            What would have been answered, if it was accepted.
        unknown
            What a 404 says.
        """
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                raise replies.limited(fault.seconds, fault.scope, via=fault.via)
            case FaultKind.STATUS:
                raise Refused(fault.status, _error_for(fault.status, unknown))
            case FaultKind.HANG:
                await self.pause(request, fault.seconds)
            case FaultKind.TRUNCATE:
                return await _break_off(request, answer)
            case _:
                pass
        _reset(request)
        return web.Response()


def _error_for(status: int, unknown: dict[str, Any]) -> dict[str, Any]:
    known = {401: replies.INVALID_TOKEN, 403: replies.MISSING_ACCESS, 404: unknown}
    return known.get(status) or error(0, f"{status}: fault of the sandbox")


def _reset(request: web.Request) -> None:
    """End the connection with a reset, as if the machine were gone."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


async def _break_off(request: web.Request, answer: bytes | None) -> web.StreamResponse:
    """Answer half of what was meant and close the connection."""
    raw = answer or b'{"id": "0"}'
    response = web.StreamResponse(headers={"Via": "1.1 google"})
    response.content_type = "application/json"
    response.content_length = len(raw)
    await response.prepare(request)
    await response.write(raw[: len(raw) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
