"""Which names a database has, on every engine."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.backend import Databases, TenantDatabase, indexes
from bot.reports import names
from bot.reports.names import Kind, read_names
from bot.reports.newest import newest_event
from bot.reports.registry import UnknownReportError
from bot.reports.service import ReportService
from bot.tenants import tenant_from_mapping
from tests.reports.test_hostile_rows import put
from tests.servers import writable_engine
from tests.squadron import Squadron

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.reports.conftest import Asking, NameStatements

NOW = datetime(2025, 9, 12, 20, 0, tzinfo=UTC)

REPORTS = ("daily", "spacecz", "groundcz")
HARD_NAMES = [
    *("Ada", "ADA", "ada", "Ada ", " Ada", "Adä", "Ada\u0301", "Straße", "STRASSE", "Ж", "🦊"),
    *("%", "_", "a'b", 'a"b', "a\\b", "\u200b", "\uffff", "😀", "z", "I", "ı", "12"),
]


def war_of(*systems: str | None, table: str = "cz") -> Squadron:
    """A squadron with one conflict zone in each of these systems."""
    squadron = Squadron()
    for system in systems:
        add = squadron.cz if table == "cz" else squadron.ground_cz
        add("low", event=squadron.event(starsystem=system))
    return squadron


def names_in(
    database: TenantDatabase, report: str, kind: Kind, *, limit: int = 20_000
) -> tuple[str, ...]:
    """The names of one kind, whatever stands beside them."""
    return tuple(name.text for name in read_names(database, report, kind, limit=limit))


@pytest.fixture(params=["plain", "indexed"])
def stored(request: pytest.FixtureRequest, ask: Asking) -> Callable[[Squadron], TenantDatabase]:
    """Put a squadron in a database, with and without our indexes."""

    def store(squadron: Squadron) -> TenantDatabase:
        database = ask.database(squadron)
        if request.param == "indexed":
            indexes.create(database, indexes.missing(database))
        return database

    return store


@pytest.mark.parametrize("report", REPORTS)
def test_names_come_by_their_number_of_events_then_by_code_point(
    stored: Callable[[Squadron], TenantDatabase], report: str, statements: NameStatements
) -> None:
    chance = random.Random(3)
    squadron = Squadron()
    counts: dict[str, Counter[str]] = {"system": Counter(), "cmdr": Counter()}
    for _ in range(150):
        system, cmdr = chance.choice([*HARD_NAMES, "", None]), chance.choice([*HARD_NAMES, None])
        event = squadron.event(starsystem=system, cmdr=cmdr)
        squadron.cz("low", event=event)
        squadron.ground_cz(None, event=event)
        counts["system"][system or ""] += 1
        counts["cmdr"][cmdr or ""] += 1
    database = stored(squadron)
    kinds: tuple[Kind, ...] = ("system", "cmdr")
    for kind in kinds:
        expected = sorted(
            (name for name in counts[kind] if name), key=lambda name: (-counts[kind][name], name)
        )
        assert names_in(database, report, kind) == tuple(expected)
        assert names_in(database, report, kind, limit=5) == tuple(expected[:5])
    assert len(statements.texts) == 4, "one statement each"


def test_settlements_are_those_of_ground_zones(
    stored: Callable[[Squadron], TenantDatabase],
) -> None:
    squadron = Squadron()
    for name in ("Grant Base", "Ashby", "Grant Base", "", None, "grant base"):
        squadron.ground_cz("low", settlement=name)
        squadron.cz("low")
    database = stored(squadron)
    assert names_in(database, "groundcz", "settlement") == ("Grant Base", "Ashby", "grant base")
    assert names_in(database, "spacecz", "settlement") == ()
    assert names_in(database, "daily", "settlement") == ()


def test_each_report_has_its_own_names(stored: Callable[[Squadron], TenantDatabase]) -> None:
    squadron = Squadron()
    squadron.cz("low", event=squadron.event(starsystem="Space", cmdr="Ada"))
    squadron.ground_cz("low", event=squadron.event(starsystem="Ground", cmdr="Bo"))
    squadron.event(starsystem="Trade", cmdr="Cy")
    squadron.cz("low", event=999)  # a zone whose event is gone
    database = stored(squadron)
    assert names_in(database, "spacecz", "system") == ("Space",)
    assert names_in(database, "groundcz", "cmdr") == ("Bo",)
    assert names_in(database, "daily", "system") == ("Ground", "Space", "Trade")


def test_names_are_told_apart_by_what_stands_beside_them(
    stored: Callable[[Squadron], TenantDatabase],
) -> None:
    squadron = Squadron()
    for system, cmdr, place in (
        ("Sol", "Ada", "Grant"),
        ("Sol", "Ada", "Grant"),
        ("Ross", "Ada", None),
        ("Sol", None, "Ashby"),
    ):
        squadron.ground_cz(
            "low", event=squadron.event(starsystem=system, cmdr=cmdr), settlement=place
        )
    database = stored(squadron)
    assert read_names(database, "groundcz", "cmdr", ("system", "settlement"), limit=9) == (
        ("Ada", 2, ("Sol", "Grant")),
        ("Ada", 1, ("Ross", "")),
    )
    assert read_names(database, "daily", "cmdr", ("system",), limit=9) == (
        ("Ada", 2, ("Sol",)),
        ("Ada", 1, ("Ross",)),
    )


def test_the_daily_summary_names_the_newest_events_only(
    stored: Callable[[Squadron], TenantDatabase], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "NEWEST_EVENTS", 3)
    names.names_by_events.cache_clear()
    squadron = war_of("Old", "Sol", "Ross", "Sol")
    try:
        assert names_in(stored(squadron), "daily", "system") == ("Sol", "Ross")
    finally:
        names.names_by_events.cache_clear()


@pytest.mark.parametrize(
    "lacking",
    [
        "event",
        "event.id",
        "event.starsystem",
        "synthetic_ground_cz",
        "synthetic_ground_cz.event_id",
    ],
)
def test_what_a_database_lacks_has_no_names(ask: Asking, lacking: str) -> None:
    squadron = war_of("Sol", table="ground").without(lacking)
    if lacking == "event.id":
        squadron.rows["event"].clear()
    database = ask.database(squadron)
    assert names_in(database, "groundcz", "system") == ()


def test_other_kinds_that_a_database_lacks_read_as_empty(ask: Asking) -> None:
    squadron = war_of("Sol", table="ground").without("event.cmdr", "synthetic_ground_cz.settlement")
    database = ask.database(squadron)
    assert names_in(database, "groundcz", "settlement") == ()
    assert read_names(database, "groundcz", "system", ("cmdr", "settlement"), limit=9) == (
        ("Sol", 1, ("", "")),
    )


def test_an_empty_database_has_no_names_and_no_newest_event(ask: Asking) -> None:
    database = ask.database(Squadron())
    for report in REPORTS:
        assert names_in(database, report, "system") == ()
    assert newest_event(database, NOW) is None
    assert newest_event(ask.database(Squadron().without("event")), NOW) is None


def test_an_unknown_report_has_no_names(ask_sqlite: Asking) -> None:
    with pytest.raises(UnknownReportError):
        names_in(ask_sqlite.database(Squadron()), "weekly", "system")


def test_anything_in_a_column_of_names_is_survived(tmp_path: Path, ask_sqlite: Asking) -> None:
    squadron = war_of("Sol", "Ross", table="ground")
    uri = f"sqlite:///{tmp_path}/hostile.db"
    squadron.store(uri)
    database = ask_sqlite.open(uri)
    for value, name in (
        (b"\xff\x00", "\ufffd\0"),
        (12, "12"),
        (1.5, "1.5"),
        ("a\0b", "a\0b"),
        (b"Sol", "Sol"),
        (b"", None),
    ):
        put(uri, "event", "starsystem", value)
        put(uri, "synthetic_ground_cz", "settlement", value)
        expected = () if name is None else (name,)
        for report in ("daily", "groundcz"):
            assert names_in(database, report, "system") == expected
        assert names_in(database, "groundcz", "settlement") == expected


def test_text_that_is_no_unicode_is_survived(tmp_path: Path, ask_sqlite: Asking) -> None:
    squadron = war_of("Sol", "Ross")
    uri = f"sqlite:///{tmp_path}/bytes.db"
    squadron.store(uri)
    target = sa.table("event", sa.column("cmdr"), sa.column("timestamp"))
    broken = sa.cast(sa.literal(b"A\xed\xa0\x80\xff"), sa.Text)
    with writable_engine(uri).begin() as connection:
        connection.execute(target.update().values(cmdr=broken, timestamp=broken))
    database = ask_sqlite.open(uri)
    (name,) = names_in(database, "daily", "cmdr")
    assert name.startswith("A\ufffd")
    assert newest_event(ask_sqlite.open(uri), NOW) is None


def test_the_newest_event_is_the_latest_not_the_last(
    stored: Callable[[Squadron], TenantDatabase],
) -> None:
    squadron = Squadron()
    for at in ("2025-09-12T12:00:00Z", "2025-09-12T18:04:33.512Z", "2025-09-11T23:00:00Z"):
        squadron.event(at)
    assert newest_event(stored(squadron), NOW) == "2025-09-12T18:04:33.512Z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-09-12T18:04:33.512Z", datetime(2025, 9, 12, 18, 4, 33, 512000, tzinfo=UTC)),
        ("2025-09-12T20:04:33+02:00", datetime(2025, 9, 12, 18, 4, 33, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
    ],
)
async def test_the_service_tells_when_the_newest_event_was(
    tmp_path: Path, text: str | None, expected: datetime | None
) -> None:
    squadron = Squadron()
    if text is not None:
        squadron.event(text)
    squadron.store(f"sqlite:///{tmp_path}/wolves.db")
    raw = {"name": "Wolves", "db_uri": "sqlite:///wolves.db"}
    tenant = tenant_from_mapping(raw, base_dir=tmp_path, webhook_hosts=())
    databases = Databases()
    service = ReportService(databases)
    try:
        found = await service.newest_event(tenant, NOW)
        assert found == expected
        assert found is None or found.tzinfo is UTC
    finally:
        service.close()
        databases.dispose()
