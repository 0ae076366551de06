"""What the bot may ask about guilds and their webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox import replies
from bot.sandbox.bodies import hook_body
from bot.sandbox.channel_messages import MISSING_PERMISSIONS
from bot.sandbox.people import MANAGE_WEBHOOKS, member_body
from bot.sandbox.places import bot_permissions_in, channel_body, guild_body
from bot.sandbox.replies import API, Refused, reply
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from bot.sandbox.bot_api import BotApi
    from bot.sandbox.people import Guild, User

_UNKNOWN_MEMBER = error(10007, "Unknown Member")
_MISSING_USER = error(10013, "Unknown User")


class GuildRoutes:
    """Serves guilds to the bot."""

    def __init__(self, api: BotApi, bot: User) -> None:
        self._api = api
        self._world = api.world
        self._bot = bot

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        guild = API + "/guilds/{guild_id}"
        return [
            web.get(API + "/users/@me/guilds", self._list),
            web.delete(API + "/users/@me/guilds/{guild_id}", self._leave),
            web.get(guild, self._show),
            web.get(guild + "/channels", self._show_channels),
            web.get(guild + "/members/{user_id}", self._show_member),
            web.get(guild + "/webhooks", self._show_webhooks),
            web.get(API + "/channels/{channel_id}/webhooks", self._show_channel_webhooks),
            web.get(API + "/webhooks/{webhook_id}", self._show_webhook),
            web.get(API + "/soundboard-default-sounds", self._show_sounds),
        ]

    async def _show_sounds(self, request: web.Request) -> web.Response:
        self._api.know(request)
        return reply(200, [])

    def _guild(self, request: web.Request) -> Guild:
        self._api.know(request)
        guild = self._world.guilds.get(request.match_info["guild_id"])
        if guild is None or not guild.bot:
            raise Refused(404, replies.UNKNOWN_GUILD)
        return guild

    async def _list(self, request: web.Request) -> web.Response:
        self._api.know(request)
        return reply(
            200,
            [
                {
                    "id": guild.id,
                    "name": guild.name,
                    "icon": None,
                    "banner": None,
                    "owner": False,
                    "permissions": str(guild.bot_permissions),
                    "features": [],
                }
                for guild in self._world.guilds.values()
                if guild.bot
            ],
        )

    async def _leave(self, request: web.Request) -> web.Response:
        self._world.move_bot(self._guild(request), inside=False)
        return reply(204)

    async def _show(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        body = guild_body(guild, self._bot)
        if request.query.get("with_counts", "").lower() in ("1", "true"):
            body["approximate_member_count"] = len(guild.members) + 1
            body["approximate_presence_count"] = 1
        return reply(200, body)

    async def _show_channels(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        return reply(
            200,
            [
                channel_body(self._world, channel)
                for channel in self._world.channels.values()
                if channel.guild_id == guild.id and channel.kind != "thread"
            ],
        )

    async def _show_member(self, request: web.Request) -> web.Response:
        guild, user_id = self._guild(request), request.match_info["user_id"]
        if user_id in ("@me", self._bot.id):
            return reply(200, member_body(guild.bot_member(self._bot)))
        if user_id not in self._world.users:
            raise Refused(404, _MISSING_USER)
        member = guild.members.get(user_id)
        if member is None:
            raise Refused(404, _UNKNOWN_MEMBER)
        return reply(200, member_body(member))

    async def _show_webhooks(self, request: web.Request) -> web.Response:
        guild = self._guild(request)
        if not guild.bot_permissions & MANAGE_WEBHOOKS:
            raise Refused(403, MISSING_PERMISSIONS)
        return reply(200, self._hooks_of(guild.id))

    def _hooks_of(self, guild_id: str, channel_id: str | None = None) -> list[dict[str, object]]:
        found = []
        for hook in self._world.hooks.values():
            channel = self._world.channels[hook.channel_id]
            if channel.guild_id == guild_id and channel_id in (None, channel.id):
                found.append(hook_body(hook, channel, self._world.address))
        return found

    async def _show_channel_webhooks(self, request: web.Request) -> web.Response:
        channel = self._api.channel(request)
        if not bot_permissions_in(self._world, channel) & MANAGE_WEBHOOKS:
            raise Refused(403, MISSING_PERMISSIONS)
        return reply(200, self._hooks_of(channel.guild_id, channel.id))

    async def _show_webhook(self, request: web.Request) -> web.Response:
        self._api.know(request)
        hook = self._world.hooks.get(request.match_info["webhook_id"])
        if hook is None:
            raise Refused(404, replies.UNKNOWN_WEBHOOK)
        channel = self._world.channels[hook.channel_id]
        guild = self._world.guilds.get(channel.guild_id)
        if guild is None or not guild.bot or not guild.bot_permissions & MANAGE_WEBHOOKS:
            raise Refused(403, MISSING_PERMISSIONS)
        return reply(200, hook_body(hook, channel, self._world.address))
