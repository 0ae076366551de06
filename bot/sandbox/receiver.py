"""A webhook receiver on loopback that answers as Discord does.

It serves the demo and the tests: webhooks, the messages of channels and
forums as a bot reads them, limits, and faults on demand. It keeps every
message it accepts. ``python -m bot.sandbox.receiver`` runs it as a process of
its own and prints its address; ``/_/`` tells and changes its state.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox import replies
from bot.sandbox.bodies import hook_body, stored_components
from bot.sandbox.bot_api import BotApi
from bot.sandbox.console import Console
from bot.sandbox.faults import FaultKind, FaultPlan
from bot.sandbox.guard import in_form
from bot.sandbox.intake import take_in
from bot.sandbox.mischief import Mischief
from bot.sandbox.process import receiver_options, serve
from bot.sandbox.replies import API, Refused, reply
from bot.sandbox.rules.webhooks import heeded, webhook_message
from bot.sandbox.switches import BOT_TOKEN, Switches
from bot.sandbox.windows import RequestWindow
from bot.sandbox.world import World

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from aiohttp.typedefs import Middleware

    from bot.sandbox.faults import Fault
    from bot.sandbox.intake import Intake
    from bot.sandbox.world import Channel, Hook, StoredMessage

_HOOK = API + "/webhooks/{webhook_id}/{webhook_token}"
MAX_BODY = 25 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request to send, as it arrived.

    Attributes
    ----------
    at
        Monotonic seconds.
    fault
        What went wrong with it.
    """

    at: float
    webhook_id: str
    query: dict[str, str]
    headers: dict[str, str]
    fault: Fault | None


class Receiver:
    """A small Discord for webhooks.

    Use it as an asynchronous context manager; ``world`` and ``faults`` may be
    changed at any time.

    Parameters
    ----------
    bot_token, limits, accept_any, content_intent
        Of `Switches`.
    clock
        Monotonic seconds.
    now
        Real time, aware.

    Attributes
    ----------
    arrivals
        Every request to send, in order, whatever became of it.
    """

    def __init__(
        self,
        *,
        bot_token: str = BOT_TOKEN,
        limits: bool = True,
        accept_any: bool = False,
        content_intent: bool = False,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.switches = Switches(bot_token, limits, accept_any, content_intent)
        self.world = World(now)
        self.faults = FaultPlan()
        self.arrivals: list[Arrival] = []
        self.address = ""
        self._clock = clock
        self._now = now
        self._webhook_windows: dict[str, RequestWindow] = {}
        self._channel_windows: dict[str, RequestWindow] = {}
        self._mischief = Mischief()
        self._api = BotApi(self.world, self.switches)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Receiver:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.stop()

    @property
    def messages(self) -> list[StoredMessage]:
        """Every message that was accepted, in order."""
        return self.world.messages

    @property
    def api_base(self) -> str:
        """The base address of its API, for DISCORD_API_BASE."""
        return f"{self.address}/api/v10"

    @property
    def addresses(self) -> list[str]:
        """The addresses that its process prints."""
        return [self.address]

    def plan_for(self, route: str | None) -> FaultPlan:
        """Return what goes wrong with one kind of request.

        Raises
        ------
        ValueError
            If there is no such kind.
        """
        if route is not None:
            raise ValueError(f"no requests are called {route!r}")
        return self.faults

    def url_of(self, hook: Hook) -> str:
        """Return the whole address of a webhook."""
        return self.address + hook.path

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to listen.

        Parameters
        ----------
        port
            0 for any that is free.
        """
        self._mischief.closing.clear()
        app = web.Application(client_max_size=MAX_BODY, middlewares=self._middlewares())
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        listener = socket.create_server((host, port))
        await web.SockSite(self._runner, listener).start()
        bound_host, bound_port = listener.getsockname()[:2]
        self.address = f"http://{bound_host}:{bound_port}"
        self.world.address = self.address

    async def stop(self) -> None:
        """End all requests and stop listening."""
        self._mischief.closing.set()
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    def _middlewares(self) -> list[Middleware]:
        return [in_form]

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return what is served."""
        message = _HOOK + "/messages/{message_id}"
        return [
            web.post(_HOOK, self._execute),
            web.get(_HOOK, self._show_webhook),
            web.get(message, self._show_message),
            web.patch(message, self._edit_message),
            web.delete(message, self._delete_message),
            *self._api.routes(),
            *Console(self).routes(),
        ]

    async def _execute(self, request: web.Request) -> web.StreamResponse:
        fault = self.faults.next()
        arrived = self._clock()
        self.arrivals.append(
            Arrival(
                arrived,
                request.match_info["webhook_id"],
                dict(request.query),
                dict(request.headers),
                fault,
            )
        )
        intake = await take_in(request)
        if fault is not None:
            if fault.kind is FaultKind.LATENCY:
                await self._mischief.pause(request, fault.seconds)
            elif not fault.accepted:
                return await self._mischief.commit(request, fault, None)
        hook = self._hook(request)
        headers = self._count(hook)
        try:
            message = self._accept(request, hook, intake, arrived)
        except Refused as refused:
            refused.headers |= headers
            raise
        if fault is not None and fault.kind is not FaultKind.LATENCY:
            answer = json.dumps(message.body).encode()
            return await self._mischief.commit(request, fault, answer)
        if request.query.get("wait", "").lower() in ("true", "1"):
            return reply(200, message.body, headers)
        return reply(204, headers=headers)

    def _accept(
        self, request: web.Request, hook: Hook, intake: Intake, arrived: float
    ) -> StoredMessage:
        payload = webhook_message(intake, request.query)
        thread = self._thread_for(request, hook, payload)
        shown = heeded(request.query, payload).get("components")
        extra = {"components": stored_components(shown)} if shown else {}
        return self.world.accept(hook, payload, thread, arrived, intake.uploads, extra)

    def _hook(self, request: web.Request) -> Hook:
        hook_id, token = request.match_info["webhook_id"], request.match_info["webhook_token"]
        hook = self.world.hooks.get(hook_id)
        if hook is None:
            if not self.switches.accept_any or not hook_id.isdecimal():
                raise Refused(404, replies.UNKNOWN_WEBHOOK)
            hook = self.world.add_webhook(hook_id=hook_id, token=token)
        if hook.token != token:
            raise Refused(401, replies.INVALID_TOKEN)
        return hook

    def _count(self, hook: Hook) -> dict[str, str]:
        """Count a request against the limits; return the headers that tell."""
        if not self.switches.limits:
            return {}
        window = self._webhook_windows.setdefault(hook.id, RequestWindow(5, 2.0, self._clock))
        channel = self._channel_windows.setdefault(
            hook.channel_id, RequestWindow(30, 60.0, self._clock)
        )
        usage = window.take()
        headers = replies.limit_headers(usage, f"webhook-{hook.id}", self._now().timestamp())
        if not usage.allowed:
            raise replies.limited(usage.reset_after, "user", headers=headers)
        shared = channel.take()
        if not shared.allowed:
            raise replies.limited(shared.reset_after, "shared", headers=headers)
        return headers

    def _thread_for(
        self, request: web.Request, hook: Hook, payload: dict[str, Any]
    ) -> Channel | None:
        """Return the thread that a message goes to; refuse what fits no channel."""
        thread_id = request.query.get("thread_id")
        channel = self.world.channels[hook.channel_id]
        if thread_id:
            if payload.get("thread_name"):
                raise Refused(400, replies.BOTH)
            thread = self.world.channels.get(thread_id)
            if thread is None or thread.parent_id != channel.id:
                raise Refused(404, replies.UNKNOWN_CHANNEL)
            return thread
        if channel.kind != "forum":
            if payload.get("thread_name"):
                raise Refused(400, replies.NO_FORUM)
            return None
        if not payload.get("thread_name"):
            raise Refused(400, replies.NEITHER)
        if channel.require_tag and not payload.get("applied_tags"):
            raise Refused(400, replies.TAG_REQUIRED)
        return None

    async def _show_webhook(self, request: web.Request) -> web.Response:
        hook = self._hook(request)
        return reply(200, hook_body(hook, self.world.channels[hook.channel_id], self.address))

    def _message(self, request: web.Request) -> StoredMessage:
        hook = self._hook(request)
        place = request.query.get("thread_id") or hook.channel_id
        for message in self.world.in_channel(place):
            if message.id == request.match_info["message_id"] and message.webhook_id == hook.id:
                return message
        raise Refused(404, replies.UNKNOWN_MESSAGE)

    async def _show_message(self, request: web.Request) -> web.Response:
        return reply(200, self._message(request).body)

    async def _edit_message(self, request: web.Request) -> web.Response:
        message = self._message(request)
        intake = await take_in(request)
        payload = webhook_message(intake, request.query, message.body)
        self.world.edit(message, heeded(request.query, payload), intake.uploads)
        return reply(200, message.body)

    async def _delete_message(self, request: web.Request) -> web.Response:
        self.world.delete(self._message(request))
        return reply(204)


async def _run(options: argparse.Namespace) -> None:
    receiver = Receiver(
        bot_token=options.bot_token, limits=not options.no_limits, accept_any=options.accept_any
    )
    await serve(receiver, options)


def main(arguments: list[str] | None = None) -> None:
    """Run a receiver until SIGTERM or SIGINT."""
    parser = receiver_options("A webhook receiver that answers as Discord does.")
    asyncio.run(_run(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
