"""What the indexes will add is told beforehand, near to what they then do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.backend import index_sizes, indexes, schema
from bot.backend.index_plans import PREFIX
from tests.servers import writable_engine

if TYPE_CHECKING:
    from tests.backend.conftest import OpenDatabase

ROWS = 20_000
DAYS = 500
_TAKEN = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT coalesce(sum(pg_relation_size(indexrelid)), 0)"
    f" FROM pg_stat_user_indexes WHERE indexrelname LIKE '{PREFIX}%'",
    "mysql": "SELECT coalesce(sum(stat_value) * @@innodb_page_size, 0)"
    " FROM mysql.innodb_index_stats WHERE database_name = database()"
    f" AND stat_name = 'size' AND index_name LIKE '{PREFIX}%'",
}


def taken(uri: str) -> int:
    """Return how much the indexes take; on SQLite, the whole file."""
    engine = writable_engine(uri)
    with engine.connect() as connection:
        if engine.dialect.name == "mysql":
            for table in sa.inspect(engine).get_table_names():
                connection.execute(sa.text(f"ANALYZE TABLE {table}"))
        return int(connection.execute(sa.text(_TAKEN[engine.dialect.name])).scalar_one())


def short(number: int) -> dict[str, Any]:
    """Return an event as the oldest backends wrote them."""
    day = number * DAYS // ROWS
    return {
        "event": "x",
        "timestamp": f"2025-09-{day % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00Z",
        "tickid": f"zoy-{day:03}",
        "ticktime": f"{day:03}",
        "cmdr": "Ada",
        "starsystem": "Sol",
    }


def long(number: int) -> dict[str, Any]:
    """Return an event of somebody with much to say."""
    day = number * DAYS // ROWS
    return short(number) | {
        "tickid": f"zoy-{day:020}",
        "ticktime": f"2025-09-11T15:{day % 60:02}:{day % 59:02}Z",
        "cmdr": f"Fox Vulpes Extraordinaire of the Łongest Name, the {number % 30}th",
        "starsystem": f"Col 285 Sector XY-Z c14-{number % 300}" * 2,
        "raw_json": '{"event": "Docked", "StationName": "Grant Base"}' * 12,
    }


def details(number: int, *, wide: bool) -> dict[str, dict[str, Any]]:
    """Return a row of each table of details, as far as the indexes hold it."""
    worth = number * 70_001 if wide else number % 90
    kind = "a rather long kind of voucher" if wide else "bounty"
    faction = "Allied Wolves of the Straße Union" if wide else "Owls"
    of_event = {"event_id": number}
    return {
        "market_sell_event": of_event | {"value": worth, "count": number % 700},
        "redeem_voucher_event": of_event | {"type": kind, "amount": worth},
        "mission_completed_event": of_event,
        "mission_completed_influence": {
            "mission_id": number,
            "event_id": number if wide else None,
            "faction_name": faction,
            "influence": "+++",
            "trend": "UpGood",
        },
        "commit_crime_event": of_event | {"bounty": None},
    }


def fill(uri: str, *, wide: bool, step: int = 1, rows: int = ROWS) -> None:
    """Store a database in which most tables have rows."""
    numbers = range(1, rows + 1)
    tables: dict[str, list[dict[str, Any]]] = {
        "event": [{"id": n * step} | (long(n) if wide else short(n)) for n in numbers]
    }
    for number in numbers:
        for table, row in details(number, wide=wide).items():
            tables.setdefault(table, []).append({"id": number * step} | row)
    with writable_engine(uri).begin() as connection:
        for name, found in tables.items():
            connection.execute(schema.metadata.tables[name].insert(), found)


@pytest.mark.parametrize("wide", [False, True], ids=["short", "long"])
def test_the_estimate_is_near_what_the_indexes_take(
    newest_uri: str, open_database: OpenDatabase, wide: bool
) -> None:
    fill(newest_uri, wide=wide)
    database = open_database(newest_uri)
    plans = indexes.missing(database)
    estimate = index_sizes.estimate(database, plans)

    before = taken(newest_uri)
    indexes.create(database, plans)
    added = taken(newest_uri) - before

    assert estimate == pytest.approx(added, rel=0.3)


@pytest.mark.parametrize("step", [3, 1000], ids=["cluster", "sparse"])
def test_gaps_between_the_ids_do_not_mislead(
    newest_uri: str, open_database: OpenDatabase, step: int
) -> None:
    fill(newest_uri, wide=False, step=step, rows=5_000)
    database = open_database(newest_uri)
    plans = indexes.missing(database)
    estimate = index_sizes.estimate(database, plans)

    before = taken(newest_uri)
    indexes.create(database, plans)

    assert estimate == pytest.approx(taken(newest_uri) - before, rel=0.3)


def test_empty_tables_need_a_page_or_two_each(newest_uri: str, open_database: OpenDatabase) -> None:
    database = open_database(newest_uri)
    plans = indexes.missing(database)
    estimate = index_sizes.estimate(database, plans)

    before = taken(newest_uri)
    indexes.create(database, plans)

    assert estimate == pytest.approx(taken(newest_uri) - before, rel=0.3)


def test_odd_values_are_no_hindrance(newest_uri: str, open_database: OpenDatabase) -> None:
    with writable_engine(newest_uri).begin() as connection:
        connection.execute(schema.event.insert(), {"id": 1} | short(1) | {"cmdr": None})
        connection.execute(schema.event.insert(), {"id": -5} | short(2) | {"cmdr": ""})
        connection.execute(schema.event.insert(), {"id": 2_000_000_000} | short(3))
        if "sqlite" in newest_uri:
            odd = "INSERT INTO event (id, event, timestamp, tickid, ticktime, cmdr)"
            connection.execute(sa.text(f"{odd} VALUES (9, x'ff', 1.5, 7, '', CAST(x'ff' AS TEXT))"))
    database = open_database(newest_uri)

    assert index_sizes.estimate(database, indexes.missing(database)) > 0


def test_only_an_sqlite_file_keeps_room_for_itself(
    newest_uri: str, open_database: OpenDatabase
) -> None:
    fill(newest_uri, wide=False, rows=3_000)
    database = open_database(newest_uri)
    assert index_sizes.free_room(database) == 0

    indexes.create(database, indexes.missing(database))
    before = taken(newest_uri)
    indexes.drop(database)

    room = index_sizes.free_room(database)
    if "sqlite" in newest_uri:
        assert 0 < room < before == taken(newest_uri)
    else:
        assert room == 0
