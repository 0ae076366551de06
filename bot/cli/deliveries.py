"""``bgs-bot deliveries``: the ledger, readable, and another try at what failed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.session import Session
from bot.cli.tables import Cell, show_table
from bot.cli.text import say

if TYPE_CHECKING:
    from bot.delivery.ledger import Part, PartState, Totals
    from bot.delivery.postings import Posting
    from bot.settings import Settings

_NO_MESSAGE = {"unplanned": "not computed", "empty": "no data"}
_HEAD = ("Tenant", "Report", "Window", "Channel", "Part", "State", "Tries", "When", "Why")


@click.group(
    "deliveries",
    invoke_without_command=True,
    epilog=options.examples(
        "bgs-bot deliveries                      the latest posts",
        "bgs-bot deliveries --failed             only those in trouble",
        "bgs-bot deliveries --tenant wolves --limit 20",
        "bgs-bot deliveries retry                try again what failed",
    ),
)
@options.tenant_option
@click.option("--failed", is_flag=True, help="Only what is failed, given up, broken or in doubt.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="How many lines, the newest first.",
)
@options.tenant_file_option
@click.pass_context
def command(ctx: click.Context, tenant: str | None, failed: bool, limit: int) -> None:
    """List what was posted, what failed and why, newest first.

    Every message is written down here before it is sent, so that none is lost
    or sent twice. "in doubt" means: sent, but Discord's answer never came.
    """
    if ctx.invoked_subcommand is not None:
        ctx.meta["bgs-bot.tenant"] = tenant
        return
    session = ctx.ensure_object(Session)
    session.log_on_console()
    known = session.tenant(tenant).id if tenant is not None else None
    parts, totals = _read(session.settings(), known, failed=failed, limit=limit)
    if totals is None:
        say(_nothing_here(session.settings()))
    elif not parts:
        say("No deliveries in trouble." if failed else "No deliveries yet.")
    else:
        show_table(_HEAD, [_line(part) for part in parts])
    if totals is not None and totals.states:
        say(_counts(totals))


def _read(
    settings: Settings, tenant: str | None, *, failed: bool, limit: int
) -> tuple[list[Part], Totals | None]:
    from bot.delivery.ledger import Ledger, ledger_exists

    uri = settings.state_db_uri.get_secret_value()
    if not ledger_exists(uri):
        return [], None
    with Ledger.open(uri) as ledger:
        parts = ledger.history(tenant=tenant, failed=failed, limit=limit)
        return parts, ledger.totals(tenant=tenant)


def _nothing_here(settings: Settings) -> str:
    from bot.delivery.state.database import state_url
    from bot.delivery.state.errors import place

    where = place(state_url(settings.state_db_uri.get_secret_value()))
    return (
        f"Nothing was posted from here yet: there is no ledger at {where}. If that is the wrong"
        " place, go to the bot's folder, or correct STATE_DB_URI."
    )


def _line(part: Part) -> tuple[Cell, ...]:
    why = part.error or ""
    if part.next_attempt_at is not None:
        why += f" (again from {part.next_attempt_at:%Y-%m-%d %H:%M:%S})"
    if part.resent_in_doubt:
        again = part.resent_in_doubt
        copies = "twice" if again == 1 else f"{again + 1} times"
        why += f" (sent again in doubt {_times(again)}; may be there {copies})"
    elif part.in_doubt_count:
        why += f" (in doubt {_times(part.in_doubt_count)})"
    return (
        part.key.tenant,
        part.key.report,
        part.label,
        part.key.channel,
        f"{part.part}/{part.parts}" if part.state.planned else "-",
        _state(part.state),
        part.attempts,
        f"{part.settled_at or part.updated_at:%Y-%m-%d %H:%M:%S}",
        why.strip(),
    )


def _state(state: PartState) -> str:
    return _NO_MESSAGE.get(state.value) or state.value.replace("_", " ")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _counts(totals: Totals) -> str:
    states = ", ".join(f"{count} {_state(state)}" for state, count in totals.states.items())
    doubt = ""
    if totals.in_doubt:
        were = "was" if totals.in_doubt == 1 else "were"
        doubt = f" {totals.in_doubt} {were} in doubt at some time"
        doubt += f"; {totals.resent_in_doubt} of them sent again, and perhaps there more than once."
    return f"In all: {states}.{doubt} Times are UTC."


@command.command(
    "retry",
    epilog=options.examples(
        "bgs-bot deliveries retry                     all squadrons",
        "bgs-bot deliveries retry --tenant wolves     one of them",
    ),
)
@options.tenant_option
@options.tenant_file_option
@click.pass_context
def retry(ctx: click.Context, tenant: str | None) -> None:
    """Try again what failed or was given up, and send it now.

    Webhooks that Discord has refused are tried again too; run this after you
    have put a new webhook into the tenant file.
    """
    from bot.cli.post import SHOWN_AS_TABLE
    from bot.cli.summary import show_summary

    session = ctx.ensure_object(Session)
    session.log_to_file(without=SHOWN_AS_TABLE)
    wanted = tenant if tenant is not None else ctx.meta.get("bgs-bot.tenant")
    known = session.tenant(wanted).id if wanted is not None else None
    if not show_summary(asyncio.run(_retry(session, known)), "Nothing is left to send."):
        raise click.exceptions.Exit(1)


async def _retry(session: Session, tenant: str | None) -> list[Posting]:
    from bot.cli.stopping import on_stop_signal
    from bot.runtime import open_runtime

    async with open_runtime(session.settings(), session.registry()) as runtime:
        with on_stop_signal(runtime.publisher.stop):
            return await runtime.publisher.retry(tenant)
