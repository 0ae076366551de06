"""The newest event is told whatever stands among the timestamps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.backend import indexes
from bot.periods import Period
from bot.reports.newest import newest_event, odd_events
from bot.reports.running import run
from tests.squadron import Squadron

if TYPE_CHECKING:
    from tests.reports.conftest import Asking

NOW = datetime(2025, 9, 12, 20, 0, tzinfo=UTC)
TRUE = "2025-09-12T18:04:33.512Z"
ODD = (
    "garbage",
    "2099-01-01T00:00:00Z",
    "2025-09-12t19:00:00z",
    "2025-09-12 23:00:00",
    "2025-09-12T19:00:00Z and more",
    "2025-09-12T1",
    "",
)


@pytest.mark.parametrize("indexed", [False, True], ids=["plain", "indexed"])
def test_what_is_no_time_or_still_to_come_hides_no_event(ask: Asking, indexed: bool) -> None:
    squadron = Squadron()
    for at in ("2025-09-11T23:00:00Z", TRUE, "2025-09-12T12:00:00Z", *ODD):
        squadron.cz("low", event=squadron.event(at))
    database = ask.database(squadron)
    if indexed:
        indexes.create(database, indexes.missing(database))
    assert newest_event(database, NOW) == TRUE
    for report in ("daily", "spacecz"):
        assert run(database, report, Period.ALL_TIME, NOW).newest_event == TRUE


def test_a_clock_that_is_a_little_ahead_is_believed(ask: Asking) -> None:
    squadron = Squadron()
    squadron.event("2025-09-12T20:04:59.5Z")
    squadron.event("2025-09-12T20:06:00Z")
    assert newest_event(ask.database(squadron), NOW) == "2025-09-12T20:04:59.5Z"


def test_many_texts_that_are_no_times_are_passed(ask: Asking) -> None:
    squadron = Squadron()
    squadron.event(TRUE)
    for number in range(200):
        squadron.event(f"2025-09-12T19:{number}")
    assert newest_event(ask.database(squadron), NOW) == TRUE


def test_odd_events_are_counted(ask: Asking) -> None:
    squadron = Squadron()
    squadron.event(TRUE)
    assert odd_events(ask.database(squadron), NOW).number == 0
    for at in ("garbage", "", "2099-01-01T00:00:00Z", "2025-09-12T1"):
        squadron.event(at)
    assert odd_events(ask.database(squadron), NOW) == (4, "garbage")
    squadron.event("2025-09-12 10:00:00")
    squadron.event("2025-09-12t10:00:00Z")
    assert odd_events(ask.database(squadron), NOW).number == 6
