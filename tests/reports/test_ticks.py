"""Which ticks a database knows of, and which events belong to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.backend import TenantDatabase
from bot.periods import Period
from bot.reports import resolve_window
from bot.reports.ticks import ticks_of
from tests.squadron import Squadron

if TYPE_CHECKING:
    from tests.reports.conftest import Asking

NOW = datetime(2025, 9, 12, 20, 0, tzinfo=UTC)
FIRST, SECOND = "2025-09-11T15:00:00Z", "2025-09-12T15:04:33Z"


def ticks(*pairs: tuple[str, str], now: datetime = NOW) -> list[tuple[str, str]]:
    found = ticks_of(pairs, now)
    return [(tick.id, tick.time.isoformat()) for tick in found]


def window(answer: dict[str, Any]) -> tuple[str, str | None]:
    shown = answer["window"]
    return shown["label"], shown.get("tick", {}).get("id")


def fines(answer: dict[str, Any]) -> int:
    return sum(section["total"]["amount"] for section in answer["sections"])


def test_ids_within_three_hours_of_the_first_are_one_tick() -> None:
    assert ticks(
        ("a", "2025-09-12T10:00:00Z"),
        ("b", "2025-09-12T12:59:59.999Z"),
        ("c", "2025-09-12T13:00:00Z"),
        ("d", "2025-09-12T15:59:59Z"),
        ("e", "2025-09-12T16:00:00Z"),
    ) == [
        ("a", "2025-09-12T10:00:00+00:00"),
        ("c", "2025-09-12T13:00:00+00:00"),
        ("e", "2025-09-12T16:00:00+00:00"),
    ]


def test_an_id_with_several_times_counts_at_its_earliest() -> None:
    times = ["2025-09-12T10:00:01Z", "2025-09-12T10:00:00.900Z", "2025-09-12T18:00:00Z"]
    assert ticks(*(("a", time) for time in times)) == [("a", "2025-09-12T10:00:00.900000+00:00")]


def test_times_are_compared_as_times_not_as_texts() -> None:
    assert ticks(("b", "2025-09-12T10:00:00.500Z"), ("a", "2025-09-12T10:00:00Z")) == [
        ("a", "2025-09-12T10:00:00+00:00")
    ]


def test_of_two_ids_at_one_time_the_smaller_names_the_tick() -> None:
    pairs = [("zoy-b", FIRST), ("Zoy-c", FIRST), ("zoy-a", FIRST)]
    assert ticks(*pairs) == [("Zoy-c", "2025-09-11T15:00:00+00:00")]


def test_forced_unknown_and_untimed_ids_make_no_tick() -> None:
    assert ticks(
        ("frc-0123456789", "2025-09-10T10:00:00Z"),
        ("0000001234", "2025-09-10T14:00:00Z"),
        ("unknown_tickid", "2025-09-10T18:00:00Z"),
        ("", "2025-09-10T22:00:00Z"),
        ("zoy-1", ""),
        ("zoy-2", "None"),
        ("zoy-3", "2025-02-30T10:00:00Z"),
        ("zoy-4", FIRST),
    ) == [("zoy-4", "2025-09-11T15:00:00+00:00")]


def test_forced_ticks_count_where_there_are_no_others() -> None:
    forced = [("frc-1", FIRST), ("0000002", SECOND), ("unknown_tickid", "2025-09-12T19:00:00Z")]
    assert [key for key, _ in ticks(*forced)] == ["frc-1", "0000002"]
    assert [key for key, _ in ticks(*forced, ("zoy-1", ""))] == ["frc-1", "0000002"]
    assert ticks(*forced, ("zoy-1", "2025-09-13T15:00:00Z")) == []


def test_ticks_after_now_do_not_count() -> None:
    pairs = [("a", FIRST), ("b", SECOND)]
    at = datetime(2025, 9, 12, 15, 4, 33, tzinfo=UTC)
    assert len(ticks(*pairs, now=at)) == 2
    assert len(ticks(*pairs, now=at - timedelta(microseconds=1))) == 1
    assert ticks(*pairs, now=at - timedelta(days=9)) == []


def test_events_belong_to_the_newest_tick_not_later_than_they_are(ask: Asking) -> None:
    squadron = Squadron()
    for amount, tickid, ticktime, timestamp in (
        (1, "zoy-1", FIRST, "2025-09-12T23:00:00Z"),
        (10, "zoy-2", SECOND, "2025-09-01T00:00:00Z"),
        (100, "frc-1", "2025-09-12T09:00:00Z", "2025-09-12T19:00:00Z"),
        (1000, "unknown_tickid", "", "2025-09-12T15:04:33Z"),
        (10000, "unknown_tickid", "None", "2025-09-12T15:04:32.999Z"),
        (100000, "frc-2", "2025-09-12T15:04:33.001Z", "2025-09-11T00:00:00Z"),
        (1000000, "", "", "2025-09-11T14:59:59Z"),
        (10000000, "", "", "whenever"),
    ):
        event = squadron.event(timestamp, tickid=tickid, ticktime=ticktime)
        squadron.crime(amount, event)
    this, last = ask(squadron, code="ct"), ask(squadron, code="lt")
    assert (window(this), fines(this)) == (("Tick of 2025-09-12 15:04 UTC", "zoy-2"), 101010)
    assert (window(last), fines(last)) == (("Tick of 2025-09-11 15:00 UTC", "zoy-1"), 10101)


def test_a_window_of_a_tick_has_its_tick_and_no_bounds(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    squadron.event(tickid="zoy-2", ticktime="2025-09-12T15:04:33.512Z")
    assert ask_sqlite(squadron, code="ct")["window"] == {
        "code": "ct",
        "start": None,
        "end": None,
        "label": "Tick of 2025-09-12 15:04 UTC",
        "tick": {"id": "zoy-2", "time": "2025-09-12T15:04:33Z"},
    }


def test_with_one_tick_only_the_last_is_empty(ask: Asking) -> None:
    squadron = Squadron()
    squadron.crime(1, squadron.event(tickid="zoy-1", ticktime=FIRST))
    answer = ask(squadron, code="lt")
    assert answer["window"] == {"code": "lt", "start": None, "end": None, "label": "No tick"}
    assert answer["sections"] == []


def test_a_database_without_ticks_says_so(ask: Asking) -> None:
    squadron = Squadron()
    squadron.crime(1)
    squadron.cz("low")
    assert window(ask(squadron, code="ct")) == ("No tick", None)
    assert ask(squadron, "spacecz", "ct")["systems"] == []


@pytest.mark.parametrize("column", ["event.tickid", "event.ticktime"])
def test_a_database_that_lacks_a_tick_column_has_no_tick(ask: Asking, column: str) -> None:
    squadron = Squadron()
    squadron.crime(1, squadron.event(tickid="zoy-1", ticktime=FIRST))
    answer = ask(squadron.without(column), code="ct")
    assert (window(answer), answer["missing"]) == (("No tick", None), [column])
    assert ask(squadron.without(column), code="cd")["missing"] == []


def test_ids_that_differ_in_case_or_a_space_are_not_one(ask: Asking) -> None:
    squadron = Squadron()
    squadron.event(tickid="zoy-a", ticktime="2025-09-12T10:00:00Z")
    squadron.event(tickid="ZOY-A", ticktime="2025-09-12T10:00:00Z")
    squadron.event(tickid="ZOY-A ", ticktime="2025-09-12T10:00:00Z")
    assert window(ask(squadron, code="ct")) == ("Tick of 2025-09-12 10:00 UTC", "ZOY-A")


def test_conflict_zones_of_a_tick_are_found(ask: Asking) -> None:
    squadron = Squadron()
    for ticktime in (FIRST, SECOND, SECOND):
        squadron.cz("low", event=squadron.event(tickid=ticktime, ticktime=ticktime))
    assert ask(squadron, "spacecz", "ct")["systems"][0]["total"] == 2
    assert ask(squadron, "spacecz", "lt")["systems"][0]["total"] == 1


def test_the_window_is_found_without_a_report(ask: Asking) -> None:
    squadron = Squadron()
    squadron.event(tickid="zoy-1", ticktime=FIRST)
    database = ask.database(squadron)
    assert resolve_window(database, Period.THIS_TICK, NOW).key == "tick:zoy-1"
    assert resolve_window(database, Period.LAST_TICK, NOW).tick is None


def test_a_window_of_time_needs_no_database() -> None:
    nowhere = TenantDatabase("sqlite:///nowhere.db")
    assert resolve_window(nowhere, Period.YESTERDAY, NOW).label == "2025-09-11"
