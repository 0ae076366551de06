"""Lets a page or another process look at the sandbox and act in it, under ``/_/``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.interactions.views import InteractionView
from bot.sandbox.players import PlayerError
from bot.sandbox.replies import Refused, reply
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from bot.sandbox.people import Guild
    from bot.sandbox.server import Sandbox
    from bot.sandbox.world import StoredMessage

_GATEWAY_DEEDS = ("drop", "reconnect", "invalidate", "heartbeat", "silent", "down")


class Backstage:
    """Serves ``/_/`` for a sandbox, beside what `Console` does."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        return [
            web.get("/_/world", self._tell_world),
            web.get("/_/channels/{channel_id}/messages", self._tell_messages),
            web.get("/_/exchanges", self._tell_exchanges),
            web.post("/_/interactions", self._interact),
            web.post("/_/gateway", self._disturb),
            web.get("/attachments/{channel_id}/{attachment_id}/{name}", self._show_file),
        ]

    async def _tell_world(self, request: web.Request) -> web.Response:
        bot, world = self._sandbox.bot, self._sandbox.world
        online = bool(self._sandbox.gateway.ready_shards)
        return reply(
            200,
            {
                "application": {"id": bot.id, "name": bot.name, "online": online},
                "guilds": [self._guild(guild) for guild in world.guilds.values()],
            },
        )

    def _guild(self, guild: Guild) -> dict[str, Any]:
        channels = self._sandbox.world.channels.values()
        return {
            "id": guild.id,
            "name": guild.name,
            "bot": guild.bot,
            "channels": [
                {"id": channel.id, "name": channel.name, "kind": channel.kind}
                for channel in channels
                if channel.guild_id == guild.id
            ],
            "members": [
                {
                    "user_id": member.user.id,
                    "name": member.user.name,
                    "permissions": str(guild.permissions_of(member.user.id)),
                }
                for member in guild.members.values()
            ],
            "commands": self._sandbox.commands.usable_in(guild.id) if guild.bot else [],
        }

    async def _tell_messages(self, request: web.Request) -> web.Response:
        channel_id, viewer = request.match_info["channel_id"], request.query.get("viewer")
        return reply(
            200,
            [
                told(message)
                for message in self._sandbox.messages
                if message.channel_id == channel_id
                and not message.deleted
                and message.ephemeral_for in (None, viewer)
            ],
        )

    async def _tell_exchanges(self, request: web.Request) -> web.Response:
        def shown(facts: dict[str, Any]) -> dict[str, Any]:
            return {key: value for key, value in facts.items() if "headers" not in key}

        return reply(200, [shown(asdict(exchange)) for exchange in self._sandbox.exchanges])

    async def _show_file(self, request: web.Request) -> web.Response:
        upload = self._sandbox.world.files.get(request.match_info["attachment_id"])
        if upload is None:
            raise web.HTTPNotFound
        return web.Response(body=upload.data, content_type=upload.content_type)

    async def _interact(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        try:
            seen = await self._done(wanted)
        except KeyError as missing:
            return reply(400, error(0, f"missing or unknown: {missing}"))
        except PlayerError as problem:
            return reply(400, error(0, str(problem)))
        return reply(
            200,
            {
                "interaction_id": seen.interaction.id,
                "kind": seen.kind,
                "acknowledged_after": seen.acknowledged_after,
                "ephemeral": seen.ephemeral,
                "modal": seen.modal,
                "choices": seen.choices,
                "message": told(seen.message) if seen.message else None,
            },
        )

    async def _done(self, wanted: dict[str, Any]) -> InteractionView:
        player = self._sandbox.player(str(wanted["user_id"]))
        force = bool(wanted.get("force"))
        match wanted["type"]:
            case "component":
                message = self._message(str(wanted["message_id"]))
                custom_id, values = str(wanted["custom_id"]), wanted.get("values")
                if values is None:
                    return await player.press(message, custom_id, force=force)
                return await player.select(message, custom_id, values, force=force)
            case "modal":
                parent = self._sandbox.desk.interactions[str(wanted["interaction_id"])]
                values = wanted.get("values") or {}
                return await player.submit(InteractionView(parent), values, force=force)
            case "autocomplete" | "command" as kind:
                guild_id, channel_id = str(wanted["guild_id"]), str(wanted["channel_id"])
                name, options = str(wanted["name"]), wanted.get("options") or {}
                if kind == "command":
                    return await player.command(guild_id, channel_id, name, options, force=force)
                focused = wanted["focused"]["name"], str(wanted["focused"]["value"])
                return await player.type_into(
                    guild_id, channel_id, name, options, focused, force=force
                )
            case other:
                raise PlayerError(f"nobody can do {other!r}")

    def _message(self, message_id: str) -> StoredMessage:
        for message in reversed(self._sandbox.messages):
            if message.id == message_id:
                return message
        raise PlayerError("that message is not there")

    async def _disturb(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        gateway, shard = self._sandbox.gateway, wanted.get("shard")
        match wanted.get("do"):
            case "drop":
                gateway.drop(wanted.get("code", 4000), shard=shard)
            case "reconnect":
                gateway.request_reconnect(shard=shard)
            case "invalidate":
                gateway.invalidate(bool(wanted.get("resumable")), shard=shard)
            case "heartbeat":
                gateway.request_heartbeat(shard=shard)
            case "silent" | "down" as name:
                setattr(gateway, name, bool(wanted.get("on", True)))
            case other:
                words = f"{other!r} is none of {', '.join(_GATEWAY_DEEDS)}"
                raise Refused(400, error(0, words))
        return reply(204)


def told(message: StoredMessage) -> dict[str, Any]:
    """Return a message as pages and other processes are told of it."""
    return {
        **message.body,
        "ephemeral_for": message.ephemeral_for,
        "thinking": message.thinking,
    }
