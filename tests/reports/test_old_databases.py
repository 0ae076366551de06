"""Databases that lack a table or a column, each in turn, with and without filters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.backend import TenantDatabase
from tests.reports.asking import answer, truth
from tests.squadron import COLUMNS, NEWEST_LACKS, Squadron
from tests.truth import Question

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2025, 9, 13, 1, tzinfo=UTC)
LACKING = [
    *COLUMNS,
    *(
        f"{table}.{column}"
        for table, columns in COLUMNS.items()
        for column in columns
        if f"{table}.{column}" not in NEWEST_LACKS
    ),
]
OLDEST = NEWEST_LACKS - {"commit_crime_event.fine"} | {"commit_crime_event.bounty"}


def busy(lacks: frozenset[str]) -> Squadron:
    """Return a squadron that has done everything once, for two factions."""
    squadron = Squadron(lacks)
    for cmdr, faction in (("Ada", "Wolves"), ("Brann", "Straße")):
        more = {"raw_json": "{'low': 1, 'high': 2}", "ticktime": "2025-09-12T10:00:00Z"}

        def event(cmdr: str = cmdr, **values: Any) -> int:
            return squadron.event(cmdr=cmdr, tickid="zoy-1", **values)

        squadron.buy(500, 5, event(), station_faction=faction)
        squadron.sell(700, 7, event(), station_faction=faction)
        mission = squadron.mission(event(), awarding_faction=faction)
        squadron.influence("+++", mission, faction_name=faction, trend="DownBad")
        squadron.old_influence(
            "++", squadron.rows["mission_completed_event"][-1]["event_id"], faction_name=faction
        )
        squadron.voucher("bounty", 900, event(), faction=faction)
        squadron.voucher("CombatBond", 800, event(), factions=f'[{{"Faction": "{faction}"}}]')
        squadron.sale(1000, event())
        squadron.multi_sale(2000, event())
        squadron.crime(300, event(), faction=faction)
        squadron.cz("low", None, event(**more), faction=faction)
        squadron.ground_cz("high", None, event(**more), faction=faction, settlement="Grant Base")
    return squadron


def question(report: str, code: str, *factions: str) -> Question:
    return Question(report, code, NOW, faction_name="wolves", factions=factions)


@pytest.mark.parametrize(
    "lacks",
    [pytest.param(frozenset({name}) | NEWEST_LACKS, id=name) for name in LACKING]
    + [pytest.param(OLDEST, id="oldest")],
)
def test_what_is_left_is_reported_and_what_is_missing_named(
    lacks: frozenset[str], tmp_path: Path
) -> None:
    squadron = busy(lacks)
    uri = f"sqlite:///{tmp_path / 'old.db'}"
    squadron.store(uri)
    database = TenantDatabase(uri)
    for report in ("daily", "spacecz", "groundcz"):
        for code in ("ld", "all", "ct"):
            for factions in ((), ("STRASSE",)):
                asked = question(report, code, *factions)
                assert answer(database, asked) == truth(squadron, asked), asked
    database.dispose()


def test_fines_of_the_oldest_databases_can_be_narrowed_to_a_faction(backend_uri: str) -> None:
    squadron = busy(OLDEST)
    squadron.store(backend_uri)
    database = TenantDatabase(backend_uri)
    sections = answer(database, question("daily", "all", "wolves"))["sections"]
    database.dispose()
    assert [section["rows"] for section in sections if section["key"] == "fines"] == [
        [{"rank": 1, "cmdr": "Ada", "amount": 300}]
    ]
