"""What a bot reads of the sandbox: channels, their messages and threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox import replies
from bot.sandbox.places import channel_body
from bot.sandbox.replies import API, Refused, reply
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from bot.sandbox.switches import Switches
    from bot.sandbox.world import Channel, StoredMessage, World

_PAGE = 100


class BotApi:
    """Answers a bot's questions."""

    def __init__(self, world: World, switches: Switches) -> None:
        self.world = world
        self.switches = switches

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        channel = API + "/channels/{channel_id}"
        return [
            web.get(channel, self._show_channel),
            web.get(channel + "/messages", self._list_messages),
            web.get(channel + "/threads/archived/public", self._list_archived),
            web.get(API + "/guilds/{guild_id}/threads/active", self._list_active),
        ]

    def know(self, request: web.Request) -> None:
        """Refuse whoever is not the bot."""
        if request.headers.get("Authorization") != f"Bot {self.switches.bot_token}":
            raise Refused(401, replies.UNAUTHORIZED)

    def channel(self, request: web.Request) -> Channel:
        """Return the channel of a request, if the bot may see it."""
        self.know(request)
        channel = self.world.channels.get(request.match_info["channel_id"])
        if channel is None:
            raise Refused(404, replies.UNKNOWN_CHANNEL)
        guild = self.world.guilds.get(channel.guild_id)
        if guild is not None and not guild.bot:
            raise Refused(403, replies.MISSING_ACCESS)
        parent = self.world.channels.get(channel.parent_id or "", channel)
        if not (channel.readable and parent.readable):
            raise Refused(403, replies.MISSING_ACCESS)
        return channel

    async def _show_channel(self, request: web.Request) -> web.Response:
        channel = self.channel(request)
        return reply(200, channel_body(self.world, channel))

    async def _list_messages(self, request: web.Request) -> web.Response:
        channel = self.channel(request)
        query = request.query
        try:
            limit = int(query.get("limit", "50"))
            before, after = (
                int(query[key]) if key in query else None for key in ("before", "after")
            )
        except ValueError:
            raise Refused(400, error(50035, "Invalid Form Body")) from None
        if not 1 <= limit <= _PAGE:
            raise Refused(400, error(50035, "Invalid Form Body"))
        messages = self.world.in_channel(channel.id) if channel.history else []
        if before:
            messages = [message for message in messages if int(message.id) < before]
        if after:
            messages = [message for message in messages if int(message.id) > after][-limit:]
        return reply(200, [self.shown(message) for message in messages[:limit]])

    def shown(self, message: StoredMessage) -> dict[str, Any]:
        """Return a message as the bot may see it: foreign texts only with the intent."""
        if self.switches.content_intent or message.own:
            return message.body
        return {**message.body, "content": "", "embeds": [], "attachments": [], "components": []}

    def _threads(self, **wanted: object) -> web.Response:
        threads = [
            channel_body(self.world, channel)
            for channel in self.world.channels.values()
            if channel.kind == "thread"
            and all(getattr(channel, key) == value for key, value in wanted.items())
        ]
        return reply(200, {"threads": threads[::-1], "members": [], "has_more": False})

    async def _list_active(self, request: web.Request) -> web.Response:
        guild_id = request.match_info["guild_id"]
        self.know(request)
        members = [
            channel for channel in self.world.channels.values() if channel.guild_id == guild_id
        ]
        if not members:
            raise Refused(404, replies.UNKNOWN_GUILD)
        if not any(channel.readable for channel in members):
            raise Refused(403, replies.MISSING_ACCESS)
        return self._threads(guild_id=guild_id, archived=False)

    async def _list_archived(self, request: web.Request) -> web.Response:
        return self._threads(parent_id=self.channel(request).id, archived=True)
