"""The bot: resources, cogs, commands, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pkgutil
import time
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket

import cogs
from bot.delivery.backoff import backoff
from bot.errors import BotError
from bot.gateway import EventGuard
from bot.guilds.directory import GuildDirectory
from bot.health.metrics import Metrics
from bot.observing import SILENT
from bot.reports.suggestions import Suggestions
from bot.runtime import open_runtime, real_clock
from bot.scheduling.keeper import NightKeeper
from bot.scheduling.watch import NightWatch
from bot.threads import WorkerPool
from bot.ui.errors import MemoryAwayError, Refusal
from bot.ui.link_texts import nothing_seen
from bot.ui.notices import Notices
from bot.ui.router import Router
from bot.ui.timing import end
from bot.ui.tree import ReportTree

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.observing import Observer
    from bot.runtime import Runtime
    from bot.settings import Settings
    from bot.tenants import Tenant, TenantRegistry

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

NEEDED_COG = "cogs.reporting"
_DESK_THREADS = 4
_DESK_SECONDS = 5.0
_BRIEF_SECONDS = 2.0
_DRAWING_THREADS = 2
_DRAWING_SECONDS = 10.0
_SYNC_RETRY_SECONDS = (1.0, 10.0, 60.0, 600.0)
GRACE_SECONDS = 10.0
_GOODBYE_SECONDS = 2.0
_LONGEST_WAIT = 60.0
_DISCORD_PY_WAITS = 5.0
_ANSWER_SECONDS = 3.0
_ANSWERS = frozenset({"CommandTree-invoker", "discord.py: on_interaction"})
"""What discord.py calls the tasks in which interactions are served."""


class CogError(BotError):
    """The cog without which there is no bot cannot be loaded."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        super().__init__(f"the bot cannot start: {name} cannot be loaded: {reason}")


class _TryAgain(Exception):  # noqa: N818  # a turn of a loop, not a failure
    """A shard could not connect."""


def point_at(settings: Settings) -> None:
    """Let discord.py, all of this process, talk to the addresses that are set."""
    discord.http.Route.BASE = settings.discord_api_base
    if settings.discord_gateway:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(settings.discord_gateway)


class ReportBot(commands.AutoShardedBot):
    """Posts the nightly reports and answers commands.

    Parameters
    ----------
    settings, registry
        What it runs on.
    clock
        The report's clock: what "yesterday" means and what is due.
    real
        Real time, for leases, retries and time-outs.
    always_sync
        Whether Discord is told the commands even if they are the same.

    Attributes
    ----------
    runtime
        Ledger, publisher, query layer; there from `setup_hook` on.
    directory
        Which tenant a guild sees.
    suggestions
        Names for autocomplete.
    keeper
        The nightly posts.
    router
        Who serves which buttons and forms.
    opened
        Whether all of these are there.
    metrics
        What is counted for `HEALTH_ADDR`; None where that is not set.
    observer
        Hears how long things took.
    """

    runtime: Runtime
    directory: GuildDirectory
    suggestions: Suggestions
    keeper: NightKeeper

    def __init__(
        self,
        settings: Settings,
        registry: TenantRegistry,
        *,
        clock: Callable[[], datetime] = real_clock,
        real: Callable[[], datetime] = real_clock,
        always_sync: bool = False,
    ) -> None:
        # The bot does not speak, so nobody need be told what voice would take.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=ReportTree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True),
            allowed_installs=app_commands.AppInstallationType(guild=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
        )
        EventGuard().watch(self._connection.parsers)
        self.settings = settings
        self.registry = registry
        self.clock = clock
        self.real = real
        self._always_sync = always_sync
        self.metrics = Metrics() if settings.health_addr else None
        self.observer: Observer = self.metrics or SILENT
        self.router = Router(self)
        self._resources = contextlib.AsyncExitStack()
        self._desk = WorkerPool(_DESK_THREADS, "desk")
        self._drawing = WorkerPool(_DRAWING_THREADS, "drawing")
        self._syncing: asyncio.Task[None] | None = None
        self._connecting: asyncio.Task[Any] | None = None
        self._launching: set[int] = set()
        self.opened = False

    async def setup_hook(self) -> None:
        """Open what the bot needs, load the cogs and sync the commands."""
        for pool in (self._desk, self._drawing):
            self._resources.callback(pool.shutdown, wait=False, cancel_futures=True)
        self.runtime = await self._resources.enter_async_context(
            open_runtime(self.settings, self.registry, clock=self.real, observer=self.observer)
        )
        self.directory = GuildDirectory(self.registry, self.runtime.guilds)
        await self.call(self.directory.load)
        self.suggestions = Suggestions(self.runtime.databases, clock=time.monotonic)
        self._resources.callback(self.suggestions.close)
        self.keeper = NightKeeper(
            NightWatch(self.runtime, self.clock, real=self.real),
            clock=self.real,
            afterwards=Notices(self).look,
        )
        self.keeper.start()
        self.opened = True
        await self._load_cogs()
        self._syncing = asyncio.create_task(self._sync_steadily(), name="sync commands")
        await self._choose_gateway()

    async def connect(self, *, reconnect: bool = True) -> None:
        """Connect, and stay so; an error ends the connection, not the bot."""
        self._connecting = asyncio.current_task()
        try:
            await super().connect(reconnect=reconnect)
        finally:
            self._connecting = None

    async def launch_shard(
        self, gateway: yarl.URL, shard_id: int, *, initial: bool = False
    ) -> None:
        """Connect one shard, as long as it takes.

        discord.py tries again from within the try that failed: its log would
        repeat all former failures with each, and an hour of them would end in
        a RecursionError.
        """
        if shard_id in self._launching:
            raise _TryAgain
        self._launching.add(shard_id)
        attempts = 0
        try:
            while True:
                attempts += 1
                try:
                    await super().launch_shard(gateway, shard_id, initial=initial)
                except _TryAgain:
                    wait = min(backoff(attempts).total_seconds(), _LONGEST_WAIT)
                    await asyncio.sleep(max(0.0, wait - _DISCORD_PY_WAITS))
                else:
                    return
        finally:
            self._launching.discard(shard_id)

    async def hang_up(self) -> None:
        """Close what connections there are, so that `connect` begins anew."""
        if not self.shards:
            return
        await asyncio.gather(
            *(shard.disconnect() for shard in self.shards.values()), return_exceptions=True
        )
        # What the old connections have still to say comes into a queue that nobody reads.
        await self._async_setup_hook()

    async def close(self) -> None:
        """Finish what is being sent, within bounds, and leave."""
        if self.is_closed() or self._connecting is asyncio.current_task():
            # discord.py gives a connection up: what becomes of the bot is for others to say.
            return
        if self._syncing is not None:
            self._syncing.cancel()
        if self.opened:
            self.runtime.publisher.stop()
            await asyncio.gather(self.keeper.stop(GRACE_SECONDS), _let_answers_end())
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await super().close()
        except TimeoutError:
            log.info("The gateway does not answer our goodbye")
            await self.http.close()
        await self._resources.aclose()

    async def on_interaction(self, interaction: discord.Interaction[ReportBot]) -> None:
        """Serve buttons, menus and forms; commands go to the tree."""
        if interaction.type in (
            discord.InteractionType.component,
            discord.InteractionType.modal_submit,
        ):
            await self.router.dispatch(interaction)

    async def on_app_command_completion(
        self, interaction: discord.Interaction[ReportBot], _command: object
    ) -> None:
        """Note how long a command took."""
        end(interaction)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """Log what went wrong with an event of the gateway."""
        log.exception("The event %s could not be served", event_method)

    async def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the state database for somebody who waits, off the event loop.

        Raises
        ------
        MemoryAwayError
            If it takes longer than five seconds.
        """
        return await self._remember(partial(fn, *args, **kwargs), _DESK_SECONDS)

    async def call_briefly(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask it for what the first answer waits for, or what an answer can do without.

        Raises
        ------
        MemoryAwayError
            If it takes longer than two seconds.
        """
        return await self._remember(partial(fn, *args, **kwargs), _BRIEF_SECONDS)

    async def _remember(self, work: Callable[[], T], seconds: float) -> T:
        try:
            return await _in_time(self._desk, work, seconds)
        except TimeoutError as error:
            raise MemoryAwayError(seconds) from error

    async def draw(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Draw for somebody who waits, off the event loop; no database holds it up.

        Raises
        ------
        TimeoutError
            If it takes longer than ten seconds.
        """
        return await _in_time(self._drawing, partial(fn, *args, **kwargs), _DRAWING_SECONDS)

    async def commands_told(self) -> None:
        """Wait until Discord knows the commands."""
        if self._syncing is not None:
            await asyncio.shield(self._syncing)

    def tenant_for(self, interaction: discord.Interaction[Any]) -> Tenant:
        """Return the tenant of the guild that asks, from memory.

        Raises
        ------
        Refusal
            If it sees none; the text says why and what to do.
        """
        standing = self.directory.standing(interaction.guild_id or 0)
        if standing.tenant is None:
            raise Refusal(nothing_seen(standing))
        return standing.tenant

    async def _load_cogs(self) -> None:
        names = sorted(
            f"{cogs.__name__}.{module.name}"
            for module in pkgutil.iter_modules(cogs.__path__)
            if not module.name.startswith("_")
        )
        for name in names:
            try:
                await self.load_extension(name)
            except commands.ExtensionError as error:
                if name == NEEDED_COG:
                    raise CogError(name, str(error.__cause__ or error)) from error
                log.exception("%s cannot be loaded and is left out", name)

    async def _choose_gateway(self) -> None:
        """Keep to the gateway that is set, with as many shards as Discord advises."""
        if self.settings.discord_gateway is None:
            return
        try:
            shards = int((await self.http.get_bot_gateway())[0])
        except Exception:
            log.warning("Discord does not say how many shards to use: one is tried", exc_info=True)
            shards = 1
        self.shard_count = max(1, shards)

    async def _sync_steadily(self) -> None:
        for wait in (*_SYNC_RETRY_SECONDS, None):
            try:
                await self._sync()
            except Exception:
                log.exception("The commands could not be told to Discord")
            else:
                return
            if wait is not None:
                await asyncio.sleep(wait)

    async def _sync(self) -> None:
        """Tell Discord the commands, if they are not the ones it knows."""
        guild = self.settings.command_guild
        scope = "global" if guild is None else f"guild:{guild}"
        digest = self.tree.digest()
        application = self.application_id or 0
        book = self.runtime.guilds
        if not self._always_sync and await self.call(book.synced, application, scope) == digest:
            return
        if guild is None:
            await self.tree.sync()
        else:
            target = discord.Object(guild)
            self.tree.copy_global_to(guild=target)
            await self.tree.sync(guild=target)
        await self.call(book.note_synced, application, scope, digest)
        log.info("The commands were told to Discord (%s)", scope)

    @property
    def tree(self) -> ReportTree:
        """The commands."""
        return cast("ReportTree", super().tree)


async def _in_time(pool: WorkerPool, work: Callable[[], T], seconds: float) -> T:
    async with asyncio.timeout(seconds):
        return await asyncio.get_running_loop().run_in_executor(pool, work)


async def _let_answers_end() -> None:
    """Give players who are being answered a moment, lest they wait for ever."""
    answers = {task for task in asyncio.all_tasks() if task.get_name() in _ANSWERS}
    if answers:
        await asyncio.wait(answers, timeout=_ANSWER_SECONDS)
