"""A webhook server of other people's making: small ids, odd lists, late hands."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Answer = Callable[["Foreign", web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]


@dataclass
class Foreign:
    """A server with one channel per webhook; ids count up from 1 in each channel.

    Attributes
    ----------
    script
        What to do with the next requests to send, one each; then they are
        taken and answered as Discord does.
    stripped
        Whether lists leave out texts, as for a bot without the intent.
    with_hook_ids
        Whether lists name the webhook of a message.
    reads_back
        Whether a webhook may read its own messages.
    """

    script: list[Answer] = field(default_factory=list)
    stripped: bool = True
    with_hook_ids: bool = True
    reads_back: bool = True
    lists: int = 200
    messages: list[dict[str, Any]] = field(default_factory=list)
    payloads: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    address: str = ""

    async def __aenter__(self) -> Foreign:
        hook = "/api/webhooks/{hook}/{token}"
        app = web.Application()
        app.add_routes(
            [
                web.post(hook, self._execute),
                web.get(hook, self._hook),
                web.get(hook + "/messages/{message}", self._message),
                web.get("/api/v10/channels/{channel}/messages", self._list),
                web.get("/api/v10/channels/{channel}", self._channel),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._runner.cleanup()

    def webhook(self, hook: int = 7) -> str:
        """Return the address of a webhook; each is good."""
        return f"{self.address}/api/webhooks/{hook}/a-token-of-webhook-{hook}"

    def accept(self, hook: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Store a message and return it as the webhook sees it."""
        channel = f"5{hook}"
        number = 1 + sum(message["channel_id"] == channel for message in self.messages)
        message = {
            "id": number,
            "channel_id": channel,
            "webhook_id": hook,
            "timestamp": datetime.now(UTC).isoformat(),
            "content": payload.get("content") or "",
            "embeds": [
                {"type": "rich", "content_scan_version": 0, "flags": 0, **embed}
                for embed in payload.get("embeds") or ()
            ],
        }
        self.messages.append(message)
        self.payloads.append(payload)
        return message

    async def _execute(self, request: web.Request) -> web.StreamResponse:
        payload = await request.json()
        self.requests.append(request.match_info["hook"])
        if self.script:
            return await self.script.pop(0)(self, request, payload)
        return web.json_response(self.accept(request.match_info["hook"], payload))

    async def _hook(self, request: web.Request) -> web.Response:
        hook = request.match_info["hook"]
        return web.json_response({"id": hook, "channel_id": f"5{hook}", "guild_id": "1"})

    async def _message(self, request: web.Request) -> web.Response:
        if not self.reads_back:
            raise web.HTTPNotFound
        for message in self.messages:
            if (
                str(message["id"]) == request.match_info["message"]
                and message["webhook_id"] == request.match_info["hook"]
            ):
                return web.json_response(message)
        raise web.HTTPNotFound

    async def _list(self, request: web.Request) -> web.Response:
        if self.lists != 200:
            return web.Response(status=self.lists)
        left_out = {"content", "embeds"} if self.stripped else set()
        if not self.with_hook_ids:
            left_out = left_out | {"webhook_id"}
        shown = [
            {key: value for key, value in message.items() if key not in left_out}
            for message in reversed(self.messages)
            if message["channel_id"] == request.match_info["channel"]
        ]
        return web.json_response(shown)

    async def _channel(self, request: web.Request) -> web.Response:
        return web.json_response({"id": request.match_info["channel"], "type": 0})


def take_then(status: int, headers: dict[str, str] | None = None) -> Answer:
    """Store the message and answer an error."""

    async def answer(
        server: Foreign, request: web.Request, payload: dict[str, Any]
    ) -> web.StreamResponse:
        server.accept(request.match_info["hook"], payload)
        return web.Response(status=status, headers=headers)

    return answer


def say(status: int, headers: dict[str, str] | None = None, text: str = "") -> Answer:
    """Store nothing and answer."""

    async def answer(
        server: Foreign, request: web.Request, payload: dict[str, Any]
    ) -> web.StreamResponse:
        return web.Response(status=status, headers=headers, text=text)

    return answer


def late(seconds: float) -> Answer:
    """Store the message after a while, whether or not the sender is still there."""

    async def answer(
        server: Foreign, request: web.Request, payload: dict[str, Any]
    ) -> web.StreamResponse:
        async def take() -> dict[str, Any]:
            await asyncio.sleep(seconds)
            return server.accept(request.match_info["hook"], payload)

        return web.json_response(await asyncio.shield(asyncio.create_task(take())))

    return answer
