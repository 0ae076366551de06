"""The request limits of the sandbox, by route and for the whole token."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.sandbox import replies
from bot.sandbox.windows import RequestWindow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aiohttp import web

    from bot.sandbox.switches import Switches

_GLOBAL = (50, 1.0)
_ORDINARY = (50, 1.0)
_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token")
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"
_BY_ROUTE = {
    ("POST", "/channels/{channel_id}/messages"): (5, 5.0),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"): (5, 5.0),
    ("DELETE", "/channels/{channel_id}/messages/{message_id}"): (5, 1.0),
    ("POST", _WEBHOOK): (5, 2.0),
    ("PATCH", _WEBHOOK + "/messages/{message_id}"): (5, 2.0),
    ("PATCH", _WEBHOOK + "/messages/@original"): (5, 2.0),
    ("DELETE", _WEBHOOK + "/messages/{message_id}"): (5, 2.0),
    ("DELETE", _WEBHOOK + "/messages/@original"): (5, 2.0),
}


class Limits:
    """Counts requests as Discord does."""

    def __init__(
        self, switches: Switches, clock: Callable[[], float], now: Callable[[], datetime]
    ) -> None:
        self._switches = switches
        self._clock = clock
        self._now = now
        self._windows: dict[str, RequestWindow] = {}

    def _window(self, key: str, limit: tuple[int, float]) -> RequestWindow:
        return self._windows.setdefault(key, RequestWindow(*limit, self._clock))

    def count_for_all(self, request: web.Request) -> None:
        """Count a request against the limit of its token, else of its address.

        Raises
        ------
        Refused
            If it is beyond.
        """
        if not self._switches.limits:
            return
        who = request.headers.get("Authorization") or f"address {request.remote}"
        usage = self._window(f"global {who}", _GLOBAL).take()
        if not usage.allowed:
            raise replies.limited(usage.reset_after, "global")

    def count(self, request: web.Request, route: str) -> dict[str, str]:
        """Count a request against the limit of its route; return the headers that tell.

        Raises
        ------
        Refused
            If it is beyond.
        """
        if not self._switches.limits:
            return {}
        named = f"{request.method} {route}"
        bucket = hashlib.sha256(named.encode()).hexdigest()[:32]
        major = [request.match_info[name] for name in _MAJOR if name in request.match_info]
        limit = _BY_ROUTE.get((request.method, route), _ORDINARY)
        usage = self._window(" ".join((bucket, *major)), limit).take()
        headers = replies.limit_headers(usage, bucket, self._now().timestamp())
        if not usage.allowed:
            raise replies.limited(usage.reset_after, "user", headers=headers)
        return headers
