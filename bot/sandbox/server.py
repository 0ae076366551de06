"""The whole small Discord on loopback: gateway, the API of a bot, and players.

``python -m bot.sandbox.server`` runs it as a process of its own and prints the
addresses of its API and of its gateway; ``/_/`` tells and changes its state.
"""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.backstage import Backstage
from bot.sandbox.channel_messages import ChannelMessages
from bot.sandbox.command_book import CommandBook
from bot.sandbox.gateway.hub import Gateway
from bot.sandbox.guild_routes import GuildRoutes
from bot.sandbox.identity import BOT, Identity
from bot.sandbox.interactions.callbacks import Callbacks
from bot.sandbox.interactions.desk import Desk
from bot.sandbox.interactions.webhook import InteractionWebhook
from bot.sandbox.limits import Limits
from bot.sandbox.live import Live
from bot.sandbox.players import Player
from bot.sandbox.process import receiver_options, serve
from bot.sandbox.receiver import Receiver
from bot.sandbox.replies import API
from bot.sandbox.switches import BOT_TOKEN
from bot.sandbox.traffic import Traffic
from bot.sandbox.world_file import build_world

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable, Iterable

    from aiohttp.typedefs import Middleware

    from bot.sandbox.exchanges import Exchange
    from bot.sandbox.faults import FaultPlan

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_WEBHOOK = API + "/webhooks/{webhook_id}/{webhook_token}"


class Sandbox(Receiver):
    """A small Discord: all that `Receiver` serves, and all that a bot needs.

    Use it as an asynchronous context manager; ``world``, ``faults`` and
    ``gateway`` may be changed at any time.

    Parameters
    ----------
    page
        More routes, such as those of a page that shows the channels.

    Attributes
    ----------
    bot
        The bot's own user; its id is the application's too.
    gateway
        Who is connected, and how to disturb them.
    commands
        The commands that the bot has told of.
    identity
        What the bot is told about itself, such as how many shards to run.
    desk
        Every interaction.
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
        page: Iterable[web.AbstractRouteDef] = (),
    ) -> None:
        super().__init__(
            bot_token=bot_token,
            limits=limits,
            accept_any=accept_any,
            content_intent=content_intent,
            clock=clock,
            now=now,
        )
        self.bot = BOT
        self.gateway = Gateway(self.world, self.switches, self.bot)
        self.desk = Desk(self.world, self.gateway, self.bot, clock)
        self.commands = CommandBook(self._api, self.bot, now)
        self.identity = Identity(self._api, self.gateway, self.bot)
        self._webhook = InteractionWebhook(self.world, self.desk, self.bot, clock)
        self._traffic = Traffic(
            Limits(self.switches, clock, now), self._mischief, self._webhook.owns, clock
        )
        self._live = Live(self.world)
        self._more_routes: list[web.AbstractRouteDef] = list(page)

    async def __aenter__(self) -> Sandbox:
        await self.start()
        return self

    @property
    def gateway_url(self) -> str:
        """The address of its gateway, for DISCORD_GATEWAY."""
        return self.gateway.url

    @property
    def addresses(self) -> list[str]:
        """The addresses that its process prints: of its API's server, and its gateway."""
        return [self.address, self.gateway_url]

    @property
    def exchanges(self) -> list[Exchange]:
        """Every request of the bot and its answer, in order."""
        return self._traffic.exchanges

    def faults_for(self, kind: str) -> FaultPlan:
        """Return what goes wrong with one kind of request.

        Parameters
        ----------
        kind
            callback, original, followup, channel_message, channel_read,
            commands, identity, other, or any for all of them.
        """
        return self._traffic.plans[kind]

    def plan_for(self, route: str | None) -> FaultPlan:
        """Return what goes wrong with one kind of request; None: webhook executes."""
        if route is None:
            return self.faults
        try:
            return self.faults_for(route)
        except KeyError:
            raise ValueError(f"no requests are called {route!r}") from None

    def player(self, user_id: str) -> Player:
        """Return a user who can act."""
        return Player(self.world.users[user_id], self.world, self.commands, self.desk)

    def add_routes(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Serve more, from the next start on."""
        self._more_routes.extend(routes)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Begin to listen."""
        await super().start(host, port)
        self.gateway.url = self.address.replace("http", "ws", 1) + "/gateway"

    async def stop(self) -> None:
        """Close the gateway, end all requests and stop listening."""
        self._live.close()
        await self.gateway.stop()
        await super().stop()

    def _middlewares(self) -> list[Middleware]:
        return [self._traffic.record, *super()._middlewares(), self._traffic.govern]

    def routes(self) -> list[web.AbstractRouteDef]:
        """Return what is served."""
        hook = self._webhook
        original = _WEBHOOK + "/messages/@original"
        clock = self._clock
        return [
            web.get(original, self._for_interactions(hook.show)),
            web.patch(original, self._for_interactions(hook.edit)),
            web.delete(original, self._for_interactions(hook.delete)),
            *self.identity.routes(),
            *self.commands.routes(),
            *Callbacks(self.world, self.desk, self.bot, clock).routes(),
            *ChannelMessages(self._api, self.bot, clock).routes(),
            *GuildRoutes(self._api, self.bot).routes(),
            *self.gateway.routes(),
            *Backstage(self).routes(),
            *self._live.routes(),
            *super().routes(),
            *self._more_routes,
        ]

    def _for_interactions(self, handler: Handler) -> Handler:
        async def serve(request: web.Request) -> web.StreamResponse:
            if not self._webhook.owns(request):
                raise web.HTTPNotFound
            return await handler(request)

        return serve

    async def _execute(self, request: web.Request) -> web.StreamResponse:
        if self._webhook.owns(request):
            return await self._webhook.follow_up(request)
        return await super()._execute(request)

    async def _show_message(self, request: web.Request) -> web.Response:
        if self._webhook.owns(request):
            return await self._webhook.show(request)
        return await super()._show_message(request)

    async def _edit_message(self, request: web.Request) -> web.Response:
        if self._webhook.owns(request):
            return await self._webhook.edit(request)
        return await super()._edit_message(request)

    async def _delete_message(self, request: web.Request) -> web.Response:
        if self._webhook.owns(request):
            return await self._webhook.delete(request)
        return await super()._delete_message(request)


async def _run(options: argparse.Namespace) -> None:
    sandbox = Sandbox(
        bot_token=options.bot_token, limits=not options.no_limits, accept_any=options.accept_any
    )
    if options.world is not None:
        build_world(sandbox.world, json.loads(options.world.read_text(encoding="utf-8")))
    await serve(sandbox, options)


def main(arguments: list[str] | None = None) -> None:
    """Run a sandbox until SIGTERM or SIGINT."""
    parser = receiver_options("A small Discord with gateway, API and players.")
    parser.add_argument("--world", type=Path, metavar="FILE", help="guilds to begin with, as JSON")
    asyncio.run(_run(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
