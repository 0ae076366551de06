"""``bgs-bot demo``: the whole job on invented squadrons, with nothing set up."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.clock import real_now
from bot.cli.text import note, say
from bot.errors import BotError
from bot.periods import iso_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.cli.session import Session
    from bot.delivery.postings import Posting
    from bot.delivery.publisher import Publisher
    from bot.sandbox.server import Sandbox
    from bot.sandbox.squadrons import DemoSquadrons
    from bot.settings import Settings

_PAGE = "demo.html"


class DemoFolderError(BotError):
    """There is no place for the demo's files."""

    def __init__(self, folder: Path | None, error: OSError) -> None:
        self.folder = folder
        where = folder or "the folder for temporary files"
        reason = error.strerror or type(error).__name__
        super().__init__(f"cannot write to {where}: {reason}; name another with --folder")


@click.command(
    "demo",
    epilog=options.examples(
        "bgs-bot demo                     look and play, then Ctrl-C",
        "bgs-bot demo --no-wait           leave when the posts are shown",
        "bgs-bot demo --folder .          keep its files here",
    ),
)
@click.option("--no-wait", is_flag=True, help="End when the posts are shown.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demo's own folder is made; with temporary files if left out.",
)
@click.option(
    "--seed", type=int, metavar="N", help="Another number invents other squadrons; see it vary."
)
@options.now_option
@click.pass_obj
def command(
    session: Session, no_wait: bool, folder: Path | None, seed: int | None, now: datetime | None
) -> None:
    """See the bot at work: invented squadrons, a Discord of our own.

    Makes three squadrons with 90 days and 100,000 events behind them, starts
    a small Discord on this machine with the bot in it, posts the three
    reports as every night, and prints the address of a page: there you see
    the posts and run the bot's commands. It needs no settings, no network
    and no token.
    """
    session.log_on_console()
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        root = Path(tempfile.mkdtemp(prefix="bgs-bot-demo-", dir=folder)).absolute()
    except OSError as error:
        raise DemoFolderError(folder, error) from None
    if not asyncio.run(_demo(session, root, now or real_now(), seed, wait=not no_wait)):
        raise click.exceptions.Exit(1)


async def _demo(
    session: Session, root: Path, now: datetime, seed: int | None, *, wait: bool
) -> bool:
    """Run the demo and return whether everything arrived."""
    from bot.sandbox.demo_guilds import furnish
    from bot.sandbox.page import page_routes
    from bot.sandbox.server import Sandbox
    from bot.sandbox.squadrons import DEFAULT_SEED, build_demo

    async with Sandbox(page=page_routes()) as sandbox:
        note("Inventing three squadrons, 90 days and 100,000 events ...")
        demo = await asyncio.to_thread(
            build_demo,
            root,
            now,
            webhook_base=f"{sandbox.address}/api",
            seed=DEFAULT_SEED if seed is None else seed,
        )
        furnish(sandbox.world, demo)
        session.adopt(_settings(root, sandbox))
        return await _play(session, demo, sandbox, now, wait=wait)


async def _play(
    session: Session, demo: DemoSquadrons, sandbox: Sandbox, now: datetime, *, wait: bool
) -> bool:
    """Post, show what arrived, and let the visitor play."""
    from bot.cli.demo_bot import DemoBot
    from bot.cli.stopping import on_stop_signal
    from bot.cli.summary import show_summary
    from bot.runtime import open_runtime

    stopped = asyncio.Event()
    with on_stop_signal(stopped.set, "The demo ends."):
        note("Posting the three reports ...")
        # Before the bot runs, whose own nightly loops may fall due while they are posted.
        async with open_runtime(session.settings(), session.registry()) as runtime:
            postings = await _post_nights(session, runtime.publisher, now, stopped)
        _show(demo, sandbox)
        done = show_summary(postings, "Nothing was posted.")
        page = _write_page(demo, sandbox)
        if stopped.is_set():
            return done
        note("\nStarting the bot ...")
        bot = DemoBot(session, now, stopped)
        async with bot.running():
            await bot.online()
            _tell_what_to_do(page, now, sandbox.address if wait else None)
            if wait:
                note("\nThe bot goes on running. Ctrl-C ends the demo.")
                await bot.unless_it_ends(stopped.wait())
    return done


async def _post_nights(
    session: Session, publisher: Publisher, now: datetime, stopped: asyncio.Event
) -> list[Posting]:
    """Post what the three nightly runs would have posted today, until it is stopped."""
    from bot.periods import Period
    from bot.sandbox.squadrons import REPORTS

    async def stop() -> None:
        await stopped.wait()
        publisher.stop()

    postings: list[Posting] = []
    stopping = asyncio.create_task(stop(), name="stop posting")
    try:
        for report in REPORTS:
            postings += await publisher.publish_many(
                session.registry().tenants, report, Period.YESTERDAY, now
            )
    finally:
        stopping.cancel()
    return postings


def _tell_what_to_do(page: Path, now: datetime, address: str | None) -> None:
    from bot.sandbox.demo_guilds import MANAGER, MEMBER, NAMES
    from bot.sandbox.squadrons import play_key

    say(f"\nThe posts as they look in Discord: {page}")
    clock, bgs_bot = f" --now {iso_seconds(now)}", _own_name()
    say(f"Play with it: cd {page.parent}")
    say(f"  {bgs_bot} report daily --tenant demo-wolves --top 10{clock}")
    say(f"  {bgs_bot} preview spacecz --period lw{clock}")
    if address is None:
        return
    unlinked = "demo-lanterns"
    say(f"\nOpen this page in your browser: {address}/")
    say("  Type / to run the bot's commands, for instance /summary, in the three servers there.")
    say(f"  You are {MANAGER}, who may manage the servers; {MEMBER} may not.")
    say(f"  {NAMES[unlinked]} is not linked yet. /tenant link wants its key: {play_key(unlinked)}")


def _settings(root: Path, sandbox: Sandbox) -> Settings:
    """Return the demo's own settings, written down for commands run in its folder."""
    from bot.logs import setup_logging
    from bot.settings import load_settings

    lines = {
        "WEBHOOK_HOSTS": sandbox.address.partition("://")[2],
        "DISCORD_API_BASE": sandbox.api_base,
        "DISCORD_GATEWAY": sandbox.gateway_url,
        "DISCORD_TOKEN": sandbox.switches.bot_token,
    }
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    (root / ".env").write_text(text, encoding="utf-8")
    settings = load_settings(base_dir=root, env={})
    setup_logging(settings, console=False)
    return settings


def _show(demo: DemoSquadrons, sandbox: Sandbox) -> None:
    from bot.rendering.terminal import payload_text

    for channel in demo.channels:
        say(f"=== {channel.tenant} · #{channel.name} ===\n")
        for payload in _messages(sandbox, channel.webhook_id):
            say(payload_text(payload) + "\n")


def _messages(sandbox: Sandbox, webhook_id: str) -> Sequence[dict[str, object]]:
    return [message.payload for message in sandbox.messages if message.webhook_id == webhook_id]


def _write_page(demo: DemoSquadrons, sandbox: Sandbox) -> Path:
    from bot.rendering.html import PreviewChannel, page

    channels = [
        PreviewChannel(channel.name, channel.tenant, _messages(sandbox, channel.webhook_id))
        for channel in demo.channels
    ]
    path = demo.tenant_file.with_name(_PAGE)
    path.write_text(page(channels, title="The demo's posts"), encoding="utf-8", errors="replace")
    return path


def _own_name() -> str:
    """Return what to type for this program, from whichever folder."""
    here = Path(sys.argv[0]).absolute()
    if here.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m bot"
    on_path = shutil.which(here.name)
    is_this = on_path is not None and Path(on_path).resolve() == here.resolve()
    return here.name if is_this else shlex.quote(str(here))
