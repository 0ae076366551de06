"""``bgs-bot check``: is everything set up as it should be?"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import click

from bot.cli import options
from bot.cli.tables import show_table
from bot.cli.text import say
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.backend import TenantDatabase
    from bot.backend.inspect import DatabaseFacts
    from bot.cli.session import Session
    from bot.delivery.webhook import WebhookClient
    from bot.settings import Settings
    from bot.tenants import Tenant, TenantRegistry, WebhookUrl

OK, HINT, WARNING, ERROR = "ok", "hint", "warning", "error"
_AT_ONCE = 4
_SHOWN_AS_TABLE = frozenset({"bot.tenants.entry"})


class Finding(NamedTuple):
    """One line of the table."""

    subject: str
    item: str
    state: str
    text: str


@click.command(
    "check",
    epilog=options.examples(
        "bgs-bot check                     settings, tenants, databases",
        "bgs-bot check --webhooks          and ask Discord about each webhook",
        "bgs-bot check --channels          and send a test to each other channel",
        "bgs-bot check --tenant wolves     one squadron only",
    ),
)
@click.option("--webhooks", is_flag=True, help="Ask for each webhook whether it is alive.")
@click.option("--channels", is_flag=True, help="Send a test message to each channel.")
@options.tenant_option
@options.tenant_file_option
@click.pass_obj
def command(session: Session, webhooks: bool, channels: bool, tenant: str | None) -> None:
    """Find out whether settings, tenant file, databases and webhooks are right.

    Nothing is changed, and nothing is posted but what --channels asks for:
    a test message to each channel beside Discord. The exit status is 1 if anything
    is in error; a warning means that something is left out, a hint that
    something could be better.
    """
    session.log_on_console(without=_SHOWN_AS_TABLE)
    settings = session.settings()
    findings = [Finding("settings", "", OK, "all are understood"), _ledger(settings)]
    registry = session.registry()
    tenants = [session.tenant(tenant)] if tenant is not None else list(registry.all)
    findings += _tenant_file(registry, tenants if tenant is not None else None)
    findings += _left_out()
    used = [each for each in tenants if each.enabled]
    found = _databases(session, used)
    found += [finding for each in tenants for finding in _routes(each)]
    found += [finding for each in used for finding in _twins(each, registry.tenants)]
    if webhooks:
        found += asyncio.run(_webhooks(used))
    found += _channels(used, settings, test=channels)
    order = {each.id: place for place, each in enumerate(tenants)}
    findings += sorted(found, key=lambda finding: order[finding.subject])
    show_table(("Subject", "What", "State", "Found"), findings)
    errors = sum(finding.state == ERROR for finding in findings)
    warnings = sum(finding.state == WARNING for finding in findings)
    say(f"{errors} in error, {warnings} warnings.")
    if errors:
        raise click.exceptions.Exit(1)


def _ledger(settings: Settings) -> Finding:
    from bot.delivery.ledger import ledger_exists

    try:
        there = ledger_exists(settings.state_db_uri.get_secret_value())
    except BotError as error:
        return Finding("ledger", "", ERROR, str(error))
    return Finding("ledger", "", OK, "is there" if there else "will be made at the first post")


def _tenant_file(registry: TenantRegistry, only: Sequence[Tenant] | None) -> Iterator[Finding]:
    from bot.errors import printable

    count = len(registry.entries)
    in_use = f"{count} {'tenant' if count == 1 else 'tenants'}, {len(registry.tenants)} in use"
    state = OK if registry.tenants else ERROR
    if not count:
        in_use += "; `bgs-bot init` adds a squadron"
    yield Finding("tenant file", str(registry.path), state, in_use)
    names = None if only is None else {printable(tenant.name) for tenant in only}
    for problem in registry.problems:
        if names is None or problem.tenant in names:
            what = f"{problem.value} {problem.fault}".strip()
            yield Finding(problem.tenant, problem.field, problem.level, f"{what}; {problem.remedy}")


def _left_out() -> Iterator[Finding]:
    """Yield the packages whose reports could not be added."""
    from bot.catalogue import faults

    for fault in faults():
        text = f"of the package {fault.package} is left out: {fault.reason}"
        yield Finding("reports", fault.entry, WARNING, text)


def _databases(session: Session, tenants: Sequence[Tenant]) -> list[Finding]:
    from bot.backend import Databases
    from bot.backend.inspect import inspect_database

    databases = Databases(query_timeout=session.settings().query_timeout)

    def look(tenant: Tenant) -> list[Finding] | Exception:
        try:
            database = databases.get(tenant)
            facts = inspect_database(database)
            newest = _newest(tenant.id, database) if facts.is_reachable else ()
            return [*_of_database(tenant.id, facts), *newest]
        except Exception as error:  # noqa: BLE001  # one squadron's trouble is not another's
            return error

    findings: list[Finding] = []
    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for tenant, found in zip(tenants, pool.map(look, tenants), strict=True):
                if isinstance(found, Exception):
                    found = [Finding(tenant.id, "database", ERROR, session.reason(found))]
                findings += found
        return findings
    finally:
        databases.dispose()


def _of_database(tenant: str, facts: DatabaseFacts) -> Iterator[Finding]:
    for problem in facts.problems:
        yield Finding(tenant, "database", ERROR, problem)
    if not facts.is_reachable:
        return
    yield Finding(tenant, "database", OK, f"{facts.dialect}, {facts.database}")
    yield from _lacks(tenant, "tables", len(facts.tables), facts.missing_tables)
    yield from _lacks(tenant, "columns", None, facts.missing_columns)
    counts = ", ".join(
        f"{table} {'?' if count is None else format(count, ',')}"
        for table, count in facts.row_counts.items()
    )
    yield Finding(tenant, "rows", OK, counts or "none")
    present, missing = len(facts.indexes), len(facts.missing_indexes)
    if missing:
        text = f"{present} present, {missing} missing; `bgs-bot index` makes reports faster"
        yield Finding(tenant, "indexes", HINT, text)
    else:
        yield Finding(tenant, "indexes", OK, f"{present} present, none missing")


def _newest(tenant: str, database: TenantDatabase) -> Iterator[Finding]:
    from bot.cli.clock import real_now
    from bot.errors import printable
    from bot.reports.newest import newest_event, odd_events

    now = real_now()
    newest, odd = newest_event(database, now), odd_events(database, now)
    if newest is None:
        yield Finding(tenant, "newest event", HINT, "there are no events yet")
    else:
        yield Finding(tenant, "newest event", OK, newest)
    if odd.number:
        events = "1 event has" if odd.number == 1 else f"{odd.number:,} events have"
        such = f", such as {printable(odd.example, 60)}" if odd.example else ""
        text = (
            f"{events} a time still to come, or one not written as 2025-09-13T18:05:00Z{such};"
            " reports leave them out, or count them for another day"
        )
        yield Finding(tenant, "odd times", WARNING, text)


def _lacks(
    tenant: str, item: str, present: int | None, missing: Sequence[str]
) -> Iterator[Finding]:
    if missing:
        text = f"lacks {', '.join(missing)}; reports go on without"
        yield Finding(tenant, item, WARNING, text)
    else:
        yield Finding(tenant, item, OK, "all there" if present is None else f"{present} there")


def _routes(tenant: Tenant) -> Iterator[Finding]:
    from bot.catalogue import keys
    from bot.tenants import REPORT_KEYS

    if not tenant.enabled:
        yield Finding(tenant.id, "", HINT, "is switched off in the tenant file")
        return
    for report in dict.fromkeys((*REPORT_KEYS, *filter(tenant.posts_nightly, keys()))):
        routes = tenant.outlets_for(report)
        if not tenant.report_config(report).enabled:
            yield Finding(tenant.id, report, HINT, "is switched off in the tenant file")
        elif routes:
            goes = ", ".join(f"{route.kind} ({route.key})" for route in routes)
            yield Finding(tenant.id, report, OK, f"goes to {goes}")
        else:
            kinds = " or ".join(tenant.report_config(report).kinds)
            text = f"goes nowhere: there is no usable webhook of kind {kinds}, and no channel"
            yield Finding(tenant.id, report, WARNING, text)


def _twins(tenant: Tenant, tenants: Iterable[Tenant]) -> Iterator[Finding]:
    """Yield the tenants whose entry posts the same reports to the same places."""
    places = _places(tenant)
    for other in tenants:
        same_database = (other.db_uri, other.base_dir) == (tenant.db_uri, tenant.base_dir)
        if other.id != tenant.id and same_database and places & _places(other):
            text = (
                f"posts what {other.id} posts to the same place, from the same database, so it"
                " comes twice; take one of the two out of the tenant file"
            )
            yield Finding(tenant.id, "twice", WARNING, text)


def _places(tenant: Tenant) -> set[tuple[str, str]]:
    from bot.tenants import REPORT_KEYS

    return {
        (report, outlet.key)
        for report in dict.fromkeys((*REPORT_KEYS, *tenant.reports))
        for outlet in tenant.outlets_for(report)
    }


def _channels(tenants: Iterable[Tenant], settings: Settings, *, test: bool) -> list[Finding]:
    """Return what is known of each channel, or what became of a test message."""
    pairs = [(tenant, channel) for tenant in tenants for channel in tenant.channels]
    if not pairs:
        return []
    from bot.cli.channels import facts, try_out

    texts = asyncio.run(try_out(pairs, settings.lease_seconds)) if test else map(facts, pairs)
    return [
        Finding(tenant.id, channel.key, ERROR if text.fault else OK, text.words)
        for (tenant, channel), text in zip(pairs, texts, strict=True)
    ]


async def _webhooks(tenants: Iterable[Tenant]) -> list[Finding]:
    from bot.delivery.webhook import WebhookClient

    gate = asyncio.Semaphore(_AT_ONCE)

    async with WebhookClient() as client:

        async def ask(tenant: str, kind: str, webhook: WebhookUrl) -> Finding:
            async with gate:
                return await _of_webhook(client, tenant, kind, webhook)

        return await asyncio.gather(
            *(ask(tenant.id, kind, webhook) for tenant in tenants for kind, webhook in _all(tenant))
        )


def _all(tenant: Tenant) -> Iterator[tuple[str, WebhookUrl]]:
    """Yield each webhook of a tenant once, with the kind that names it first."""
    seen: set[str] = set()
    for kind, routes in tenant.routes.items():
        for route in routes:
            if route.webhook.fingerprint not in seen:
                seen.add(route.webhook.fingerprint)
                yield kind, route.webhook


async def _of_webhook(
    client: WebhookClient, tenant: str, kind: str, webhook: WebhookUrl
) -> Finding:
    from bot.delivery.webhook import ReadError

    item = f"webhook {kind}"
    try:
        found = await client.info(webhook)
    except ReadError as error:
        gone = {401: "refused", 403: "refused", 404: "gone"}.get(error.status or 0, "no answer")
        remedy = "" if error.transient else "; make a new one and put it into the tenant file"
        return Finding(tenant, item, ERROR, f"{webhook}: {gone} ({error}){remedy}")
    name, channel = found.get("name") or "without name", found.get("channel_id") or "unknown"
    return Finding(tenant, item, OK, f"{webhook}: alive, {name}, channel {channel}")
