"""Tells and changes the state of a sandbox that runs in another process."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.replies import reply
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from bot.sandbox.receiver import Receiver


class Console:
    """Serves ``/_/`` for a receiver."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        return [
            web.get("/_/messages", self._tell_messages),
            web.get("/_/arrivals", self._tell_arrivals),
            web.post("/_/webhooks", self._make_webhook),
            web.post("/_/faults", self._change_faults),
            web.post("/_/settings", self._change_settings),
        ]

    async def _tell_messages(self, request: web.Request) -> web.Response:
        return reply(
            200,
            [
                {
                    "id": message.id,
                    "webhook_id": message.webhook_id,
                    "channel_id": message.channel_id,
                    "payload": message.payload,
                    "received_at": message.received_at.isoformat(),
                    "arrived": message.arrived,
                    "deleted": message.deleted,
                    "ephemeral_for": message.ephemeral_for,
                }
                for message in self._receiver.messages
            ],
        )

    async def _tell_arrivals(self, request: web.Request) -> web.Response:
        return reply(
            200,
            [
                {
                    "at": arrival.at,
                    "webhook_id": arrival.webhook_id,
                    "query": arrival.query,
                    "fault": asdict(arrival.fault) if arrival.fault else None,
                }
                for arrival in self._receiver.arrivals
            ],
        )

    async def _make_webhook(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        channel = self._receiver.world.add_channel(
            wanted.get("kind", "text"), require_tag=bool(wanted.get("require_tag"))
        )
        hook = self._receiver.world.add_webhook(
            channel, hook_id=wanted.get("id"), token=wanted.get("token")
        )
        return reply(
            200, {"url": self._receiver.url_of(hook), "id": hook.id, "channel_id": channel.id}
        )

    async def _change_faults(self, request: web.Request) -> web.Response:
        try:
            wanted = await request.json()
            self._receiver.plan_for(wanted.get("route")).apply(wanted)
        except ValueError as problem:
            return reply(400, error(0, str(problem)))
        return reply(204)

    async def _change_settings(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        for name in ("limits", "accept_any", "content_intent"):
            if name in wanted:
                setattr(self._receiver.switches, name, bool(wanted[name]))
        return reply(204)
