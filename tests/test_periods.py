from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.periods import Period, Tick, Window, iso_seconds, window_for

BOUNDED = [period for period in Period if not period.is_tick and period is not Period.ALL_TIME]
moments = st.datetimes(
    min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC)
)


def day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)


@pytest.mark.parametrize(
    ("code", "start", "end", "label"),
    [
        ("cd", "2024-02-29", "2024-03-01", "2024-02-29"),
        ("ld", "2024-02-28", "2024-02-29", "2024-02-28"),
        ("cw", "2024-02-26", "2024-03-04", "2024-02-26 to 2024-03-03"),
        ("lw", "2024-02-19", "2024-02-26", "2024-02-19 to 2024-02-25"),
        ("cm", "2024-02-01", "2024-03-01", "2024-02-01 to 2024-02-29"),
        ("lm", "2024-01-01", "2024-02-01", "2024-01-01 to 2024-01-31"),
        ("2m", "2023-12-01", "2024-02-01", "2023-12-01 to 2024-01-31"),
        ("y", "2024-01-01", "2025-01-01", "2024-01-01 to 2024-12-31"),
    ],
)
def test_windows_of_a_leap_day(code: str, start: str, end: str, label: str) -> None:
    window = window_for(Period(code), datetime(2024, 2, 29, 13, 30, tzinfo=UTC))
    assert (window.start, window.end) == (day(start), day(end))
    assert window.label == label


def test_the_classic_label_names_two_days_even_for_one() -> None:
    now = datetime(2025, 9, 12, 5, tzinfo=UTC)
    assert window_for(Period.YESTERDAY, now).classic_label == "2025-09-11 to 2025-09-11"
    assert window_for(Period.ALL_TIME, now).classic_label == "All Time"
    assert window_for(Period.ALL_TIME, now).label == "All time"


def test_january_looks_back_into_the_old_year() -> None:
    now = datetime(2025, 1, 5, tzinfo=UTC)
    assert window_for(Period.LAST_TWO_MONTHS, now).start == day("2024-11-01")
    assert window_for(Period.LAST_MONTH, now).label == "2024-12-01 to 2024-12-31"


@given(moments, st.sampled_from(BOUNDED))
def test_present_windows_hold_now_and_past_ones_end_by_now(now: datetime, period: Period) -> None:
    window = window_for(period, now)
    assert window.start is not None
    assert window.end is not None
    assert window.start < window.end
    if period in (Period.TODAY, Period.THIS_WEEK, Period.THIS_MONTH, Period.THIS_YEAR):
        assert window.start <= now < window.end
        assert not window.is_over(now)
        assert window.is_over(window.end)
    else:
        assert window.end <= now
        assert window.is_over(now)


@given(moments)
def test_neighbouring_windows_touch_and_do_not_overlap(now: datetime) -> None:
    pairs = [
        (Period.YESTERDAY, Period.TODAY),
        (Period.LAST_WEEK, Period.THIS_WEEK),
        (Period.LAST_MONTH, Period.THIS_MONTH),
        (Period.LAST_TWO_MONTHS, Period.THIS_MONTH),
    ]
    for before, after in pairs:
        assert window_for(before, now).end == window_for(after, now).start
    week = window_for(Period.THIS_WEEK, now)
    assert week.start is not None
    assert week.start.weekday() == 0


def test_now_in_another_zone_means_its_utc_day() -> None:
    east = timezone(timedelta(hours=10))
    window = window_for(Period.TODAY, datetime(2025, 9, 12, 3, tzinfo=east))
    assert window.label == "2025-09-11"


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        window_for(Period.TODAY, datetime(2025, 9, 12))


def test_an_unknown_code_is_answered_with_all_codes() -> None:
    with pytest.raises(ValueError, match="unknown period 'xx'") as caught:
        Period.parse("xx")
    assert all(period.value in str(caught.value) for period in Period)
    assert Period.parse("lt").title == "Last tick"


def test_tick_windows_are_named_after_their_tick() -> None:
    tick = Tick("zoy-1", datetime(2025, 9, 12, 15, 4, 10, tzinfo=UTC))
    assert Window(Period.THIS_TICK, tick=tick).label == "Tick of 2025-09-12 15:04 UTC"
    assert Window(Period.THIS_TICK).label == "No tick"
    assert Window(Period.LAST_TICK, tick=tick).key == "tick:zoy-1"
    assert not Window(Period.THIS_TICK, tick=tick).is_over(tick.time)
    assert Window(Period.LAST_TICK, tick=tick).is_over(tick.time)


def test_keys_tell_windows_apart_and_not_how_they_were_asked_for() -> None:
    now = datetime(2025, 9, 12, tzinfo=UTC)
    assert window_for(Period.YESTERDAY, now).key == "2025-09-11T00:00:00Z/2025-09-12T00:00:00Z"
    same_day = window_for(Period.TODAY, now - timedelta(hours=1))
    assert same_day.key == window_for(Period.YESTERDAY, now).key
    assert window_for(Period.ALL_TIME, now).key == "all"
    assert iso_seconds(now + timedelta(microseconds=5)) == "2025-09-12T00:00:00Z"
