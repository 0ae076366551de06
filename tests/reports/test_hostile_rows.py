"""SQLite keeps anything in any column: nothing of it may stop a report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.periods import Period
from bot.reports import Filters, run
from bot.reports.export import to_csv, to_json
from tests.servers import writable_engine
from tests.squadron import Squadron

if TYPE_CHECKING:
    from pathlib import Path

    from tests.reports.conftest import Asking

NOW = datetime(2025, 9, 12, 20, 0, tzinfo=UTC)


def put(uri: str, table: str, column: str, value: Any) -> None:
    """Write a value as it is, past all types."""
    target = sa.table(table, sa.column(column))
    with writable_engine(uri).begin() as connection:
        connection.execute(target.update().values({column: sa.literal(value)}))


def full_squadron() -> Squadron:
    squadron = Squadron()
    event = squadron.event(tickid="zoy-1", ticktime="2025-09-12T10:00:00Z", raw_json="{'low': 1}")
    squadron.influence("+", squadron.mission(event))
    squadron.old_influence("+", event)
    squadron.buy(5, 5, event)
    squadron.sell(5, 5, event)
    squadron.voucher("bounty", 5, event)
    squadron.sale(5, event)
    squadron.multi_sale(5, event)
    squadron.crime(5, event)
    squadron.cz("low", event=event)
    squadron.ground_cz("low", event=event, settlement="Grant")
    return squadron


def test_any_value_in_any_column_is_survived(tmp_path: Path, ask_sqlite: Asking) -> None:
    squadron = full_squadron()
    uri = f"sqlite:///{tmp_path}/hostile.db"
    squadron.store(uri)
    database = ask_sqlite.open(uri)
    columns = [
        (table, column)
        for table, names in squadron.tables.items()
        for column in names
        if column != "id" and (table, column) != ("event", "event")
    ]
    for value in ("junk", "12", 1.5, b"\xff\x00", "a\0b", -(2**63), 2**63 - 1):
        for table, column in columns:
            put(uri, table, column, value)
        for report in ("daily", "spacecz", "groundcz"):
            for period in (Period.TODAY, Period.ALL_TIME, Period.THIS_TICK):
                for filters in (Filters(), Filters(("Sol",), ("a",), ("x",), ("y",))):
                    result = run(
                        database, report, period, NOW, filters=filters, faction_name="junk"
                    )
                    to_json(result, "w").encode()
                    to_csv(result)


def test_numbers_written_as_text_count_and_rubbish_does_not(
    tmp_path: Path, ask_sqlite: Asking
) -> None:
    uri = f"sqlite:///{tmp_path}/texts.db"
    with writable_engine(uri).begin() as connection:
        for table, columns in Squadron().tables.items():
            names = ", ".join(f'"{name}"' for name in sorted(columns))  # columns of no type
            connection.execute(sa.text(f'CREATE TABLE "{table}" ({names})'))
    squadron = Squadron()
    event = squadron.event()
    for value in ("12", "30", "junk", None, "", 2**40):
        squadron.add("redeem_voucher_event", event_id=event, type="bounty", amount=value)
    squadron.replace(uri)
    result = run(ask_sqlite.open(uri), "daily", Period.TODAY, NOW)
    assert result.sections[0].total == 42 + 2**40  # type: ignore[union-attr]  # it is daily


def test_sums_beyond_64_bits_are_survived_and_right(tmp_path: Path, ask_sqlite: Asking) -> None:
    squadron = Squadron()
    for _ in range(3):
        squadron.voucher("bounty", 2**63 - 1)
        squadron.voucher("CombatBond", -(2**63))
    sections = ask_sqlite.sections(squadron)
    assert sections["bounties"]["total"] == {"amount": 3 * (2**63 - 1)}
    assert sections["bonds"]["total"] == {"amount": -3 * 2**63}


def test_text_that_is_no_unicode_is_survived(tmp_path: Path, ask_sqlite: Asking) -> None:
    squadron = full_squadron()
    uri = f"sqlite:///{tmp_path}/bytes.db"
    squadron.store(uri)
    target = sa.table("event", sa.column("cmdr"))
    broken = sa.cast(sa.literal(b"A\xed\xa0\x80\xff"), sa.Text)
    with writable_engine(uri).begin() as connection:
        connection.execute(target.update().values(cmdr=broken))
    result = run(ask_sqlite.open(uri), "daily", Period.TODAY, NOW)
    assert result.sections[0].rows[0].cmdr.startswith("A\ufffd")  # type: ignore[union-attr]
