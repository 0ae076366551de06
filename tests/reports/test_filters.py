"""What narrows a report, and what it is compared with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.squadron import Squadron

if TYPE_CHECKING:
    from tests.reports.conftest import Asking


def totals(ask: Asking, squadron: Squadron, **filters: Any) -> dict[str, Any]:
    sections = ask.sections(squadron, **filters)
    return {key: sum(section["total"].values()) for key, section in sections.items()}


@pytest.mark.parametrize("asked", ["SOL", "sol", "Sol"])
def test_system_and_cmdr_are_compared_whole_whatever_the_case(ask: Asking, asked: str) -> None:
    squadron = Squadron()
    squadron.crime(1, squadron.event(cmdr="Sol", starsystem="Ross"))
    squadron.crime(10, squadron.event(cmdr="Solo", starsystem="Sol"))
    squadron.crime(100, squadron.event(cmdr="Ada", starsystem="Sol 2"))
    assert totals(ask, squadron, systems=(asked,)) == {"fines": 10}
    assert totals(ask, squadron, cmdrs=(asked,)) == {"fines": 1}


def test_names_fold_as_unicode_does(ask: Asking) -> None:
    squadron = Squadron()
    squadron.crime(1, squadron.event(starsystem="Straße"))
    squadron.crime(10, squadron.event(starsystem="ΣΊΣΥΦΟΣ"))
    squadron.crime(100, squadron.event(starsystem="Strasse "))
    assert totals(ask, squadron, systems=("STRASSE",)) == {"fines": 1}
    assert totals(ask, squadron, systems=("σίσυφος",)) == {"fines": 10}


def test_several_names_mean_any_of_them(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    for amount, cmdr in ((1, "Ada"), (10, "Bo"), (100, "Cy")):
        squadron.crime(amount, squadron.event(cmdr=cmdr))
    assert totals(ask_sqlite, squadron, cmdrs=("ada", "CY")) == {"fines": 101}


def test_faction_is_the_one_that_the_work_was_for(ask: Asking) -> None:
    squadron = Squadron()
    for name in ("Wolves", "Lambs", None):
        mission = squadron.mission(awarding_faction=name)
        squadron.influence("++", mission, faction_name=name)
        squadron.buy(10, 0, station_faction=name)
        squadron.sell(100, 0, station_faction=name)
        squadron.voucher("bounty", 7, faction=name)
        squadron.voucher("CombatBond", 8, faction=name)
        squadron.crime(9, faction=name)
        squadron.sale(1000)
        squadron.multi_sale(1000)
    assert totals(ask, squadron, factions=("WOLVES",), faction_name="wolves") == {
        "market": 110,
        "missions": 1,
        "influence": 2,
        "own_influence": 2,
        "bounties": 7,
        "bonds": 8,
        "fines": 9,
    }


def test_a_voucher_without_a_faction_is_for_any_of_its_list(ask: Asking) -> None:
    listed = [{"Faction": "Wolves", "Amount": 1}, {"Faction": "Lambs", "Amount": 2}]
    squadron = Squadron()
    squadron.voucher("bounty", 1, faction="", factions=json.dumps(listed))
    squadron.voucher("bounty", 10, faction=None, factions=str(listed))
    squadron.voucher("bounty", 100, faction="Foxes", factions=json.dumps(listed))
    for broken in ("[", "", None, "{}", "5", '["Wolves', "[{}]", '[{"Faction": 5}]'):
        squadron.voucher("bounty", 1000, faction="", factions=broken)
    assert totals(ask, squadron, factions=("lambs",)) == {"bounties": 11}
    assert totals(ask, squadron, factions=("foxes",)) == {"bounties": 100}


def test_filters_add_up(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    number = 1
    for cmdr in ("Ada", "Bo"):
        for system in ("Sol", "Ross"):
            for faction in ("Wolves", "Lambs"):
                squadron.crime(
                    number, squadron.event(cmdr=cmdr, starsystem=system), faction=faction
                )
                number *= 10
    narrowed = totals(ask_sqlite, squadron, cmdrs=("bo",), systems=("sol",), factions=("lambs",))
    assert narrowed == {"fines": 10**5}


@pytest.mark.parametrize("report", ["spacecz", "groundcz"])
def test_conflict_zones_are_narrowed_too(ask: Asking, report: str) -> None:
    squadron = Squadron()
    for cmdr, system, faction in (
        ("Ada", "Sol", "Wolves"),
        ("Bo", "Sol", "Wolves"),
        ("Ada", "Ross", "Wolves"),
        ("Ada", "Sol", "Lambs"),
    ):
        event = squadron.event(cmdr=cmdr, starsystem=system)
        squadron.cz("low", event=event, faction=faction)
        squadron.ground_cz("low", event=event, faction=faction, settlement="Base")
    filters: dict[str, Any] = {"cmdrs": ("ADA",), "systems": ("SOL",), "factions": ("WOLVES",)}
    (system,) = ask(squadron, report, **filters)["systems"]
    assert (system["system"], system["total"]) == ("Sol", 1)


def test_settlement_narrows_ground_zones_only(ask: Asking) -> None:
    squadron = Squadron()
    for name in ("Grant Base", "grant base", "Ashby", None):
        squadron.ground_cz("high", settlement=name)
        squadron.cz("high")
    ground = ask(squadron, "groundcz", settlements=("GRANT BASE",))["systems"]
    assert [entry["settlement"] for entry in ground[0]["settlements"]] == [
        "Grant Base",
        "grant base",
    ]
    assert ask(squadron, "spacecz", settlements=("GRANT BASE",))["systems"][0]["total"] == 4


def test_hostile_names_are_compared_and_never_sent(ask: Asking) -> None:
    squadron = Squadron()
    squadron.crime(1)
    for name in ("\0", "\ud800", "'; DROP TABLE event; --", "%", ""):
        assert totals(ask, squadron, cmdrs=(name,)) == {}
