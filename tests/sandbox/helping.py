"""What the tests of delivery and sandbox share: raw servers, clocks, messages."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Any

from bot.tenants import parse_webhook_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from bot.delivery.outcomes import Outcome
    from bot.delivery.webhook import WebhookClient
    from bot.sandbox.receiver import Receiver
    from bot.sandbox.world import Channel, Hook
    from bot.tenants import WebhookUrl

    Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

TOKEN = "s3cret-Token_of-this.webhook"


def message(text: str = "hello", **more: Any) -> dict[str, Any]:
    """Return a payload that Discord takes."""
    return {"content": text, "allowed_mentions": {"parse": []}, **more}


async def allow() -> bool:
    """Let a message be written."""
    return True


def webhook_of(receiver: Receiver, channel: Channel | None = None) -> tuple[Hook, WebhookUrl]:
    """Make a webhook in a receiver; return it as the receiver and a sender know it."""
    hook = receiver.world.add_webhook(channel)
    return hook, parse_webhook_url(receiver.url_of(hook))


async def send(client: WebhookClient, webhook: WebhookUrl, text: str = "hello") -> Outcome:
    """Send a text with ordinary patience."""
    return await client.send(webhook, message(text), timeout=5.0, before_write=allow)


class Clock:
    """A clock that only sleepers move."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class RawServer:
    """A server that answers with bytes, and counts what it read."""

    def __init__(self, converse: Conversation) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._converse = converse
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            self.requests.append(await read_request(reader))
            await self._converse(reader, writer)
        writer.close()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one request with its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head + await reader.readexactly(length)


@contextlib.asynccontextmanager
async def raw_server(converse: Conversation) -> AsyncIterator[tuple[RawServer, WebhookUrl]]:
    """Run a raw server; yields it with a webhook that it pretends to be."""
    raw = RawServer(converse)
    server = await asyncio.start_server(raw.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield raw, parse_webhook_url(f"http://127.0.0.1:{port}/api/webhooks/42/{TOKEN}")
    finally:
        server.close()
        await server.wait_closed()


def answering(
    status: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Conversation:
    """Return a conversation with one answer, byte for byte."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return converse


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset the connection instead of an answer."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer nothing until the sender leaves."""
    await reader.read()
