"""A small bot on the real discord.py client, pointed at a sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import io
from typing import TYPE_CHECKING, Any

import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.sandbox.server import Sandbox

Click = discord.Interaction["Robot"]
PERIODS = [app_commands.Choice(name="Yesterday", value="ld")]


class Question(discord.ui.Modal, title="A question"):
    """Asks for a word, with a field of the old and one of the new kind."""

    word: discord.ui.TextInput[Question] = discord.ui.TextInput(
        label="Word", custom_id="word", max_length=10
    )
    colour: discord.ui.Label[Question] = discord.ui.Label(
        text="Colour",
        component=discord.ui.TextInput(custom_id="colour", required=False, min_length=2),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Say what was typed."""
        await interaction.response.send_message(f"typed {self.word.value}", ephemeral=True)


class Panel(discord.ui.View):
    """Buttons and a menu that outlive the process."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Count", custom_id="count")
    async def count(self, interaction: Click, button: discord.ui.Button[Panel]) -> None:
        """Change the message in place."""
        await interaction.response.edit_message(content="counted")

    @discord.ui.button(label="Slow", custom_id="slow")
    async def slow(self, interaction: Click, button: discord.ui.Button[Panel]) -> None:
        """Change the message after a while."""
        await interaction.response.defer()
        await interaction.edit_original_response(content="slow is done")

    @discord.ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: Click, button: discord.ui.Button[Panel]) -> None:
        """Show a modal."""
        await interaction.response.send_modal(Question())

    @discord.ui.button(label="Off", custom_id="off", disabled=True)
    async def off(self, interaction: Click, button: discord.ui.Button[Panel]) -> None:
        """Do nothing."""

    @discord.ui.select(
        custom_id="period",
        placeholder="Period",
        options=[discord.SelectOption(label="Yesterday", value="ld", emoji="🌒")],
    )
    async def period(self, interaction: Click, menu: discord.ui.Select[Panel]) -> None:
        """Answer with a new message."""
        await interaction.response.send_message(f"chose {menu.values[0]}")


class Robot(commands.AutoShardedBot):
    """Has a command for each way to answer.

    Attributes
    ----------
    log
        What happened: names of events.
    seen
        Every interaction.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            command_prefix=(), intents=discord.Intents(guilds=True), help_command=None, **options
        )
        self.log: list[str] = []
        self.seen: list[discord.Interaction] = []
        self._logged = asyncio.Event()
        self.tree.add_command(ANSWERS)
        self.tree.add_command(SUMMARY)
        self.tree.error(self.on_tree_error)

    async def setup_hook(self) -> None:
        """Tell Discord of the commands."""
        self.add_view(Panel())
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once."""

    async def on_tree_error(
        self, interaction: Click, problem: app_commands.AppCommandError
    ) -> None:
        """Note an error of a command."""
        self.note(f"error {problem.__class__.__name__}")
        with contextlib.suppress(discord.HTTPException, discord.InteractionResponded):
            await interaction.response.send_message("Something went wrong.", ephemeral=True)

    async def on_socket_event_type(self, event: str) -> None:
        """Note an event of the gateway."""
        self.note(event)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Keep an interaction."""
        self.seen.append(interaction)

    def note(self, entry: str) -> None:
        """Write something into the log."""
        self.log.append(entry)
        self._logged.set()
        self._logged = asyncio.Event()

    async def until_logged(self, entry: str, times: int = 1) -> None:
        """Wait until something happened so often."""
        await self.until(lambda: self.log.count(entry) >= times)

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is the case, looking after each event of the gateway."""
        async with asyncio.timeout(20):
            while not happened():
                await self._logged.wait()


ANSWERS = app_commands.Group(
    name="answers",
    description="Ways to answer",
    guild_only=True,
    allowed_installs=app_commands.AppInstallationType(guild=True),
)


@ANSWERS.command(description="At once")
async def now(
    interaction: Click, text: app_commands.Range[str, 1, 20], private: bool = False
) -> None:
    """Answer at once."""
    await interaction.response.send_message(text, ephemeral=private, view=Panel())


@ANSWERS.command(description="Who and where")
async def who(
    interaction: Click, member: discord.Member, channel: discord.TextChannel, times: int = 1
) -> None:
    """Name who and what was chosen."""
    await interaction.response.send_message(f"{member.display_name} in {channel.name} x{times}")


@ANSWERS.command(description="Later")
async def later(interaction: Click, private: bool = False) -> None:
    """Fill in a deferred answer with a file, then follow up privately."""
    await interaction.response.defer(ephemeral=private, thinking=True)
    picture = discord.File(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(16)), "chart.png")
    embed = discord.Embed(title="Report").set_image(url="attachment://chart.png")
    await interaction.edit_original_response(embed=embed, attachments=[picture])
    await interaction.followup.send("psst", ephemeral=True)


@ANSWERS.command(description="First follow-up")
async def follow(interaction: Click) -> None:
    """Follow up a public note that the bot is thinking."""
    await interaction.response.defer(thinking=True)
    await interaction.followup.send("public after all", ephemeral=True, wait=True)


@ANSWERS.command(description="Withdraw")
async def withdraw(interaction: Click) -> None:
    """Withdraw a public answer and tell why in private."""
    await interaction.response.defer(thinking=True)
    await interaction.delete_original_response()
    await interaction.followup.send("sorry", ephemeral=True)


@ANSWERS.command(description="Fail")
async def fail(interaction: Click) -> None:
    """Raise an error."""
    raise RuntimeError("on purpose")


@ANSWERS.command(description="Say nothing")
async def silence(interaction: Click) -> None:
    """Answer nothing."""


@ANSWERS.command(description="Ask")
async def ask(interaction: Click) -> None:
    """Show a modal."""
    await interaction.response.send_modal(Question())


@app_commands.command(description="A summary")
@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
@app_commands.choices(period=PERIODS)
async def summary(interaction: Click, period: str, system: str = "") -> None:
    """Repeat what was asked."""
    await interaction.response.send_message(f"{period} {system}".strip())


@summary.autocomplete("system")
async def suggest(interaction: Click, current: str) -> list[app_commands.Choice[str]]:
    """Suggest one name."""
    period = interaction.namespace.period
    return [app_commands.Choice(name=f"{current}! ({period})", value=current)]


SUMMARY: app_commands.Command[Any, ..., Any] = summary


@contextlib.asynccontextmanager
async def pointed_to(api_base: str, gateway_url: str) -> AsyncIterator[None]:
    """Point discord.py elsewhere, by its two addresses."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = api_base, yarl.URL(gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@contextlib.asynccontextmanager
async def pointed_at(sandbox: Sandbox) -> AsyncIterator[None]:
    """Point discord.py at a sandbox."""
    async with pointed_to(sandbox.api_base, sandbox.gateway_url):
        yield


@contextlib.asynccontextmanager
async def running(sandbox: Sandbox, *, shards: int = 1, **options: Any) -> AsyncIterator[Robot]:
    """Run a robot against a sandbox; yields it once it is connected."""
    async with pointed_at(sandbox), Robot(**options) as robot:
        await robot.login(sandbox.switches.bot_token)
        task = asyncio.create_task(robot.connect())
        waiting = asyncio.create_task(sandbox.gateway.until_ready(shards))
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if not waiting.done():
                waiting.cancel()
                await task
            yield robot
        finally:
            await robot.close()
            await asyncio.gather(task, waiting, return_exceptions=True)
