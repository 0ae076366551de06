"""Who the bot is, and where its gateway lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.people import User, user_body
from bot.sandbox.replies import API, reply

if TYPE_CHECKING:
    from bot.sandbox.bot_api import BotApi
    from bot.sandbox.gateway.hub import Gateway

BOT = User("400000000000000004", "BGS Bot", bot=True)
_OWNER = User("300000000000000003", "Sandbox Owner")
_GATEWAY_GUILD_MEMBERS_LIMITED = 1 << 15


class Identity:
    """Answers questions of the bot about itself.

    Attributes
    ----------
    shards
        How many shards Discord recommends.
    """

    def __init__(self, api: BotApi, gateway: Gateway, bot: User) -> None:
        self.shards = 1
        self._api = api
        self._gateway = gateway
        self._bot = bot

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        return [
            web.get(API + "/users/@me", self._show_user),
            web.get(API + "/applications/@me", self._show_application),
            web.get(API + "/oauth2/applications/@me", self._show_application),
            web.get(API + "/gateway", self._show_gateway),
            web.get(API + "/gateway/bot", self._show_bot_gateway),
        ]

    async def _show_user(self, request: web.Request) -> web.Response:
        self._api.know(request)
        more = {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None}
        return reply(200, {**user_body(self._bot), **more})

    async def _show_application(self, request: web.Request) -> web.Response:
        self._api.know(request)
        return reply(200, application_body(self._bot, len(self._api.world.guilds)))

    async def _show_gateway(self, request: web.Request) -> web.Response:
        return reply(200, {"url": self._gateway.url})

    async def _show_bot_gateway(self, request: web.Request) -> web.Response:
        self._api.know(request)
        limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
        body = {"url": self._gateway.url, "session_start_limit": limit, "shards": self.shards}
        return reply(200, body)


def application_body(bot: User, guilds: int) -> dict[str, Any]:
    """Return the application as Discord shows it to its bot."""
    install = {"scopes": ["applications.commands", "bot"], "permissions": "0"}
    return {
        "id": bot.id,
        "name": bot.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_body(bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "integration_types_config": {"0": {"oauth2_install_params": install}},
        "verify_key": "0" * 64,
        "flags": _GATEWAY_GUILD_MEMBERS_LIMITED,
        "flags_new": str(_GATEWAY_GUILD_MEMBERS_LIMITED),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user_body(_OWNER),
        "approximate_guild_count": guilds,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": ["bot", "applications.commands"],
    }
