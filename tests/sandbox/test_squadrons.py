"""The demo's invented squadrons: always the same, and as flawed as real data."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bot.backend.schema import metadata
from bot.sandbox.galaxy import HOSTILE_CMDRS, OVERLONG_CMDR, make_squadron
from bot.sandbox.journal import generate_rows
from bot.sandbox.scene import COLUMNS
from bot.sandbox.squadrons import DemoSquadrons, build_demo
from bot.tenants import TenantRegistry

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2025, 11, 20, 9, 30, tzinfo=UTC)
BASE = "http://127.0.0.1:9/api"
YESTERDAY = ("2025-11-19T00:00:00", "2025-11-20T00:00:00")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSquadrons:
    return build_demo(tmp_path_factory.mktemp("demo"), NOW, webhook_base=BASE)


def ask(database: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql, values).fetchall()


def ask_all(demo: DemoSquadrons, sql: str) -> list[tuple[object, ...]]:
    return [row for database in demo.databases.values() for row in ask(database, sql)]


def dump(demo: DemoSquadrons) -> dict[str, list[str]]:
    lines = {}
    for tenant, database in demo.databases.items():
        with closing(sqlite3.connect(database)) as connection:
            lines[tenant] = list(connection.iterdump())
    return lines


def test_three_squadrons_have_a_hundred_thousand_events_in_ninety_days(demo: DemoSquadrons) -> None:
    counts = ask_all(demo, "SELECT count(*) FROM event")
    bounds = ask_all(demo, "SELECT min(timestamp), max(timestamp) FROM event")

    assert len(counts) == 3
    assert sum(int(str(count)) for (count,) in counts) == demo.events == 100_000
    for first, last in bounds:
        assert str(first).startswith("2025-08-22T")
        assert str(last).startswith("2025-11-19T")


def test_the_same_day_gives_the_same_rows(tmp_path: Path) -> None:
    one = build_demo(tmp_path / "one", NOW, webhook_base=BASE, events=2_000)
    later = NOW.replace(hour=23)
    two = build_demo(tmp_path / "two", later, webhook_base=BASE, events=2_000)

    assert dump(one) == dump(two)
    assert one.tenant_file.read_text("utf-8") == two.tenant_file.read_text("utf-8")


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    one = build_demo(tmp_path / "one", NOW, webhook_base=BASE, events=500, seed=1)
    two = build_demo(tmp_path / "two", NOW, webhook_base=BASE, events=500, seed=2)

    assert dump(one) != dump(two)


def test_building_again_replaces_the_earlier_demo(tmp_path: Path) -> None:
    build_demo(tmp_path, NOW, webhook_base=BASE, events=900)
    again = build_demo(tmp_path, NOW, webhook_base=BASE, events=300)

    assert sum(int(str(count)) for (count,) in ask_all(again, "SELECT count(*) FROM event")) == 300
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["tenant.json", *(path.name for path in again.databases.values())]
    )


def test_a_clock_without_time_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="aware"):
        build_demo(tmp_path, datetime(2025, 11, 20), webhook_base=BASE)  # naive on purpose


def test_every_column_that_is_filled_is_the_backends() -> None:
    for table, columns in COLUMNS.items():
        assert set(columns) <= set(metadata.tables[table].columns.keys())


def test_yesterday_has_something_for_every_section_of_every_squadron(demo: DemoSquadrons) -> None:
    for database in demo.databases.values():
        for table in sorted(COLUMNS.keys() - {"event", "mission_completed_influence"}):
            rows = ask(
                database,
                f"SELECT count(*) FROM {table} d JOIN event e ON e.id = d.event_id"
                " WHERE e.timestamp >= ? AND e.timestamp < ?",
                *(YESTERDAY if table in WELL_FILLED else ("2025-08-01", "2025-12-01")),
            )
            assert rows != [(0,)], (database.name, table)


WELL_FILLED = {
    "market_buy_event",
    "market_sell_event",
    "mission_completed_event",
    "synthetic_cz",
    "synthetic_ground_cz",
}


def test_names_are_hostile(demo: DemoSquadrons) -> None:
    names = {name for (name,) in ask_all(demo, "SELECT DISTINCT cmdr FROM event")}

    assert {*HOSTILE_CMDRS, OVERLONG_CMDR, "", None} <= names


def test_names_fit_the_backends_columns_where_they_must() -> None:
    assert all(len(name) <= 64 for name in HOSTILE_CMDRS)
    assert len(OVERLONG_CMDR) > 64


def test_times_come_with_and_without_milliseconds(demo: DemoSquadrons) -> None:
    for column in ("timestamp", "ticktime"):
        texts = [str(text) for (text,) in ask_all(demo, f"SELECT DISTINCT {column} FROM event")]
        plain = sum(bool(re.fullmatch(r"[\d-]{10}T[\d:]{8}Z", text)) for text in texts)
        precise = sum(bool(re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{3}Z", text)) for text in texts)

        assert plain > 10
        assert precise > 10
        assert plain + precise == len([text for text in texts if text])


def test_ticks_come_about_once_a_day_with_every_kind_of_id(demo: DemoSquadrons) -> None:
    ticks = ask(demo.databases["demo-wolves"], "SELECT DISTINCT tickid FROM event")
    kinds = {str(tick)[:4] for (tick,) in ticks}

    assert 85 <= len(ticks) <= 125
    assert {"zoy-", "frc-", "unkn"} <= kinds
    assert any(re.fullmatch(r"[0-9a-f]{24}", str(tick)) for (tick,) in ticks)


def test_some_events_arrive_late(demo: DemoSquadrons) -> None:
    for database in demo.databases.values():
        times = [str(time) for (time,) in ask(database, "SELECT timestamp FROM event ORDER BY id")]
        backwards = sum(one[:19] > two[:19] for one, two in pairwise(times))

        assert 0.005 < backwards / len(times) < 0.05


def test_influence_leads_to_its_mission_in_both_forms(demo: DemoSquadrons) -> None:
    for database in demo.databases.values():
        rows = ask(
            database,
            "SELECT i.event_id IS NULL, count(*),"
            " sum(EXISTS (SELECT 1 FROM mission_completed_event m WHERE"
            "   CASE WHEN i.event_id IS NULL THEN m.event_id = i.mission_id"
            "   ELSE m.id = i.mission_id AND m.event_id = i.event_id END))"
            " FROM (SELECT * FROM mission_completed_influence WHERE id % 20 = 0) i GROUP BY 1",
        )
        assert len(rows) == 2
        for _, count, linked in rows:
            assert 0.97 * int(str(count)) < int(str(linked)) <= int(str(count))


def test_conflict_zones_are_corrected_in_both_forms_of_text(demo: DemoSquadrons) -> None:
    rows = ask_all(demo, "SELECT raw_json FROM event WHERE event LIKE 'Synthetic%CZ'")
    old = [ast.literal_eval(str(text)) for (text,) in rows if str(text).startswith("{'")]
    new = [json.loads(str(text)) for (text,) in rows if str(text).startswith('{"')]

    assert (None,) in rows
    for facts in (old, new):
        assert len(facts) > 100
        assert any(fact.get("low") == -1 and fact.get("medium") == 1 for fact in facts)
        assert any(fact.get("medium", 0) == -1 and fact.get("high") == 1 for fact in facts)


def test_tenant_file_posts_to_the_receiver_only(demo: DemoSquadrons) -> None:
    tenants = json.loads(demo.tenant_file.read_text("utf-8"))
    addresses = re.findall(r"https?://[^\"]+", demo.tenant_file.read_text("utf-8"))

    assert [tenant["id"] for tenant in tenants] == list(demo.databases)
    assert sorted(addresses) == sorted(channel.url for channel in demo.channels)
    for address in addresses:
        assert re.fullmatch(re.escape(BASE) + r"/webhooks/\d{17,20}/[\w-]+", address)
    for tenant in tenants:
        assert tenant["db_uri"] == f"sqlite:///{demo.databases[tenant['id']].name}"


def test_tenant_file_loads_without_a_fault(demo: DemoSquadrons) -> None:
    registry = TenantRegistry.load(demo.tenant_file, webhook_hosts=("127.0.0.1:9",))
    routes = {
        (tenant.id, report): [route.webhook.id for route in tenant.routes_for(report)]
        for tenant in registry.tenants
        for report in ("daily", "spacecz", "groundcz")
    }

    assert registry.problems == ()
    assert len(routes) == 9
    assert {tuple(ids) for ids in routes.values()} == {
        (channel.webhook_id,) for channel in demo.channels
    }


def test_rows_come_in_batches_and_order_of_arrival() -> None:
    squadron = make_squadron("x", "X", "Wolves", seed=1, cmdrs=5, systems=4)
    batches = list(
        generate_rows(
            squadron,
            start=datetime(2024, 2, 28, tzinfo=UTC),
            days=2,
            events=250,
            seed=1,
            batch_size=100,
        )
    )
    ids = [row[0] for batch in batches for row in batch["event"]]
    days = {str(row[2])[:10] for batch in batches for row in batch["event"]}

    assert [len(batch["event"]) for batch in batches] == [100, 100, 50]
    assert ids == list(range(1, 251))
    assert days == {"2024-02-28", "2024-02-29"}


def test_a_span_without_days_is_refused() -> None:
    squadron = make_squadron("x", "X", "Wolves", seed=1)
    with pytest.raises(ValueError, match="at least one day"):
        generate_rows(squadron, start=NOW, days=0, events=1, seed=1)
