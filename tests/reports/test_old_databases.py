"""Databases that are older than a table or a column: the rest is still told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.reports.asking import answer, truth
from tests.squadron import COLUMNS, Squadron
from tests.truth import Question

if TYPE_CHECKING:
    from tests.reports.conftest import Asking

NOW = datetime(2025, 9, 12, 20, 0, tzinfo=UTC)
TICK = {"tickid": "zoy-1", "ticktime": "2025-09-12T10:00:00Z"}

LACKING = [
    *(table for table in COLUMNS),
    *(
        f"{table}.{column}"
        for table, columns in COLUMNS.items()
        for column in columns
        if column not in ("id", "event", "systemaddress", "fine")
    ),
]
"""Every table and every column that a report reads."""


@pytest.fixture(scope="module")
def squadron() -> Squadron:
    """One row of every kind, so that whatever is missing is missed."""
    squadron = Squadron()
    raw = json.dumps({"low": 2, "high": 1})

    def event() -> int:
        return squadron.event(raw_json=raw, starsystem="Sol", **TICK)

    for faction in ("Wolves", "Lambs"):
        mission = squadron.mission(event(), awarding_faction=faction)
        squadron.influence("+++", mission, faction_name=faction, trend="DownBad")
        other = event()
        squadron.mission(other, awarding_faction=faction)
        squadron.old_influence("++", other, faction_name=faction)
        squadron.buy(100, 2, event(), station_faction=faction)
        squadron.sell(1000, 3, event(), station_faction=faction)
        squadron.voucher("bounty", 5, event(), faction=faction)
        listed = json.dumps([{"Faction": faction, "Amount": 6}])
        squadron.voucher("CombatBond", 6, event(), faction="", factions=listed)
        squadron.sale(7, event())
        squadron.multi_sale(8, event())
        squadron.crime(9, event(), faction=faction)
        squadron.cz("medium", event=event(), faction=faction)
        squadron.ground_cz("medium", event=event(), faction=faction, settlement="Grant")
    return squadron


def questions() -> list[Question]:
    asked = []
    for report in ("daily", "spacecz", "groundcz"):
        for code in ("cd", "all", "ct"):
            plain = Question(report, code, NOW, faction_name="wolves")
            narrowed = Question(
                *(report, code, NOW, "wolves", ("sol",), ("wolves",), ("ada",), ("grant",))
            )
            asked += [plain, narrowed]
    return asked


@pytest.mark.parametrize("lacking", LACKING)
def test_what_a_database_lacks_is_named_and_the_rest_is_told(
    ask_sqlite: Asking, squadron: Squadron, lacking: str
) -> None:
    older = squadron.without(lacking)
    database = ask_sqlite.database(older)
    for question in questions():
        assert answer(database, question) == truth(older, question)


OLDER = (
    *("mission_completed_influence.event_id", "redeem_voucher_event.factions"),
    *("market_buy_event.station_faction", "market_sell_event.station_faction"),
)
OLDEST = (
    *("synthetic_ground_cz", "synthetic_cz.cz_type", "market_buy_event.value", "event.raw_json"),
    *("mission_completed_influence.trend", "multi_sell_exploration_data_event"),
)


@pytest.mark.parametrize(
    "lacking", [(), OLDER, OLDEST, ("event",)], ids=["newest", "older", "oldest", "empty"]
)
def test_old_databases_on_every_engine(
    ask: Asking, squadron: Squadron, lacking: tuple[str, ...]
) -> None:
    older = squadron.without(*lacking)
    database = ask.database(older)
    for question in questions():
        assert answer(database, question) == truth(older, question)


def test_fines_stand_in_for_bounties(ask: Asking, squadron: Squadron) -> None:
    oldest = Squadron(frozenset({"commit_crime_event.bounty"}), squadron.rows)
    answered = ask(oldest)
    assert answered["sections"][-1]["total"] == {"amount": 18}
    assert answered["missing"] == []


def test_where_there_are_both_bounties_count(ask_sqlite: Asking) -> None:
    both = Squadron(frozenset())
    both.add("commit_crime_event", event_id=both.event(), faction="", bounty=5, fine=70)
    assert ask_sqlite.sections(both)["fines"]["total"] == {"amount": 5}


def test_without_either_the_newer_name_is_missing(ask_sqlite: Asking, squadron: Squadron) -> None:
    neither = squadron.without("commit_crime_event.bounty")
    answered = ask_sqlite(neither)
    assert answered["missing"] == ["commit_crime_event.bounty"]
    assert "fines" not in [section["key"] for section in answered["sections"]]


def test_an_old_link_stands_in_for_the_new_one(ask: Asking, squadron: Squadron) -> None:
    older = squadron.without("mission_completed_influence.event_id")
    answered = ask(older)
    assert answered["missing"] == []


def test_where_one_of_two_tables_is_missing_the_other_counts(
    ask_sqlite: Asking, squadron: Squadron
) -> None:
    for table, key, total in (
        ("market_buy_event", "market", {"volume": 2000, "tonnes": 6}),
        ("market_sell_event.count", "market", {"volume": 200, "tonnes": 4}),
        ("sell_exploration_data_event", "exploration", {"amount": 16}),
        ("multi_sell_exploration_data_event.total_earnings", "exploration", {"amount": 14}),
    ):
        older = squadron.without(table)
        assert ask_sqlite.sections(older)[key]["total"] == total
        assert ask_sqlite(older)["missing"] == [table]


def test_what_a_report_does_not_read_is_not_missing(ask_sqlite: Asking, squadron: Squadron) -> None:
    older = squadron.without("synthetic_cz", "event.raw_json", "market_buy_event.station_faction")
    assert ask_sqlite(older)["missing"] == []
    assert ask_sqlite(older, factions=("wolves",))["missing"] == [
        "market_buy_event.station_faction"
    ]
    assert ask_sqlite(older, "groundcz")["missing"] == ["event.raw_json"]
    assert ask_sqlite(older, "spacecz")["missing"] == ["event.raw_json", "synthetic_cz"]


def test_an_empty_file_lacks_everything(ask: Asking) -> None:
    nothing = Squadron(frozenset(COLUMNS))
    assert ask(nothing)["missing"] == [
        "commit_crime_event",
        "event",
        "market_buy_event",
        "market_sell_event",
        "mission_completed_event",
        "mission_completed_influence",
        "multi_sell_exploration_data_event",
        "redeem_voucher_event",
        "sell_exploration_data_event",
    ]
    assert ask(nothing, "groundcz")["missing"] == ["event", "synthetic_ground_cz"]
