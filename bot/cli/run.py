"""``bgs-bot run``: the Discord bot, in the foreground."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.clock import real_now
from bot.cli.text import note

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cli.session import Session


@click.command(
    "run",
    epilog=options.examples(
        "bgs-bot run                       run until Ctrl-C or SIGTERM",
        "bgs-bot run --sync                tell Discord the commands again",
    ),
)
@click.option("--sync", is_flag=True, help="Tell Discord the commands even if they are the same.")
@options.now_option
@options.tenant_file_option
@click.pass_obj
def command(session: Session, now: datetime | None, sync: bool) -> None:
    """Run the Discord bot: nightly posts, and the reports as commands.

    Posts the three reports at 00:00, 00:01 and 00:02 UTC as `bgs-bot schedule`
    does, and answers commands such as `/summary` in every server that is
    linked to a squadron; `/tenant link` links one, `/help` lists them all.
    Needs `DISCORD_TOKEN`. Ctrl-C or SIGTERM ends it after the message that is
    being sent.
    """
    from bot.logs import setup_logging
    from bot.serving import NoTokenError

    settings = session.settings()
    if settings.discord_token is None:
        raise NoTokenError
    setup_logging(settings)
    session.registry()
    shift = now - real_now() if now is not None else timedelta()
    asyncio.run(_run(session, settings.discord_token.get_secret_value(), shift, sync=sync))
    note("Stopped.")


async def _run(session: Session, token: str, shift: timedelta, *, sync: bool) -> None:
    from bot.cli.stopping import on_stop_signal
    from bot.client import ReportBot, point_at
    from bot.serving import serve

    settings = session.settings()
    point_at(settings)
    bot = ReportBot(
        settings, session.registry(), clock=lambda: real_now() + shift, always_sync=sync
    )
    stop = asyncio.Event()
    with on_stop_signal(stop.set):
        await serve(
            bot, token, stop, ready=lambda: note("The bot runs; Ctrl-C or SIGTERM to stop.")
        )
