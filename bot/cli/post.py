"""``bgs-bot post``: what the schedule does, now."""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.clock import real_now
from bot.cli.text import interactive
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from bot.cli.session import Session
    from bot.delivery.postings import Posting
    from bot.delivery.publisher import Publisher
    from bot.periods import Period
    from bot.tenants import Tenant, TenantRegistry

    Progress = Callable[[Tenant, Sequence[Posting]], None]

SHOWN_AS_TABLE = frozenset({"bot.delivery.publisher"})


@click.command(
    "post",
    epilog=options.examples(
        "bgs-bot post daily                     post yesterday's summary",
        "bgs-bot post spacecz --period lw       post last week's space CZs",
        "bgs-bot post daily --tenant wolves     for one squadron only",
        "bgs-bot post daily --dry-run           only say what would happen",
        "bgs-bot post daily --force             post it again",
    ),
)
@options.report_argument
@options.tenant_option
@options.period_option
@click.option("--dry-run", is_flag=True, help="Say what would be posted, and post nothing.")
@click.option("--force", is_flag=True, help="Post even what has been posted before.")
@options.now_option
@options.tenant_file_option
@click.pass_obj
def command(
    session: Session,
    report: str,
    tenant: str | None,
    period: Period,
    dry_run: bool,
    force: bool,
    now: datetime | None,
) -> None:
    """Post a report now, to webhooks and other channels, for every squadron or for one.

    REPORT is daily, spacecz, groundcz or one that a package adds. This is
    what the schedule does every night, and both are one: a report of the same
    days goes out once, whoever starts it. What could not be sent stays in the
    ledger; run the command again, or `bgs-bot deliveries retry`.

    The exit status is 0 only when nothing is left to send.
    """
    from bot.cli.summary import show_summary

    if dry_run and force:
        raise click.UsageError("--dry-run and --force exclude each other.")
    session.log_to_file(without=SHOWN_AS_TABLE)
    tenants = session.tenants(tenant)
    only = tenants[0].id if tenant is not None else None
    postings = _left_out(session.registry(), report, only) + _switched_off(tenants, report)
    tenants = [each for each in tenants if each.enabled]
    request = uuid.uuid4().hex if force else None
    postings += asyncio.run(
        _post(session, tenants, report, period, now or real_now(), request, dry_run=dry_run)
    )
    nothing = "Nothing to post: the tenant file has no tenant in use."
    if not show_summary(postings, nothing, dry_run=dry_run):
        raise click.exceptions.Exit(1)


def _left_out(registry: TenantRegistry, report: str, only: str | None) -> list[Posting]:
    """Return what cannot be posted because of faults in the tenant file.

    Parameters
    ----------
    only
        Id of the tenant that was asked for; None for all.
    """
    from bot.delivery.postings import Posting, Status
    from bot.errors import printable

    known = {printable(tenant.name): tenant for tenant in registry.all}
    reasons: dict[str, list[str]] = {}
    for problem in registry.problems:
        tenant = known.get(problem.tenant)
        concerns = (
            only is None
            if tenant is None
            else only in (None, tenant.id) and _is_route_of(problem.field, tenant, report)
        )
        if problem.level == "error" and concerns:
            reasons.setdefault(problem.tenant, []).append(f"{problem.field} {problem.fault}")
    return [
        Posting(name, report, "-", "", Status.FAILED, f"in the tenant file: {'; '.join(faults)}")
        for name, faults in reasons.items()
    ]


def _switched_off(tenants: Sequence[Tenant], report: str) -> list[Posting]:
    from bot.delivery.postings import Posting, Status

    why = "this tenant is switched off in the tenant file"
    return [
        Posting(tenant.id, report, "-", "", Status.SKIPPED, why)
        for tenant in tenants
        if not tenant.enabled
    ]


def _is_route_of(field: str, tenant: Tenant, report: str) -> bool:
    config = tenant.report_config(report)
    place, _, rest = field.partition(".")
    kind = re.split(r"[.\[]", rest, maxsplit=1)[0]
    concerned = not rest or kind in config.kinds
    return tenant.enabled and config.enabled and place == "discord_webhooks" and concerned


async def _post(
    session: Session,
    tenants: Sequence[Tenant],
    report: str,
    period: Period,
    now: datetime,
    request: str | None,
    *,
    dry_run: bool,
) -> list[Posting]:
    from bot.cli.stopping import on_stop_signal
    from bot.runtime import open_runtime

    async with open_runtime(session.settings(), session.registry()) as runtime:
        publisher = runtime.publisher
        with on_stop_signal(publisher.stop):
            if dry_run:
                return await _dry_run(publisher, tenants, report, period, now)
            with progress_bar(len(tenants)) as progress:
                return await publisher.publish_many(
                    tenants, report, period, now, request=request, progress=progress
                )


async def _dry_run(
    publisher: Publisher, tenants: Sequence[Tenant], report: str, period: Period, now: datetime
) -> list[Posting]:
    from bot.delivery.postings import Posting, Status

    postings: list[Posting] = []
    for tenant in tenants:
        try:
            postings += await publisher.dry_run(tenant, report, period, now)
        except BotError as error:
            postings.append(Posting(tenant.id, report, "-", "", Status.FAILED, str(error)))
    return postings


@contextlib.contextmanager
def progress_bar(tenants: int) -> Iterator[Progress | None]:
    """Show a bar on stderr where many tenants run in a terminal."""
    if tenants < 2 or not interactive("stderr"):  # two are many
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Posting", total=tenants)
        yield lambda _tenant, _postings: bar.advance(task)
