"""What a bot reads of the sandbox: channels, their messages and threads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox import replies
from bot.sandbox.paging import page_of
from bot.sandbox.people import READ_MESSAGE_HISTORY, VIEW_CHANNEL
from bot.sandbox.places import bot_may, channel_body
from bot.sandbox.replies import API, Refused, reply

if TYPE_CHECKING:
    from bot.sandbox.switches import Switches
    from bot.sandbox.world import Channel, StoredMessage, World


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
        if not all(bot_may(self.world, place, VIEW_CHANNEL) for place in (channel, parent)):
            raise Refused(403, replies.MISSING_ACCESS)
        return channel

    async def _show_channel(self, request: web.Request) -> web.Response:
        channel = self.channel(request)
        return reply(200, channel_body(self.world, channel))

    async def _list_messages(self, request: web.Request) -> web.Response:
        channel = self.channel(request)
        page = page_of(request.query)
        messages: list[StoredMessage] = []
        if bot_may(self.world, channel, READ_MESSAGE_HISTORY):
            messages = page.cut(self.world.in_channel(channel.id))
        return reply(200, [self.shown(message) for message in messages])

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
        if not any(bot_may(self.world, channel, VIEW_CHANNEL) for channel in members):
            raise Refused(403, replies.MISSING_ACCESS)
        return self._threads(guild_id=guild_id, archived=False)

    async def _list_archived(self, request: web.Request) -> web.Response:
        return self._threads(parent_id=self.channel(request).id, archived=True)
