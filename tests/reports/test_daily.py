"""The rules of the daily summary, one by one; on every engine where engines differ."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.squadron import Squadron

if TYPE_CHECKING:
    from tests.reports.conftest import Asking


def test_sections_come_in_their_order_with_their_titles(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    squadron.crime(7)
    squadron.multi_sale(6)
    squadron.sale(5)
    squadron.voucher("CombatBond", 4)
    squadron.voucher("bounty", 3)
    squadron.influence("++", squadron.mission())
    squadron.buy(100, 1)
    answer = ask_sqlite(squadron, faction_name="wolves")
    assert [(section["key"], section["title"]) for section in answer["sections"]] == [
        ("market", "Market Events"),
        ("missions", "Missions Completed"),
        ("influence", "Influence by Faction"),
        ("own_influence", "Influence wolves"),
        ("bounties", "Bounty Vouchers"),
        ("bonds", "Combat Bonds"),
        ("exploration", "Exploration Sales"),
        ("fines", "Bounty Fines"),
    ]


def test_market_adds_buying_and_selling_and_is_ordered_by_tonnes(ask: Asking) -> None:
    squadron = Squadron()
    squadron.buy(1000, 1, squadron.event(cmdr="Rich"))
    squadron.sell(10, 5, squadron.event(cmdr="Busy"))
    squadron.buy(20, 6, squadron.event(cmdr="Busy"))
    assert ask.sections(squadron)["market"] == {
        "key": "market",
        "title": "Market Events",
        "cmdrs": 2,
        "total": {"volume": 1030, "tonnes": 12},
        "rows": [
            {"rank": 1, "cmdr": "Busy", "volume": 30, "tonnes": 11},
            {"rank": 2, "cmdr": "Rich", "volume": 1000, "tonnes": 1},
        ],
    }


def test_market_without_volume_is_left_out(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    squadron.buy(0, 9, squadron.event(cmdr="Free"))
    squadron.buy(-5, 9, squadron.event(cmdr="Odd"))
    squadron.buy(1, None, squadron.event(cmdr="Ada"))
    rows = ask_sqlite.sections(squadron)["market"]["rows"]
    assert rows == [{"rank": 1, "cmdr": "Ada", "volume": 1, "tonnes": 0}]


def test_only_the_top_is_shown_but_the_total_is_over_all(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    for number in range(8):
        squadron.voucher("bounty", 10 + number, squadron.event(cmdr=f"Cmdr {number}"))
    shown = ask_sqlite.sections(squadron)["bounties"]
    assert [row["amount"] for row in shown["rows"]] == [17, 16, 15, 14, 13]
    assert (shown["cmdrs"], shown["total"]) == (8, {"amount": 108})
    assert len(ask_sqlite.sections(squadron, top=2)["bounties"]["rows"]) == 2
    assert len(ask_sqlite.sections(squadron, top=None)["bounties"]["rows"]) == 8


def test_events_without_a_cmdr_are_left_out(ask: Asking) -> None:
    squadron = Squadron()
    squadron.crime(1, squadron.event(cmdr=None))
    squadron.crime(2, squadron.event(cmdr=""))
    squadron.crime(4, squadron.event(cmdr=" "))
    section = ask.sections(squadron)["fines"]
    assert section["rows"] == [{"rank": 1, "cmdr": " ", "amount": 4}]
    assert (section["cmdrs"], section["total"]) == (1, {"amount": 4})


def test_rows_worth_nothing_and_sections_without_rows_are_left_out(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    squadron.sale(0)
    squadron.multi_sale(None)
    squadron.voucher("bounty", 5, squadron.event(cmdr="Even"))
    squadron.voucher("bounty", -5, squadron.event(cmdr="Even"))
    squadron.voucher("bounty", -3, squadron.event(cmdr="Below"))
    sections = ask_sqlite.sections(squadron)
    assert list(sections) == ["bounties"]
    assert sections["bounties"]["rows"] == [{"rank": 1, "cmdr": "Below", "amount": -3}]


def test_names_are_told_apart_and_ties_sorted_by_code_point(ask: Asking) -> None:
    names = ["ada", "Ada", "ADA", "Ada ", "Äda", "Ａda", "\uffff", "😀", "Zoe"]
    squadron = Squadron()
    for name in names:
        squadron.crime(5, squadron.event(cmdr=name))
    rows = ask.sections(squadron, top=None)["fines"]["rows"]
    assert [row["cmdr"] for row in rows] == sorted(names)
    assert {row["amount"] for row in rows} == {5}


def test_ties_of_influence_are_broken_by_cmdr_then_by_faction(ask: Asking) -> None:
    squadron = Squadron()
    for cmdr, faction in (("B", "x"), ("A", "y"), ("A", "Y"), ("A", "y ")):
        squadron.influence("+", squadron.mission(squadron.event(cmdr=cmdr)), faction_name=faction)
    rows = ask.sections(squadron)["influence"]["rows"]
    expected = [("A", "Y"), ("A", "y"), ("A", "y "), ("B", "x")]
    assert [(row["cmdr"], row["faction"]) for row in rows] == expected


def test_sums_go_beyond_32_bits(ask: Asking) -> None:
    squadron = Squadron()
    for _ in range(5):
        squadron.buy(2**31 - 1, 2**31 - 1)
        squadron.voucher("bounty", 2**31 - 1)
    sections = ask.sections(squadron)
    assert sections["market"]["total"] == {"volume": 5 * 2**31 - 5, "tonnes": 5 * 2**31 - 5}
    assert sections["bounties"]["rows"][0]["amount"] == 5 * 2**31 - 5


def test_an_event_sent_twice_counts_twice(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    for _ in range(2):
        squadron.mission(squadron.event("2025-09-12T10:00:00Z"))
    assert ask_sqlite.sections(squadron)["missions"]["total"] == {"missions": 2}


def test_the_detail_row_decides_whatever_the_event_is_called(ask: Asking) -> None:
    squadron = Squadron()
    squadron.mission(squadron.event(event="MarketBuy"))
    squadron.event(event="MissionCompleted")
    sections = ask.sections(squadron)
    assert list(sections) == ["missions"]
    assert sections["missions"]["total"] == {"missions": 1}


def test_vouchers_count_by_their_exact_type(ask: Asking) -> None:
    squadron = Squadron()
    for kind in ("Bounty", "bounty ", "combatbond", "trade", "scannable", None, ""):
        squadron.voucher(kind, 1)
    squadron.voucher("bounty", 10)
    squadron.voucher("CombatBond", 100)
    sections = ask.sections(squadron)
    assert {key: section["total"]["amount"] for key, section in sections.items()} == {
        "bounties": 10,
        "bonds": 100,
    }


def test_exploration_adds_both_kinds_of_sale(ask: Asking) -> None:
    squadron = Squadron()
    squadron.sale(10)
    squadron.multi_sale(200)
    assert ask.sections(squadron)["exploration"]["total"] == {"amount": 210}


WORTHS = [
    ("+", "UpGood", 1),
    ("+++++", "DownGood", 5),
    ("++++++++", "UpGood", 8),
    ("+++", "DownBad", -3),
    ("++", "UpBad", -2),
    ("+", "whatever", -1),
    ("+", "upgood", -1),
    ("+", "UpGood ", -1),
    ("++", None, 2),
    ("++", "", 2),
    ("--", "UpGood", -2),
    ("--", "DownBad", -2),
    ("------", None, -6),
]
"""Influence, its trend and what it is worth."""


def test_influence_is_worth_its_signs(ask: Asking) -> None:
    squadron = Squadron()
    for number, (influence, trend, _) in enumerate(WORTHS):
        mission = squadron.mission(squadron.event(cmdr=f"{number:02}"))
        squadron.influence(influence, mission, trend=trend)
    rows = ask.sections(squadron, top=None)["influence"]["rows"]
    found = {row["cmdr"]: row["influence"] for row in rows}
    assert found == {f"{number:02}": worth for number, (_, _, worth) in enumerate(WORTHS)}


def test_influence_that_is_a_word_or_nothing_is_worth_nothing(ask: Asking) -> None:
    squadron = Squadron()
    for influence in (None, "", "None", "Low", "Co-op", " "):
        squadron.influence(influence, squadron.mission(), trend="DownBad")
    assert "influence" not in ask.sections(squadron)


def test_both_link_formats_count_even_where_ids_coincide(ask: Asking) -> None:
    squadron = Squadron()
    first = squadron.event(cmdr="Old")
    second = squadron.event(cmdr="New")
    squadron.mission(second)  # id 1, which is also the id of the first event
    squadron.mission(first)
    squadron.old_influence("+", first)
    squadron.influence("+++", 1)
    rows = ask.sections(squadron)["influence"]["rows"]
    assert [(row["cmdr"], row["influence"]) for row in rows] == [("New", 3), ("Old", 1)]


def test_influence_without_its_mission_row_is_dropped(ask: Asking) -> None:
    squadron = Squadron()
    squadron.mission(squadron.event())
    other = squadron.event()
    table = "mission_completed_influence"
    values = {"influence": "+", "trend": None, "faction_name": "Wolves"}
    squadron.add(table, mission_id=99, event_id=1, **values)
    squadron.add(table, mission_id=other, event_id=None, **values)
    squadron.add(table, mission_id=77, event_id=None, **values)
    assert "influence" not in ask.sections(squadron)


def test_a_missing_faction_name_reads_as_empty(ask: Asking) -> None:
    squadron = Squadron()
    for name in (None, ""):
        squadron.influence("+", squadron.mission(), faction_name=name)
    assert ask.sections(squadron)["influence"]["rows"] == [
        {"rank": 1, "cmdr": "Ada", "faction": "", "influence": 2}
    ]


def test_own_faction_is_found_by_part_of_its_name_whatever_the_case(ask: Asking) -> None:
    squadron = Squadron()
    for faction in ("Wolves of STRASSE", "wolves", "Lambs", ""):
        mission = squadron.mission(squadron.event(cmdr="Ada"))
        squadron.influence("++", mission, faction_name=faction)
    squadron.influence("-", squadron.mission(squadron.event(cmdr="Bo")), faction_name="WOLVES")
    assert ask.sections(squadron, faction_name="Wolves")["own_influence"] == {
        "key": "own_influence",
        "title": "Influence Wolves",
        "cmdrs": 2,
        "total": {"influence": 3},
        "rows": [
            {"rank": 1, "cmdr": "Ada", "influence": 4},
            {"rank": 2, "cmdr": "Bo", "influence": -1},
        ],
    }
    own = ask.sections(squadron, faction_name="straße")["own_influence"]
    assert own["total"] == {"influence": 2}


@pytest.mark.parametrize("name", [None, "", "  "])
def test_without_an_own_faction_the_log_says_so_once(
    ask_sqlite: Asking, caplog: pytest.LogCaptureFixture, name: str | None
) -> None:
    squadron = Squadron()
    squadron.influence("+", squadron.mission())
    with caplog.at_level(logging.INFO, "bot.reports"):
        assert "own_influence" not in ask_sqlite.sections(squadron, faction_name=name)
    assert len([record for record in caplog.records if "faction_name" in record.message]) == 1


def test_a_faction_with_nothing_left_over_has_no_row(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    mission = squadron.mission()
    squadron.influence("+", mission, faction_name="Wolves", trend="UpGood")
    squadron.influence("+", mission, faction_name="Wolves", trend="UpBad")
    squadron.influence("+", mission, faction_name="Lambs")
    section = ask_sqlite.sections(squadron)["influence"]
    assert [row["faction"] for row in section["rows"]] == ["Lambs"]
    assert section["total"] == {"influence": 1}
