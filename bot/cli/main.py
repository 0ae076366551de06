"""The root of the command line, and how each run of it ends."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING

import click

from bot.cli.lazy import LazyGroup
from bot.cli.options import examples
from bot.cli.session import Session
from bot.cli.text import note
from bot.errors import BotError
from bot.version import PROGRAM, version

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED = 0, 1

_COMMANDS = {
    "run": ("bot.cli.run", "Run the Discord bot: nightly posts and commands."),
    "demo": ("bot.cli.demo", "See it all work on an invented squadron; needs nothing."),
    "init": ("bot.cli.init", "Set a squadron up: asks, tries it out, writes the files."),
    "check": ("bot.cli.check", "Find out whether settings, tenants and databases are right."),
    "report": ("bot.cli.report", "Show a report as a table, JSON or CSV."),
    "preview": ("bot.cli.preview", "Show what a post would look like, without posting."),
    "post": ("bot.cli.post", "Post a report now, to Discord and other channels; each night once."),
    "deliveries": ("bot.cli.deliveries", "List what was posted; try again what failed."),
    "schedule": ("bot.cli.schedule", "Post the reports every night until stopped."),
    "health": ("bot.cli.health", "Ask the bot that runs here whether it is well."),
    "index": ("bot.cli.index", "Make reports fast by adding indexes to the databases."),
}


def _show_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    click.echo(f"{PROGRAM} {version()}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    lazy=_COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "bgs-bot demo                      try it out first",
        "bgs-bot init                      set your squadron up",
        "bgs-bot check                     is everything set up?",
        "bgs-bot preview daily             what tonight's post would say",
        "bgs-bot post daily --period lw    post last week's summary now",
        "bgs-bot COMMAND --help            more about one command",
    )
    + "\n\n\b\nExit status:\n  0  done\n  1  could not be done, or not all of it\n"
    "  2  wrong use: a command, option or value that is not understood",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and leave.",
)
@click.pass_context
def bgs_bot(ctx: click.Context) -> None:
    """What your squadron did for the BGS, posted to Discord every night.

    The bot reads the database of your squadron's backend, sums up who traded,
    fought, explored and ran missions, and posts it to your webhooks. Settings
    come from the environment or a file `.env`, the squadrons ("tenants") from
    `tenant.json`.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def run(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    args
        The words after the program's name; those of the process by default.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    session = Session()
    try:
        status = bgs_bot.main(
            None if args is None else list(args),
            prog_name=PROGRAM,
            standalone_mode=False,
            obj=session,
        )
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return FAILED
    except click.Abort:
        note("Stopped.")
        return FAILED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BotError as error:
        from bot.logs import mask

        note(f"Error: {mask(str(error))}")
        return FAILED
    except Exception as error:  # noqa: BLE001  # whatever it is, the user gets a sentence
        note(f"Error: {session.unexpected(error)}.")
        return FAILED
    return status if isinstance(status, int) else DONE


def _drop_output() -> None:
    """Keep the interpreter from complaining about a closed pipe at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
