"""``bgs-bot demo``: the whole job on an invented squadron, with nothing set up."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.clock import real_now
from bot.cli.text import note, say
from bot.errors import BotError
from bot.periods import Period, iso_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.cli.session import Session
    from bot.delivery.postings import Posting
    from bot.sandbox.receiver import Receiver
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
        "bgs-bot demo                     look, then Ctrl-C",
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
    a small webhook receiver on this machine, posts the three reports to it
    the way they would go to Discord, and shows what arrived: here and as a
    page for your browser. It needs no settings, no network and no token.
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
    from bot.cli.stopping import on_stop_signal
    from bot.cli.summary import show_summary
    from bot.sandbox.receiver import Receiver
    from bot.sandbox.squadrons import DEFAULT_SEED, build_demo

    stopped = asyncio.Event()
    async with Receiver(accept_any=True) as receiver:
        note("Inventing three squadrons, 90 days and 100,000 events ...")
        demo = await asyncio.to_thread(
            build_demo,
            root,
            now,
            webhook_base=f"{receiver.address}/api",
            seed=DEFAULT_SEED if seed is None else seed,
        )
        settings = _settings(root, receiver)
        session.adopt(settings)
        note("Posting the three reports ...")
        postings = await _post_all(settings, now, stopped)
        _show(demo, receiver)
        done = show_summary(postings, "Nothing was posted.")
        page = _write_page(root, demo, receiver)
        say(f"\nThe posts as they look in Discord: {page}")
        clock = f" --now {iso_seconds(now)}"
        say(f"Play with it: cd {root}")
        say(f"  bgs-bot report daily --tenant demo-wolves --top 10{clock}")
        say(f"  bgs-bot preview spacecz --period lw{clock}")
        if wait and not stopped.is_set():
            note("\nThe receiver goes on listening. Ctrl-C ends the demo.")
            with on_stop_signal(stopped.set, "The demo has ended."):
                await stopped.wait()
    return done


def _settings(root: Path, receiver: Receiver) -> Settings:
    """Return the demo's own settings, written down for commands run in its folder."""
    from bot.logs import setup_logging
    from bot.settings import load_settings

    host = receiver.address.partition("://")[2]
    (root / ".env").write_text(f"WEBHOOK_HOSTS={host}\n", encoding="utf-8")
    settings = load_settings(base_dir=root, env={})
    setup_logging(settings, console=False)
    return settings


async def _post_all(settings: Settings, now: datetime, stopped: asyncio.Event) -> list[Posting]:
    from bot.cli.stopping import on_stop_signal
    from bot.runtime import open_runtime
    from bot.sandbox.squadrons import REPORTS
    from bot.tenants import TenantRegistry

    registry = TenantRegistry.load(settings.tenant_file, webhook_hosts=settings.webhook_hosts)
    postings: list[Posting] = []
    async with open_runtime(settings, registry) as runtime:

        def stop() -> None:
            runtime.publisher.stop()
            stopped.set()

        with on_stop_signal(stop):
            for report in REPORTS:
                postings += await runtime.publisher.publish_many(
                    registry.tenants, report, Period.YESTERDAY, now
                )
    return postings


def _show(demo: DemoSquadrons, receiver: Receiver) -> None:
    from bot.rendering.terminal import payload_text

    for channel in demo.channels:
        say(f"=== {channel.tenant} · #{channel.name} ===\n")
        for payload in _messages(receiver, channel.webhook_id):
            say(payload_text(payload) + "\n")


def _messages(receiver: Receiver, webhook_id: str) -> Sequence[dict[str, object]]:
    return [message.payload for message in receiver.messages if message.webhook_id == webhook_id]


def _write_page(root: Path, demo: DemoSquadrons, receiver: Receiver) -> Path:
    from bot.rendering.html import PreviewChannel, page

    channels = [
        PreviewChannel(channel.name, channel.tenant, _messages(receiver, channel.webhook_id))
        for channel in demo.channels
    ]
    path = root / _PAGE
    path.write_text(page(channels, title="The demo's posts"), encoding="utf-8", errors="replace")
    return path
