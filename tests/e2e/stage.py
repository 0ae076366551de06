"""Two squadrons on Discord, with the real bot and a sandbox on one event loop.

`Wolves` and `Foxes` have a guild and a database each; a third guild is linked
to nobody. The two databases have no name in common, so that whatever shows up
in the wrong place is seen.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.client import ReportBot, point_at
from bot.sandbox.people import MANAGE_GUILD
from bot.serving import serve
from bot.settings import load_settings
from bot.tenants import TenantRegistry
from tests.delivery.office import MovingClock
from tests.squadron import Squadron

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from bot.sandbox.interactions.views import InteractionView
    from bot.sandbox.people import Guild, User
    from bot.sandbox.players import Player
    from bot.sandbox.server import Sandbox
    from bot.sandbox.world import Channel, Hook

DAY = date(2025, 9, 11)
NOON = datetime(2025, 9, 12, 12, tzinfo=UTC)
"""The report's clock unless a test moves it: `DAY` is yesterday."""


@dataclass
class Pack:
    """One squadron: its guild, its channel, its people, its tenant.

    Attributes
    ----------
    chief
        A member with Manage Server.
    member
        A member without.
    """

    id: str
    guild: Guild
    channel: Channel
    hook: Hook
    chief: User
    member: User
    entry: dict[str, Any] = field(default_factory=dict)


class ReportClock:
    """The report's clock, moved by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Stage:
    """Everything a test of the whole bot needs.

    Attributes
    ----------
    wolves, foxes
        Squadrons whose guild is in the tenant file.
    strangers
        A guild that is linked to nobody.
    clock, real
        The report's clock and real time; a test may move both.
    """

    def __init__(self, folder: Path, sandbox: Sandbox, state_uri: str | None = None) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.state_uri = state_uri or f"sqlite:///{folder}/state.db"
        self.clock = ReportClock()
        self.real = MovingClock()
        self.entries: list[dict[str, Any]] = []
        self.wolves = self._pack("wolves", "Wolf", "Lupus")
        self.foxes = self._pack("foxes", "Fox", "Vulpes")
        self.strangers = self._people("strangers")
        self.save()

    def save(self) -> None:
        """Write the tenant file."""
        (self.folder / "tenant.json").write_text(json.dumps(self.entries), encoding="utf-8")

    def player(self, user: User) -> Player:
        """Return somebody who acts."""
        return self.sandbox.player(user.id)

    async def command(
        self, pack: Pack, user: User, name: str, options: dict[str, Any] | None = None, **how: Any
    ) -> InteractionView:
        """Let somebody run a command in a squadron's channel and wait for the whole answer."""
        player = self.player(user)
        seen = await player.command(pack.guild.id, pack.channel.id, name, options or {}, **how)
        return await seen.settled()

    @contextlib.asynccontextmanager
    async def bot(self, **settings: str) -> AsyncIterator[ReportBot]:
        """Run the real bot until the block ends."""
        before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        bot = self.make_bot(**settings)
        stop, up = asyncio.Event(), asyncio.Event()
        running = asyncio.create_task(
            serve(bot, self.sandbox.switches.bot_token, stop, ready=up.set)
        )
        try:
            await _first(running, up.wait())
            await _first(running, until(lambda: self._is_everywhere(bot)))
            await bot.commands_told()
            yield bot
        finally:
            stop.set()
            try:
                await running
            finally:
                Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before

    def make_bot(self, **settings: str) -> ReportBot:
        """Return the real bot, not yet running; all of the process talks to the sandbox then."""
        env = {
            "DISCORD_TOKEN": self.sandbox.switches.bot_token,
            "DISCORD_API_BASE": self.sandbox.api_base,
            "DISCORD_GATEWAY": self.sandbox.gateway_url,
            "WEBHOOK_HOSTS": self.sandbox.address.partition("://")[2],
            "STATE_DB_URI": self.state_uri,
            **settings,
        }
        loaded = load_settings(base_dir=self.folder, env=env)
        registry = TenantRegistry.load(loaded.tenant_file, webhook_hosts=loaded.webhook_hosts)
        point_at(loaded)
        return ReportBot(loaded, registry, clock=self.clock, real=self.real)

    def _is_everywhere(self, bot: ReportBot) -> bool:
        """Whether the bot knows its guilds; discord.py calls itself ready 2 s later."""
        inside = [guild for guild in self.sandbox.world.guilds.values() if guild.bot]
        return len(bot.guilds) == len(inside)

    def _people(self, name: str) -> Pack:
        world = self.sandbox.world
        guild = world.add_guild(name.capitalize())
        channel = world.add_channel("text", guild_id=guild.id, name="reports")
        chief, member = world.add_user(f"{name}-chief"), world.add_user(f"{name}-member")
        world.join(guild, chief, permissions=MANAGE_GUILD)
        world.join(guild, member)
        return Pack(name, guild, channel, world.add_webhook(channel), chief, member)

    def _pack(self, name: str, cmdr: str, system: str) -> Pack:
        pack = self._people(name)
        database = self.folder / f"{name}.db"
        squadron_of(cmdr, system).store(f"sqlite:///{database}")
        pack.entry = {
            "name": name.capitalize(),
            "api_key": f"key-of-{name}",
            "db_uri": f"sqlite:///{database}",
            "discord_webhooks": {"shoutout": self.sandbox.url_of(pack.hook)},
            "guild_ids": [pack.guild.id],
            "faction_name": f"{name.capitalize()} of {system}",
        }
        self.entries.append(pack.entry)
        return pack


DAYS = ("2025-09-11", "2025-09-03", "2025-08-20")


def squadron_of(cmdr: str, system: str, days: tuple[str, ...] = DAYS) -> Squadron:
    """Return a squadron's work on some days; `DAY` is one of the default ones."""
    squadron = Squadron()
    for index in range(3):
        for day in days:
            event = partial(
                squadron.event,
                f"{day}T18:0{index}:00Z",
                f"{cmdr} {index}",
                starsystem=f"{system} {index}",
                tickid=f"zoy-{day}",
                ticktime=f"{day}T15:00:00Z",
            )
            squadron.voucher("bounty", 1_000_000 * (index + 1), event())
            squadron.cz("low", None, event())
            squadron.ground_cz("high", None, event(), settlement=f"{system} Base {index}")
    return squadron


async def _first(running: asyncio.Task[None], wanted: Any) -> None:
    """Wait for something, but not for longer than the bot lives."""
    waiting = asyncio.ensure_future(wanted)
    async with asyncio.timeout(30):
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        await running
        raise AssertionError("the bot ended before it was ready")


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Let the loop run until a condition holds; fail if it does not come to hold."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what is waited for knows no events
            await asyncio.sleep(0.01)
