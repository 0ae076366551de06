"""What every request of the bot passes: its record, limits and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox import replies
from bot.sandbox.command_book import UNKNOWN_COMMAND
from bot.sandbox.exchanges import Exchange, route_of
from bot.sandbox.faults import FaultKind, FaultPlan
from bot.sandbox.interactions.desk import UNKNOWN_INTERACTION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.sandbox.limits import Limits
    from bot.sandbox.mischief import Mischief

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

API_PATH = "/api"
ANY = "any"
WEBHOOK = "webhook"
KINDS = (
    "callback",
    "original",
    "followup",
    "channel_message",
    "channel_read",
    "commands",
    "identity",
    "other",
    ANY,
)
_UNKNOWN = {
    "callback": UNKNOWN_INTERACTION,
    "channel_message": replies.UNKNOWN_CHANNEL,
    "channel_read": replies.UNKNOWN_CHANNEL,
    "commands": UNKNOWN_COMMAND,
    "other": replies.UNKNOWN_GUILD,
}
_WITHOUT_TOKEN = ("callback", "original", "followup")
_IDENTITY = (
    "/users/@me",
    "/applications/@me",
    "/oauth2/applications/@me",
    "/gateway",
    "/gateway/bot",
)


def kind_of(request: web.Request, route: str, *, interaction: bool) -> str:
    """Return what a request is about, as faults name it."""
    if route.startswith("/interactions/"):
        return "callback"
    if route.startswith("/webhooks/{webhook_id}/{webhook_token}"):
        if not interaction:
            return WEBHOOK
        return "original" if "@original" in route else "followup"
    if route.startswith("/channels/{channel_id}/messages"):
        return "channel_read" if request.method == "GET" else "channel_message"
    if "/commands" in route:
        return "commands"
    return "identity" if route in _IDENTITY else "other"


class Traffic:
    """Watches and governs the requests of the bot.

    Attributes
    ----------
    exchanges
        Every request and its answer, in order.
    plans
        What goes wrong, by kind of request.
    """

    def __init__(
        self,
        limits: Limits,
        mischief: Mischief,
        is_interaction: Callable[[web.Request], bool],
        clock: Callable[[], float],
    ) -> None:
        self.exchanges: list[Exchange] = []
        self.plans = {kind: FaultPlan() for kind in KINDS}
        self._limits = limits
        self._mischief = mischief
        self._is_interaction = is_interaction
        self._clock = clock
        self._headers: dict[int, dict[str, str]] = {}

    @web.middleware
    async def record(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Keep a request and its answer."""
        if not request.path.startswith(API_PATH):
            return await handler(request)
        exchange = Exchange(
            self._clock(),
            request.method,
            _bare(request.path),
            route_of(request),
            dict(request.query),
            dict(request.headers),
        )
        self.exchanges.append(exchange)
        await exchange.read(request)
        try:
            response = await handler(request)
        finally:
            limits = self._headers.pop(id(request), {})
        if not response.prepared:
            for name, value in limits.items():
                response.headers.setdefault(name, value)
        transport = request.transport
        if transport is None or transport.is_closing():
            exchange.whole = False
        else:
            exchange.finish(response)
        return response

    @web.middleware
    async def govern(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request be limited, or go wrong."""
        route = route_of(request)
        if route is None:
            return await handler(request)
        kind = kind_of(request, route, interaction=self._is_interaction(request))
        if kind not in _WITHOUT_TOKEN:
            self._limits.count_for_all(request)
        if not (kind == WEBHOOK and request.method == "POST"):
            self._headers[id(request)] = self._limits.count(request, route)
        own = self.plans[kind].next() if kind in self.plans else None
        fault = own or self.plans[ANY].next()
        if fault is None:
            return await handler(request)
        if fault.kind is FaultKind.LATENCY:
            await self._mischief.pause(request, fault.seconds)
            return await handler(request)
        unknown = _UNKNOWN.get(kind, replies.UNKNOWN_WEBHOOK)
        if not fault.accepted:
            return await self._mischief.commit(request, fault, None, unknown)
        response = await handler(request)
        raw = response.body if isinstance(response, web.Response) else None
        answer = raw if isinstance(raw, bytes) else None
        return await self._mischief.commit(request, fault, answer, unknown)


def _bare(path: str) -> str:
    """Return a path without the base of the API."""
    parts = path.split("/")
    start = 3 if len(parts) > 2 and parts[2][:1] == "v" and parts[2][1:].isdigit() else 2
    return "/" + "/".join(parts[start:])
