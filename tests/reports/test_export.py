"""Results as JSON and CSV, in the form that others build on."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from bot.periods import Period, Tick, Window, window_for
from bot.reports.export import to_csv, to_dict, to_json
from bot.reports.results import (
    CzCmdr,
    CzCounts,
    CzResult,
    CzSettlement,
    CzSystem,
    DailyResult,
    Row,
    Section,
    SectionKey,
)

NOW = datetime(2025, 9, 12, 12, tzinfo=UTC)
YESTERDAY = window_for(Period.YESTERDAY, NOW)

DAILY = DailyResult(
    YESTERDAY,
    (
        Section(
            SectionKey.MARKET,
            "Market Events",
            14,
            14,
            9876543,
            (Row(1, "Ada", 1234567, tonnes=890),),
            tonnes=4321,
        ),
        Section(SectionKey.MISSIONS, "Missions Completed", 9, 9, 57, (Row(1, "Ada", 12),)),
        Section(
            SectionKey.INFLUENCE,
            "Influence by Faction",
            8,
            20,
            120,
            (Row(1, "Ada", 31, faction="Wolves"), Row(2, "Ädá 🦊", 1, faction="")),
        ),
        Section(SectionKey.OWN_INFLUENCE, "Influence Wolves", 5, 5, 77, (Row(1, "Ada", 31),)),
        *(
            Section(key, title, 3, 3, 9000000, (Row(1, "Ada", 5000000),))
            for key, title in (
                (SectionKey.BOUNTIES, "Bounty Vouchers"),
                (SectionKey.BONDS, "Combat Bonds"),
                (SectionKey.EXPLORATION, "Exploration Sales"),
                (SectionKey.FINES, "Bounty Fines"),
            )
        ),
    ),
    missing=("synthetic_cz",),
    newest_event="2025-09-11T23:00:00Z",
)
COUNTS = CzCounts(low=1, high=2, unknown=1)


def cz(report: str, window: Window = YESTERDAY) -> CzResult:
    settlements = (CzSettlement("Grant Base", 4),) if report == "groundcz" else ()
    return CzResult(
        report, window, (CzSystem("Sol", COUNTS, (CzCmdr("Ada", COUNTS),), settlements),)
    )


def test_the_daily_summary_reads_as_documented() -> None:
    amounts = {
        "cmdrs": 3,
        "total": {"amount": 9000000},
        "rows": [{"rank": 1, "cmdr": "Ada", "amount": 5000000}],
    }
    expected = {
        "report": "daily",
        "tenant": "demo-wolves",
        "window": {
            "code": "ld",
            "start": "2025-09-11T00:00:00Z",
            "end": "2025-09-12T00:00:00Z",
            "label": "2025-09-11",
        },
        "sections": [
            {
                "key": "market",
                "title": "Market Events",
                "cmdrs": 14,
                "total": {"volume": 9876543, "tonnes": 4321},
                "rows": [{"rank": 1, "cmdr": "Ada", "volume": 1234567, "tonnes": 890}],
            },
            {
                "key": "missions",
                "title": "Missions Completed",
                "cmdrs": 9,
                "total": {"missions": 57},
                "rows": [{"rank": 1, "cmdr": "Ada", "missions": 12}],
            },
            {
                "key": "influence",
                "title": "Influence by Faction",
                "cmdrs": 8,
                "total": {"influence": 120},
                "rows": [
                    {"rank": 1, "cmdr": "Ada", "faction": "Wolves", "influence": 31},
                    {"rank": 2, "cmdr": "Ädá 🦊", "faction": "", "influence": 1},
                ],
            },
            {
                "key": "own_influence",
                "title": "Influence Wolves",
                "cmdrs": 5,
                "total": {"influence": 77},
                "rows": [{"rank": 1, "cmdr": "Ada", "influence": 31}],
            },
            {"key": "bounties", "title": "Bounty Vouchers", **amounts},
            {"key": "bonds", "title": "Combat Bonds", **amounts},
            {"key": "exploration", "title": "Exploration Sales", **amounts},
            {"key": "fines", "title": "Bounty Fines", **amounts},
        ],
        "missing": ["synthetic_cz"],
    }
    text = to_json(DAILY, "demo-wolves")
    # Compared as text, keys must come in this order too.
    assert json.dumps(json.loads(text)) == json.dumps(expected)
    assert "Ädá 🦊" in text


def test_conflict_zones_read_as_documented() -> None:
    system = {
        "system": "Sol",
        "total": 4,
        "low": 1,
        "medium": 0,
        "high": 2,
        "unknown": 1,
        "cmdrs": [{"cmdr": "Ada", "low": 1, "medium": 0, "high": 2, "unknown": 1, "total": 4}],
    }
    ground = {**system, "settlements": [{"settlement": "Grant Base", "total": 4}]}
    for report, expected in (("spacecz", system), ("groundcz", ground)):
        answer = to_dict(cz(report), "w")
        assert list(answer) == ["report", "tenant", "window", "systems", "missing"]
        assert json.dumps(answer["systems"]) == json.dumps([expected])


def test_windows_without_bounds_have_null_and_ticks_name_theirs() -> None:
    tick = Tick("zoy-1", datetime(2025, 9, 12, 15, 4, 33, 512000, tzinfo=UTC))
    assert to_dict(cz("spacecz", Window(Period.ALL_TIME)), "w")["window"] == {
        "code": "all",
        "start": None,
        "end": None,
        "label": "All time",
    }
    assert to_dict(cz("spacecz", Window(Period.THIS_TICK, tick=tick)), "w")["window"] == {
        "code": "ct",
        "start": None,
        "end": None,
        "label": "Tick of 2025-09-12 15:04 UTC",
        "tick": {"id": "zoy-1", "time": "2025-09-12T15:04:33Z"},
    }
    assert to_dict(cz("spacecz", Window(Period.LAST_TICK)), "w")["window"] == {
        "code": "lt",
        "start": None,
        "end": None,
        "label": "No tick",
    }


def test_json_is_always_encodable() -> None:
    name = "\ud800 \udfff 🦊 \0"
    row = Section(SectionKey.FINES, "Bounty Fines", 1, 1, 5, (Row(1, name, 5),))
    text = to_json(DailyResult(YESTERDAY, (row,)), "w")
    read = json.loads(text.encode("utf-8"))
    assert read["sections"][0]["rows"][0]["cmdr"] == name
    assert "🦊" in text


def test_csv_is_one_line_per_row_with_the_section_first() -> None:
    header, *lines = csv.reader(io.StringIO(to_csv(DAILY)))
    assert header == ["section", "rank", "cmdr", "faction", "value", "tonnes"]
    assert lines[:3] == [
        ["market", "1", "Ada", "", "1234567", "890"],
        ["missions", "1", "Ada", "", "12", ""],
        ["influence", "1", "Ada", "Wolves", "31", ""],
    ]
    assert len(lines) == 9


def test_csv_of_conflict_zones_has_the_system_first() -> None:
    header, *lines = csv.reader(io.StringIO(to_csv(cz("groundcz"))))
    assert header[:3] == ["system", "cmdr", "settlement"]
    assert lines == [
        ["Sol", "Ada", "", "1", "0", "2", "1", "4"],
        ["Sol", "", "Grant Base", "", "", "", "", "4"],
    ]


@pytest.mark.parametrize("name", ['a,"b"\r\nc', "carriage\rreturn", "line\nfeed"])
def test_names_with_commas_quotes_and_line_ends_stay_one_row(name: str) -> None:
    row = Section(SectionKey.FINES, "Bounty Fines", 1, 1, 5, (Row(1, name, 5),))
    lines = list(csv.reader(io.StringIO(to_csv(DailyResult(YESTERDAY, (row,))), newline="")))
    assert lines[1][2] == name
