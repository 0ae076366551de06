"""What a bot reads of the sandbox: channels, their messages and threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox import replies
from bot.sandbox.replies import API, Refused, reply
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from bot.sandbox.switches import Switches
    from bot.sandbox.world import Channel, World

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

    def _know(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self.switches.bot_token}":
            raise Refused(401, replies.UNAUTHORIZED)

    def _channel(self, request: web.Request) -> Channel:
        self._know(request)
        channel = self.world.channels.get(request.match_info["channel_id"])
        if channel is None:
            raise Refused(404, replies.UNKNOWN_CHANNEL)
        parent = self.world.channels.get(channel.parent_id or "", channel)
        if not (channel.readable and parent.readable):
            raise Refused(403, replies.MISSING_ACCESS)
        return channel

    async def _show_channel(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        if channel.kind == "thread":
            return reply(200, self.world.thread_body(channel))
        return reply(200, self.world.channel_body(channel))

    async def _list_messages(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
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
        shown = (message.body for message in messages[:limit])
        if self.switches.content_intent:
            return reply(200, list(shown))
        return reply(200, [{**body, "content": "", "embeds": []} for body in shown])

    def _threads(self, **wanted: object) -> web.Response:
        threads = [
            self.world.thread_body(channel)
            for channel in self.world.channels.values()
            if channel.kind == "thread"
            and all(getattr(channel, key) == value for key, value in wanted.items())
        ]
        return reply(200, {"threads": threads[::-1], "members": [], "has_more": False})

    async def _list_active(self, request: web.Request) -> web.Response:
        guild_id = request.match_info["guild_id"]
        self._know(request)
        members = [
            channel for channel in self.world.channels.values() if channel.guild_id == guild_id
        ]
        if not members:
            raise Refused(404, replies.UNKNOWN_GUILD)
        if not any(channel.readable for channel in members):
            raise Refused(403, replies.MISSING_ACCESS)
        return self._threads(guild_id=guild_id, archived=False)

    async def _list_archived(self, request: web.Request) -> web.Response:
        return self._threads(parent_id=self._channel(request).id, archived=True)
