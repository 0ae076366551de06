"""``bgs-bot preview``: what would be posted, without ledger and network."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli import options
from bot.cli.clock import real_now
from bot.cli.text import data, note, say
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.cli.session import Session
    from bot.delivery.composer import Composer
    from bot.periods import Period
    from bot.tenants import Outlet, Route, Tenant

_SAMPLE_URL = "https://discord.com/api/webhooks/0/preview"


class PageNotWrittenError(BotError):
    """The HTML page cannot be written."""

    def __init__(self, path: Path, error: OSError) -> None:
        self.path = path
        reason = error.strerror or type(error).__name__
        super().__init__(f"cannot write {path}: {reason}; name another file after --html")


@dataclass(frozen=True, slots=True)
class _Preview:
    tenant: Tenant
    channel: str
    label: str
    payloads: tuple[dict[str, Any], ...]


@click.command(
    "preview",
    epilog=options.examples(
        "bgs-bot preview daily                       read it here",
        "bgs-bot preview daily --html page.html      look at it in a browser",
        "bgs-bot preview groundcz --period all --tenant wolves",
        "bgs-bot preview daily --json                the requests to Discord",
    ),
)
@options.report_argument
@options.tenant_option
@options.period_option
@click.option("--json", "as_json", is_flag=True, help="The exact payloads, as one JSON array.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a page that looks like Discord.",
)
@options.now_option
@options.tenant_file_option
@click.pass_obj
def command(
    session: Session,
    report: str,
    tenant: str | None,
    period: Period,
    as_json: bool,
    html: Path | None,
    now: datetime | None,
) -> None:
    """Show what a post would look like, without posting it.

    REPORT is daily, spacecz, groundcz or one that a package adds. Every
    squadron's channels are shown, or one squadron's with --tenant. Nothing is
    sent and nothing is recorded.
    """
    if as_json and html is not None:
        raise click.UsageError("--json and --html exclude each other.")
    session.log_on_console()
    tenants = session.tenants(tenant)
    faulty = any(problem.level == "error" for problem in session.registry().problems)
    is_whole = bool(tenants) and not (faulty and tenant is None)
    previews, failed = asyncio.run(_previews(session, tenants, report, period, now or real_now()))
    if as_json:
        payloads = [payload for preview in previews for payload in preview.payloads]
        data(json.dumps(payloads, ensure_ascii=False, indent=2))
    elif html is not None:
        _write_page(html, previews)
        say(f"Written to {html.absolute()}")
    else:
        for preview in previews:
            _show(preview)
    if failed or not is_whole:
        raise click.exceptions.Exit(1)


async def _previews(
    session: Session, tenants: Sequence[Tenant], report: str, period: Period, now: datetime
) -> tuple[list[_Preview], bool]:
    """Return the previews of all tenants, and whether any could not be made."""
    from bot.runtime import open_reports

    previews: list[_Preview] = []
    failed = False
    async with open_reports(session.settings()) as (_, _, composer):
        for tenant in tenants:
            try:
                previews += await _of_tenant(composer, tenant, report, period, now)
            except Exception as error:  # noqa: BLE001  # one squadron's trouble is not another's
                note(f"Error: {tenant.id}: {session.reason(error)}")
                failed = True
    return previews, failed


async def _of_tenant(
    composer: Composer, tenant: Tenant, report: str, period: Period, now: datetime
) -> list[_Preview]:
    previews = []
    for route in tenant.outlets_for(report) or (_sample_route(tenant, report),):
        composed = await composer.compose(tenant, route, report, period, now)
        previews.append(_Preview(tenant, _name(route), composed.window.label, composed.payloads))
    return previews


def _sample_route(tenant: Tenant, report: str) -> Route:
    from bot.tenants import Route, parse_webhook_url

    config = tenant.report_config(report)
    why = "has no usable webhook for it" if config.enabled else "has switched it off"
    note(f"{tenant.id}: {report} would not be posted, since this tenant {why}.")
    kind = config.kinds[0] if config.kinds else "shoutout"
    return Route(kind=kind, webhook=parse_webhook_url(_SAMPLE_URL))


def _name(route: Outlet) -> str:
    from bot.tenants import Route

    if isinstance(route, Route) and route.webhook.url == _SAMPLE_URL:
        return "no channel"
    return f"{route.kind} ({route.key})"


def _show(preview: _Preview) -> None:
    from bot.rendering.terminal import payload_text

    say(f"=== {preview.tenant.name} · {preview.channel} · {preview.label} ===")
    if not preview.payloads:
        say("Nothing would be posted: no data.")
    for number, payload in enumerate(preview.payloads, 1):
        if len(preview.payloads) > 1:
            say(f"--- message {number} of {len(preview.payloads)} ---")
        say(payload_text(payload))
    say("")


def _write_page(path: Path, previews: Sequence[_Preview]) -> None:
    from bot.rendering.html import PreviewChannel, page

    text = page(
        [
            PreviewChannel(preview.channel, preview.tenant.name, preview.payloads)
            for preview in previews
        ]
    )
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise PageNotWrittenError(path, error) from None
