"""The rules of the two conflict-zone summaries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.squadron import Squadron

if TYPE_CHECKING:
    from tests.reports.conftest import Asking


def sizes(ask: Asking, squadron: Squadron, report: str = "spacecz") -> dict[str, int]:
    (system,) = ask(squadron, report)["systems"]
    return {key: system[key] for key in ("low", "medium", "high", "unknown") if system[key]}


def test_a_system_shows_its_zones_by_size_and_by_cmdr(ask: Asking) -> None:
    squadron = Squadron()
    squadron.cz("low", event=squadron.event(cmdr="Bo"))
    squadron.cz("high", event=squadron.event(cmdr="Ada"))
    squadron.cz("high", event=squadron.event(cmdr="Ada"))
    squadron.cz(None, event=squadron.event(cmdr="Cy"))
    assert ask(squadron, "spacecz")["systems"] == [
        {
            "system": "Sol",
            "total": 4,
            "low": 1,
            "medium": 0,
            "high": 2,
            "unknown": 1,
            "cmdrs": [
                {"cmdr": "Ada", "low": 0, "medium": 0, "high": 2, "unknown": 0, "total": 2},
                {"cmdr": "Bo", "low": 1, "medium": 0, "high": 0, "unknown": 0, "total": 1},
                {"cmdr": "Cy", "low": 0, "medium": 0, "high": 0, "unknown": 1, "total": 1},
            ],
        }
    ]


def test_ground_zones_show_their_settlements(ask: Asking) -> None:
    squadron = Squadron()
    for settlement in ("Ashby", "Grant", "Grant", "ashby", None, ""):
        squadron.ground_cz("low", settlement=settlement)
    (system,) = ask(squadron, "groundcz")["systems"]
    assert system["settlements"] == [
        {"settlement": "Grant", "total": 2},
        {"settlement": "Unknown", "total": 2},
        {"settlement": "Ashby", "total": 1},
        {"settlement": "ashby", "total": 1},
    ]


def test_space_and_ground_zones_are_two_reports(ask: Asking) -> None:
    squadron = Squadron()
    squadron.cz("low")
    squadron.ground_cz("high", settlement="Grant")
    assert sizes(ask, squadron, "spacecz") == {"low": 1}
    assert sizes(ask, squadron, "groundcz") == {"high": 1}


def test_systems_come_by_total_then_by_name(ask: Asking) -> None:
    squadron = Squadron()
    for system in ("b", "A", "B", "a", "A", "z", "z", "z"):
        squadron.cz("low", event=squadron.event(starsystem=system))
    systems = ask(squadron, "spacecz")["systems"]
    assert [entry["system"] for entry in systems] == ["z", "A", "B", "a", "b"]


def test_missing_and_empty_names_read_unknown(ask: Asking) -> None:
    squadron = Squadron()
    for name in (None, "", "Unknown"):
        squadron.cz("low", event=squadron.event(cmdr=name, starsystem=name))
    (system,) = ask(squadron, "spacecz")["systems"]
    assert (system["system"], system["total"]) == ("Unknown", 3)
    assert [line["cmdr"] for line in system["cmdrs"]] == ["Unknown"]


@pytest.mark.parametrize("write", [str, json.dumps])
def test_raw_json_counts_whatever_cz_type_says(ask_sqlite: Asking, write: Any) -> None:
    squadron = Squadron()
    squadron.cz("low", write({"event": "SyntheticCZ", "medium": 1, "low": -1, "x": None}))
    squadron.cz("high", write({"high": 2, "medium": 3}))
    assert sizes(ask_sqlite, squadron) == {"low": -1, "medium": 4, "high": 2}


def test_a_zone_that_grew_counts_once(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    squadron.ground_cz("low", {"low": 1})
    squadron.ground_cz("medium", {"medium": 1, "low": -1})
    squadron.ground_cz("high", {"high": 1, "medium": -1})
    assert sizes(ask_sqlite, squadron, "groundcz") == {"high": 1}


UNCOUNTED = [
    *(None, "", "null", "[1]", "5", "{", '{"low": 2', "{}", '{"Low": 2}', "low=2", "dict(low=2)"),
    *('{"low": true}', '{"low": 2.0}', '{"low": "2"}', '{"low": null}', '{"low": [2]}', "{" * 5000),
    *("{'low': True}", "{'low': 2.0}", "{'low': 1+1}", "{'low': __import__('os')}", "\0"),
    *('{"a": {"low": 2}}', "{'a': '\"low\": 2'}", '{"a": "\'low\': 2, \\"low\\": 2"}'),
]
"""Texts that are unreadable or hold no whole number under any size."""


def test_without_a_whole_number_cz_type_counts_one(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    for raw in UNCOUNTED:
        squadron.cz("medium", raw)
        squadron.cz(None, raw)
        squadron.cz("", raw)
    number = len(UNCOUNTED)
    assert sizes(ask_sqlite, squadron) == {"medium": number, "unknown": 2 * number}


def test_a_zero_is_a_whole_number(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    squadron.cz("medium", {"low": 0})
    squadron.cz("high", {"low": 0, "high": 1})
    assert sizes(ask_sqlite, squadron) == {"high": 1}


def test_what_comes_to_nothing_is_left_out_and_corrections_are_shown(ask: Asking) -> None:
    squadron = Squadron()
    for cmdr, low in (("Even", 1), ("Even", -1), ("Below", -2), ("Ada", 1)):
        event = squadron.event(cmdr=cmdr, raw_json=str({"low": low}))
        squadron.ground_cz(None, event=event, settlement="Grant" if cmdr == "Even" else "Ashby")
    squadron.ground_cz(None, event=squadron.event(starsystem="Ross", raw_json="{'low': 0}"))
    (system,) = ask(squadron, "groundcz")["systems"]
    assert (system["system"], system["total"], system["low"]) == ("Sol", -1, -1)
    assert [(line["cmdr"], line["total"]) for line in system["cmdrs"]] == [
        ("Ada", 1),
        ("Below", -2),
    ]
    assert system["settlements"] == [{"settlement": "Ashby", "total": -1}]


def test_a_system_with_counts_that_cancel_out_is_still_shown(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    squadron.cz(None, {"low": 1, "high": -1})
    (system,) = ask_sqlite(squadron, "spacecz")["systems"]
    assert (system["total"], system["low"], system["high"]) == (0, 1, -1)
    assert len(system["cmdrs"]) == 1


def test_top_does_not_cut_conflict_zones(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    for number in range(7):
        squadron.cz("low", event=squadron.event(cmdr=f"Cmdr {number}"))
    (system,) = ask_sqlite(squadron, "spacecz", top=2)["systems"]
    assert len(system["cmdrs"]) == 7


def test_huge_numbers_do_not_overflow(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    squadron.cz(None, {"low": 10**30})
    assert sizes(ask_sqlite, squadron) == {"low": 10**30}
