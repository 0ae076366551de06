"""Three invented squadrons with 90 days behind them, ready for the reports.

`build_demo` writes one SQLite database per squadron, as the newest backend
would have filled it, and a tenant.json that posts to a local receiver.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from hashlib import sha256
from operator import itemgetter
from typing import TYPE_CHECKING

from sqlalchemy import URL, create_engine
from sqlalchemy.pool import NullPool

from bot.backend.schema import metadata
from bot.sandbox.galaxy import HOSTILE_CMDRS, OVERLONG_CMDR, Squadron, make_squadron
from bot.sandbox.journal import generate_rows
from bot.sandbox.scene import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from bot.sandbox.scene import Batch

DEFAULT_SEED = 3310
DAYS = 90
REPORTS = ("daily", "spacecz", "groundcz")
GUILD_IDS = {
    "demo-wolves": "1100000000000000101",
    "demo-kestrels": "1100000000000000102",
}
"""The guilds that the tenant file names; the third squadron has yet to be linked."""
_SHARES = {"demo-wolves": 0.5, "demo-kestrels": 0.3, "demo-lanterns": 0.2}


@dataclass(frozen=True, slots=True)
class DemoChannel:
    """A channel of the demo's own Discord, as its webhook's id names it."""

    webhook_id: str
    tenant: str
    name: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DemoSquadrons:
    """What `build_demo` made.

    Attributes
    ----------
    tenant_file
        The tenant.json to run with.
    databases
        The SQLite file of each tenant id.
    channels
        The webhooks that tenant.json names.
    events
        Number of events in all databases together.
    """

    tenant_file: Path
    databases: Mapping[str, Path]
    channels: tuple[DemoChannel, ...]
    events: int


def play_key(tenant: str) -> str:
    """Return the key of a squadron of the demo, which is nobody's secret."""
    return f"{tenant}-play-key"


def demo_squadrons(seed: int = DEFAULT_SEED) -> tuple[Squadron, ...]:
    """Return the three squadrons of the demo."""
    return (
        make_squadron(
            *("demo-wolves", "Kamadi Wolves", "Wolves of Kamadi"),
            seed=seed,
            cmdrs=64,
            guests=(*HOSTILE_CMDRS, OVERLONG_CMDR),
        ),
        make_squadron(
            *("demo-kestrels", "Kestrel Flight", "Kestrel Mutual"),
            seed=seed,
            cmdrs=34,
            systems=16,
            guests=HOSTILE_CMDRS[::3],
        ),
        make_squadron(
            *("demo-lanterns", "Lantern Light `Haulage`", "Lantern & Sons *Interstellar*"),
            seed=seed,
            cmdrs=22,
            systems=12,
            guests=HOSTILE_CMDRS[1::4],
        ),
    )


def build_demo(
    folder: Path,
    now: datetime,
    *,
    webhook_base: str,
    events: int = 100_000,
    seed: int = DEFAULT_SEED,
) -> DemoSquadrons:
    """Write the demo's databases and tenant.json, replacing an earlier demo.

    The same day, number and seed give the same rows. The data ends with the
    day before ``now``, which is the last that the nightly reports can show.

    Parameters
    ----------
    folder
        Where everything goes; made if it is not there.
    now
        The demo's clock, an aware moment.
    webhook_base
        Address of the receiver; ``/webhooks/ID/TOKEN`` is put after it.
    events
        Number of events, shared among the three squadrons.

    Raises
    ------
    ValueError
        If ``now`` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now must be an aware datetime")
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start = today - timedelta(days=DAYS)
    folder.mkdir(parents=True, exist_ok=True)
    databases: dict[str, Path] = {}
    written = 0
    for squadron in demo_squadrons(seed):
        count = round(events * _SHARES[squadron.id])
        database = folder / f"bgs_data_{squadron.id.removeprefix('demo-')}.db"
        rows = generate_rows(squadron, start=start, days=DAYS, events=count, seed=seed)
        write_sqlite(database, rows)
        databases[squadron.id] = database
        written += count
    channels = _channels(webhook_base.rstrip("/"), seed)
    tenant_file = folder / "tenant.json"
    tenants = _tenants(demo_squadrons(seed), channels, databases)
    text = json.dumps(tenants, ensure_ascii=False, indent=2)
    tenant_file.write_text(text + "\n", encoding="utf-8")
    return DemoSquadrons(tenant_file, databases, channels, written)


def write_sqlite(database: Path, rows: Iterable[Batch]) -> None:
    """Write rows into a new SQLite file with every table of the newest backend.

    An existing file is replaced, but only when the new one is complete.
    """
    unfinished = database.with_name(database.name + ".new")
    unfinished.unlink(missing_ok=True)
    url = URL.create("sqlite", database=str(unfinished))
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536"):
            connection.exec_driver_sql(f"PRAGMA {pragma}")
        metadata.create_all(connection)
        for batch in rows:
            _insert(connection, batch)
        connection.commit()
    engine.dispose()
    for suffix in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    unfinished.replace(database)


def _insert(connection: Connection, batch: Batch) -> None:
    for name, rows in batch.items():
        if not rows:
            continue
        columns = COLUMNS[name]
        statement = metadata.tables[name].insert()
        compiled = statement.compile(dialect=connection.dialect, column_keys=list(columns))
        order = compiled.positiontup or columns
        arranged = map(itemgetter(*(columns.index(column) for column in order)), rows)
        connection.exec_driver_sql(str(compiled), list(arranged))


def _channels(base: str, seed: int) -> tuple[DemoChannel, ...]:
    names = (
        ("demo-wolves", "nightly-reports"),
        ("demo-kestrels", "flight-log"),
        ("demo-lanterns", "daily-ledger"),
        ("demo-lanterns", "war-room"),
        ("demo-lanterns", "boots-on-the-ground"),
    )
    channels = []
    for tenant, name in names:
        digest = sha256(f"{seed}:{tenant}:{name}".encode()).hexdigest()
        webhook_id = str(1_100_000_000_000_000_000 + int(digest[:14], 16) % 10**17)
        url = f"{base}/webhooks/{webhook_id}/{digest}Demo"
        channels.append(DemoChannel(webhook_id, tenant, name, url))
    return tuple(channels)


def _tenants(
    squadrons: Iterable[Squadron],
    channels: Iterable[DemoChannel],
    databases: Mapping[str, Path],
) -> list[dict[str, object]]:
    urls = {channel.name: channel.url for channel in channels}
    special: dict[str, dict[str, object]] = {
        "demo-wolves": {
            "discord_webhooks": {"shoutout": urls["nightly-reports"], "bgs": "", "conflict": None}
        },
        "demo-kestrels": {
            "discord_webhooks": {"shoutout": urls["flight-log"]},
            "reports": {report: {"style": "classic"} for report in REPORTS},
        },
        "demo-lanterns": {
            "discord_webhooks": {
                "shoutout": {"url": urls["daily-ledger"], "top": 10},
                "conflict": [
                    {"url": urls["war-room"], "reports": ["spacecz"], "username": "War Desk"},
                    {"url": urls["boots-on-the-ground"], "reports": ["groundcz"], "silent": True},
                ],
            },
            "reports": {report: {"webhook": "conflict"} for report in REPORTS[1:]},
            "quiet_days": True,
        },
    }
    return [
        {
            "id": squadron.id,
            "name": squadron.name,
            "api_key": play_key(squadron.id),
            "api_version": "1.8.0",
            "db_uri": f"sqlite:///{databases[squadron.id].name}",
            "faction_name": squadron.faction,
            "guild_ids": [GUILD_IDS[squadron.id]] if squadron.id in GUILD_IDS else [],
            **special[squadron.id],
        }
        for squadron in squadrons
    ]
