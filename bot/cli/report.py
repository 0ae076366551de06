"""``bgs-bot report``: a report as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.clock import real_now
from bot.cli.session import NoTenantError
from bot.cli.text import data, note, say

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cli.session import Session
    from bot.periods import Period
    from bot.reports.filters import Filters
    from bot.reports.results import Result
    from bot.tenants import Tenant


@click.command(
    "report",
    epilog=options.examples(
        "bgs-bot report daily                          yesterday's summary",
        "bgs-bot report daily --period lw --top 10     last week's ten best",
        'bgs-bot report daily --cmdr "Ada Lovelace"    what one CMDR did',
        "bgs-bot report spacecz --system Sol --period all",
        "bgs-bot report groundcz --format json | jq .systems",
        "bgs-bot report daily --tenant wolves --format csv > daily.csv",
    ),
)
@options.report_argument
@options.tenant_option
@options.period_option
@click.option("--system", multiple=True, metavar="NAME", help="Only this star system.")
@click.option("--faction", multiple=True, metavar="NAME", help="Only work for this faction.")
@click.option("--cmdr", multiple=True, metavar="NAME", help="Only this CMDR.")
@click.option(
    "--settlement", multiple=True, metavar="NAME", help="Only this settlement (groundcz)."
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    metavar="N",
    help="How many rows of each section of the daily summary.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="A table to read, or data for other programs.",
)
@options.now_option
@options.tenant_file_option
@click.pass_obj
def command(
    session: Session,
    report: str,
    tenant: str | None,
    period: Period,
    system: tuple[str, ...],
    faction: tuple[str, ...],
    cmdr: tuple[str, ...],
    settlement: tuple[str, ...],
    top: int,
    form: str,
    now: datetime | None,
) -> None:
    """Show a report: who did what for the BGS.

    REPORT is daily (trade, missions, influence, bounties and so on), spacecz
    or groundcz (conflict zones by star system), or one that a package adds.
    Nothing is posted and nothing is written.

    --system, --faction, --cmdr and --settlement want whole names, in any
    case, and may be given several times: any of them counts.
    """
    from bot.reports.filters import Filters

    session.log_on_console()
    squadron = _only_tenant(session, tenant)
    if settlement and report in ("daily", "spacecz"):
        note("Note: --settlement narrows groundcz only; this result is what it is without it.")
        settlement = ()
    filters = Filters(systems=system, factions=faction, cmdrs=cmdr, settlements=settlement)
    result = _compute(session, squadron, report, period, now or real_now(), filters, top)
    _show(result, squadron, filters, form)


def _only_tenant(session: Session, wanted: str | None) -> Tenant:
    if wanted is not None:
        return session.tenant(wanted)
    registry = session.registry()
    if len(registry.entries) > 1:
        known = ", ".join(tenant.id for tenant in registry.all)
        raise click.UsageError(
            f"The tenant file has {len(registry.entries)} tenants; name one with --tenant: {known}."
        )
    if not registry.all:
        raise NoTenantError(registry.path)
    return registry.all[0]


def _compute(
    session: Session,
    tenant: Tenant,
    report: str,
    period: Period,
    now: datetime,
    filters: Filters,
    top: int,
) -> Result:
    from bot import reports
    from bot.backend import Databases

    databases = Databases(query_timeout=session.settings().query_timeout)
    try:
        return reports.run(
            databases.get(tenant),
            report,
            period,
            now,
            faction_name=tenant.faction_name,
            filters=filters,
            top=top,
            tenant=tenant.id,
        )
    finally:
        databases.dispose()


def _show(result: Result, tenant: Tenant, filters: Filters, form: str) -> None:
    if "event" in result.missing:
        note(
            "Warning: this database has no table event. Does db_uri name the one that the"
            " backend writes?"
        )
    if form == "table":
        from bot.rendering.terminal import table

        say(table(result, tenant.name, filters))
        return
    from bot.reports import export

    if form == "json":
        data(export.to_json(result, tenant.id))
        return
    data(export.to_csv(result))
    if result.missing:
        note(f"Not in the database: {', '.join(result.missing)}")
