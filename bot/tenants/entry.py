"""One entry of the tenant file: from a dict to a tenant, with all its faults."""

from __future__ import annotations

import hashlib
import logging
import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from bot.errors import printable
from bot.logs import register_secret, register_uri_secrets
from bot.tenants.channels import parse_channels, register_channel_secrets
from bot.tenants.errors import TenantFileError
from bot.tenants.fields import Faults, Fields, clean, shown, shown_uri
from bot.tenants.model import DEFAULT_TOP, WEBHOOK_KINDS, ReportConfig, Style, Tenant
from bot.tenants.routes import (
    MAX_TOP,
    STYLES,
    parse_routes,
    warn_shared_channels,
    warn_unknown_report,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bot.tenants.errors import Problem
    from bot.tenants.model import Route

MAX_SLUG = 63
DB_SCHEMES = ("sqlite", "postgresql", "postgres", "mysql", "mariadb")

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_DB_URI = re.compile(rf"(?:{'|'.join(DB_SCHEMES)})(?:\+[A-Za-z0-9_]+)?://")
_REPORT_KEYS = ("enabled", "webhook", "style", "top")

logger = logging.getLogger(__name__)


def tenant_from_mapping(
    raw: Mapping[str, object], *, base_dir: Path, webhook_hosts: Collection[str] = ()
) -> Tenant:
    """Return the tenant of a dict that was handed in directly.

    It is checked as an entry of the file is, whoever changed it since. Faults
    that the tenant survives are logged.

    Raises
    ------
    TenantFileError
        If it does not validate; ``problems`` holds every fault.
    """
    tenant, problems = parse_tenant(raw, "given", base_dir=base_dir, webhook_hosts=webhook_hosts)
    if tenant is None:
        faults = "".join(f"\n  {each}" for each in problems if each.level == "error")
        raise TenantFileError(f"a tenant does not validate:{faults}", problems)
    log_problems(problems)
    return tenant


def parse_tenant(
    raw: object,
    place: str,
    *,
    base_dir: Path,
    webhook_hosts: Collection[str] = (),
    tenant_id: str | None = None,
) -> tuple[Tenant | None, tuple[Problem, ...]]:
    """Return the tenant of an entry, or None, and every fault of the entry.

    Parameters
    ----------
    raw
        The entry.
    place
        What to call it as long as it has no name, such as ``#3``.
    tenant_id
        The id that the file as a whole settles on; by default the entry's own.
    """
    if not isinstance(raw, Mapping):
        return None, _no_tenant(raw, place)
    copy = {str(key): _copied(value) for key, value in raw.items()}
    _register_secrets(copy)
    faults = Faults(display_name(copy, place))
    fields = Fields(copy, "", faults)
    placed = parse_routes(fields, webhook_hosts)
    routes = {kind: tuple(each.route for each in found) for kind, found in placed.items()}
    name, own = _name(fields), own_id(copy, faults)
    tenant = Tenant(
        id=tenant_id or own or derived_id(name),
        name=name,
        db_uri=_db_uri(fields),
        base_dir=base_dir,
        faction_name=fields.lenient_text("faction_name"),
        faction_logo=fields.lenient_text("faction_logo"),
        guild_ids=tuple(int(digits) for digits in fields.discord_ids("guild_ids")),
        enabled=fields.flag("enabled", True),
        quiet_days=fields.flag("quiet_days", False),
        reports=_reports(fields, routes),
        routes=routes,
        raw=copy,
        link_key=fields.text("link_key", secret=True) or _text(copy.get("api_key")),
        channels=parse_channels(fields),
        locale=fields.text("locale"),
        timezone=fields.text("timezone"),
        admin_channel=_admin_channel(fields),
    )
    _check_version(fields)
    warn_shared_channels(placed, tenant.reports, faults)
    return (None if faults.fatal else tenant), tuple(faults.problems)


def _no_tenant(raw: object, place: str) -> tuple[Problem, ...]:
    faults = Faults(place)
    remedy = "an entry is an object in braces: {...}"
    faults.fatal_error("", shown(raw), "is no tenant", remedy)
    return tuple(faults.problems)


def _name(fields: Fields) -> str:
    name = fields.text("name") or ""
    if not name and not isinstance(fields.raw.get("name"), int | float | list | dict):
        fields.faults.fatal_error("name", "", "is missing", "give the tenant a name")
    return name


def _check_version(fields: Fields) -> None:
    """Warn of a version of the backend's API that is neither text nor number; we need none."""
    value = fields.raw.get("api_version")
    if not isinstance(value, int | float) or isinstance(value, bool):
        fields.lenient_text("api_version")


def _admin_channel(fields: Fields) -> int | None:
    digits = fields.discord_id("admin_channel")
    return None if digits is None else int(digits)


def display_name(raw: Mapping[str, object], place: str) -> str:
    """Return what to call an entry in messages: its name, else its place."""
    name = raw.get("name")
    return (printable(clean(name)) if isinstance(name, str) else "") or place


def own_id(raw: Mapping[str, object], faults: Faults) -> str | None:
    """Return the id that an entry gives itself; None where it gives none."""
    value = raw.get("id")
    if value is None or value == "":
        return None
    if isinstance(value, str) and _SLUG.fullmatch(value.strip()):
        return value.strip()
    remedy = "use up to 63 small letters a-z, digits and hyphens, or leave it out"
    faults.fatal_error("id", shown(value), "is no id", remedy)
    return None


def derived_id(name: str) -> str:
    """Return the id that follows from a name."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.decode("ascii").lower())[:MAX_SLUG].strip("-")
    return slug or f"tenant-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def log_problems(problems: Collection[Problem]) -> None:
    """Log every fault, errors as errors."""
    for problem in problems:
        level = logging.ERROR if problem.level == "error" else logging.WARNING
        logger.log(level, "%s", problem, extra={"tenant": problem.tenant})


def _db_uri(fields: Fields) -> str:
    value = fields.raw.get("db_uri")
    uri = value.strip() if isinstance(value, str) else ""
    if value is None or value == "" or (isinstance(value, str) and not uri):
        remedy = "give the database's URI, such as sqlite:///db/bgs_data.db"
        fields.faults.fatal_error("db_uri", "", "is missing", remedy)
    elif not _DB_URI.match(uri):
        remedy = f"use a URI that begins with one of {', '.join(DB_SCHEMES)}, then ://"
        fields.faults.fatal_error("db_uri", shown_uri(value), "is no database we read", remedy)
    return uri


def _reports(fields: Fields, routes: Mapping[str, tuple[Route, ...]]) -> dict[str, ReportConfig]:
    known = list(dict.fromkeys((*WEBHOOK_KINDS, *routes)))
    found = {}
    for name, value in fields.part("reports").items():
        warn_unknown_report("reports", name, fields.faults)
        holder = Fields({name: value}, "reports", fields.faults)
        report = Fields(holder.part(name), f"reports.{name}", fields.faults)
        for key in report.raw:
            if key not in _REPORT_KEYS:
                remedy = f"a report has {', '.join(_REPORT_KEYS)}"
                path = report.path(key)
                fields.faults.add("warning", path, "", "is not known and has no effect", remedy)
        kinds = report.texts("webhook")
        for kind in kinds:
            if kind not in known:
                remedy = f"use one of {', '.join(printable(each) for each in known)}"
                path = report.path("webhook")
                fields.faults.fatal_error(path, shown(kind), "is no kind of webhook", remedy)
        found[name] = ReportConfig(
            enabled=report.flag("enabled", True),
            kinds=kinds or ("shoutout",),
            style=report.choice("style", Style, STYLES) or Style.EMBED,
            top=report.number("top", 1, MAX_TOP) or DEFAULT_TOP,
        )
    return found


def _register_secrets(raw: Mapping[str, object]) -> None:
    for key in ("api_key", "link_key"):
        register_secret(_text(raw.get(key)))
    register_uri_secrets(_text(raw.get("db_uri")) or "")
    register_channel_secrets(raw.get("channels"))


def _text(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value.strip() or None if isinstance(value, str) else None


def _copied(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copied(each) for each in value]
    return value
