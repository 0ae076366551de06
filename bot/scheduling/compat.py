"""The old module's entry points: a drop-in for the backend.

The backend changes its import lines and nothing else::

    from bot.scheduling import start_scheduler

    start_scheduler(app, db)
"""

from __future__ import annotations

import atexit
import logging
import sys
import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, make_url

from bot.backend.uris import Server, parse_db_uri
from bot.errors import BotError
from bot.logs import setup_logging
from bot.periods import Period
from bot.runtime import real_clock
from bot.scheduling.host import Host
from bot.scheduling.jobs import Timetable
from bot.settings import load_settings
from bot.tenants import (
    TenantRegistry,
    WebhookUrlError,
    parse_webhook_url,
    read_tenant_file,
    tenant_from_mapping,
)

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler
    from sqlalchemy import Engine

    from bot.delivery.postings import Posting
    from bot.runtime import Runtime
    from bot.tenants import Tenant

log = logging.getLogger(__name__)

_TENANT_FILE = "tenant.json"

_lock = threading.RLock()
_hosts: list[Host] = []
_timetables: list[tuple[Host, Timetable]] = []
_engines: dict[str, Engine] = {}
_base_dir: Path | None = None


def start_scheduler(app: Any = None, db: Any = None) -> BackgroundScheduler:
    """Start the three nightly posts and return the scheduler.

    A second call in the process returns the scheduler that runs.

    Parameters
    ----------
    app
        The Flask app. Where ``TENANT_FILE`` is not set, tenant.json, data and
        logs are sought in its folder.
    db
        Taken for the old module's sake; each tenant's own database is read.

    Raises
    ------
    BotError
        If a setting or the tenant file as a whole is wrong.
    """
    with _lock:
        for host, timetable in _timetables:
            if host.alive and timetable.scheduler.running:
                log.info("The scheduler runs already")
                return timetable.scheduler
        host = _host(app)
        timetable = Timetable(host, clock=real_clock)
        timetable.start()
        _timetables[:] = [(host, timetable)]
        log.info("Nightly posts are scheduled for 00:00, 00:01 and 00:02 UTC")
        return timetable.scheduler


def format_discord_summary(
    app: Any = None,
    db: Any = None,
    tenant: Mapping[str, Any] | str | None = None,
    *,
    now: datetime | None = None,
) -> list[Posting]:
    """Post yesterday's daily summary now, for one tenant or for all.

    Parameters
    ----------
    app, db
        As for `start_scheduler`.
    tenant
        The dict out of tenant.json, or its name or id; all tenants if left
        out.
    now
        The report's clock; real time if left out.

    Returns
    -------
    list of Posting
        What became of it, webhook by webhook; as ever, only Discord is posted
        to, not a tenant's ``channels``. Trouble with one tenant is logged and
        told here, not raised.
    """
    return _post(app, "daily", Period.YESTERDAY, tenant, now)


def send_syntheticcz_summary_to_discord(
    app: Any = None,
    db: Any = None,
    period: str = "all",
    tenant: Mapping[str, Any] | str | None = None,
    *,
    now: datetime | None = None,
) -> list[Posting]:
    """Post the space CZ summary of a period now; see `format_discord_summary`.

    Raises
    ------
    ValueError
        If there is no such period; the text names all codes.
    """
    return _post(app, "spacecz", Period.parse(period), tenant, now)


def send_syntheticgroundcz_summary_to_discord(
    app: Any = None,
    db: Any = None,
    period: str = "all",
    tenant: Mapping[str, Any] | str | None = None,
    *,
    now: datetime | None = None,
) -> list[Posting]:
    """Post the ground CZ summary of a period now; see `format_discord_summary`.

    Raises
    ------
    ValueError
        If there is no such period; the text names all codes.
    """
    return _post(app, "groundcz", Period.parse(period), tenant, now)


def get_tenants() -> list[dict[str, Any]]:
    """Return the dicts of the tenant file, as they are."""
    settings = load_settings(base_dir=_folder())
    return read_tenant_file(settings.tenant_file)


def get_discord_webhook(
    tenant: Mapping[str, Any] | str, webhook_type: str = "shoutout"
) -> str | None:
    """Return one webhook URL of a tenant, or None; also for lists and routes."""
    webhooks = _as_mapping(tenant).get("discord_webhooks")
    return _first_url(webhooks.get(webhook_type)) if isinstance(webhooks, Mapping) else None


def get_engine_for_tenant(tenant: Mapping[str, Any] | str) -> Engine | None:
    """Return an engine on the tenant's database, or None where it names none.

    It is the caller's own, writable as the backend expects, and made once per
    database. The reports never use it.

    Raises
    ------
    BotError
        If the tenant's ``db_uri`` cannot be understood.
    """
    uri = _as_mapping(tenant).get("db_uri")
    if not isinstance(uri, str) or not uri.strip():
        return None
    folder = load_settings(base_dir=_folder()).tenant_file.parent
    with _lock:
        if uri not in _engines:
            _engines[uri] = _plain_engine(uri, folder)
        return _engines[uri]


def stop_scheduler(grace: float = 10.0) -> None:
    """Stop everything; the message being sent is waited for up to ``grace`` s."""
    with _lock:
        for _, timetable in _timetables:
            if timetable.scheduler.running:
                timetable.scheduler.shutdown(wait=False)
        _timetables.clear()
        for host in _hosts:
            host.stop(grace)
        _hosts.clear()
        for engine in _engines.values():
            engine.dispose()
        _engines.clear()


atexit.register(stop_scheduler)


def _host(app: Any) -> Host:
    """Return the running host for the settings as they are now."""
    global _base_dir  # calls without an app follow the last one
    with _lock:
        if app is not None:
            _base_dir = Path(app.root_path)
        settings = load_settings(base_dir=_folder())
        for host in _hosts:
            if host.alive and host.settings == settings:
                return host
        setup_logging(settings, console=False)
        registry = TenantRegistry.load(settings.tenant_file, webhook_hosts=settings.webhook_hosts)
        host = Host(settings, registry)
        host.start()
        _hosts.append(host)
        return host


def _folder() -> Path | None:
    """Return the backend's folder as far as it is known; None for the working directory."""
    if _base_dir is not None:
        return _base_dir
    flask = sys.modules.get("flask")
    if flask is not None and flask.has_app_context():
        return Path(flask.current_app.root_path)
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    if script is None or Path(_TENANT_FILE).exists():
        return None
    beside = Path(script).resolve().parent
    return beside if (beside / _TENANT_FILE).exists() else None


def _post(
    app: Any,
    report: str,
    period: Period,
    tenant: Mapping[str, Any] | str | None,
    now: datetime | None,
) -> list[Posting]:
    host = _host(app)
    host.registry.refresh()
    tenants = _chosen(tenant, host)
    moment = (now or real_clock()).astimezone(UTC)
    request = uuid.uuid4().hex

    async def work(runtime: Runtime) -> list[Posting]:
        return await runtime.publisher.publish_many(
            tenants, report, period, moment, request=request, discord_only=True
        )

    return host.call(work)


def _chosen(tenant: Mapping[str, Any] | str | None, host: Host) -> list[Tenant]:
    if tenant is None:
        return list(host.registry.tenants)
    settings = host.settings
    try:
        if isinstance(tenant, str):
            return [host.registry.get(tenant)]
        known = host.registry.match(tenant)
        if known is not None:
            return [known]
        return [
            tenant_from_mapping(
                tenant,
                base_dir=settings.tenant_file.parent,
                webhook_hosts=settings.webhook_hosts,
            )
        ]
    except BotError as error:
        log.error("%s", error)
        return []


def _plain_engine(uri: str, folder: Path) -> Engine:
    location = parse_db_uri(uri, base_dir=folder)
    if isinstance(location, Server):
        return create_engine(location.url, pool_pre_ping=True)
    url = make_url(uri)
    path = location.find()
    if path is None or (url.database or "").startswith("file:"):
        return create_engine(url)
    return create_engine(url.set(database=str(path)))


def _as_mapping(tenant: Mapping[str, Any] | str) -> Mapping[str, Any]:
    if not isinstance(tenant, str):
        return tenant
    settings = load_settings(base_dir=_folder())
    registry = TenantRegistry.load(settings.tenant_file, webhook_hosts=settings.webhook_hosts)
    return registry.get(tenant).raw


def _first_url(value: object) -> str | None:
    if isinstance(value, list | tuple):
        return next((url for item in value if (url := _first_url(item))), None)
    if isinstance(value, Mapping):
        return _first_url(value.get("url"))
    if not isinstance(value, str):
        return None
    try:
        parse_webhook_url(value)
    except WebhookUrlError:
        return None
    return value
