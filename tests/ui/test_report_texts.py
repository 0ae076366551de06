"""The lines beside a report: friendly, and deaf to what names would like to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.periods import Period, Tick, Window, window_for
from bot.reports.filters import NO_FILTERS, Filters
from bot.ui.question import Question
from bot.ui.report_texts import empty_text, filter_line, wider_period
from tests.rendering import judge
from tests.rendering.hostile import hostile_names

FRIDAY = datetime(2025, 9, 12, 18, tzinfo=UTC)
MONDAY = datetime(2025, 9, 8, 0, 5, tzinfo=UTC)

moments = st.datetimes(datetime(2015, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("period", "now", "wider"),
    [
        (Period.TODAY, FRIDAY, Period.THIS_WEEK),
        (Period.YESTERDAY, FRIDAY, Period.THIS_WEEK),
        (Period.YESTERDAY, MONDAY, Period.LAST_WEEK),
        (Period.THIS_WEEK, FRIDAY, Period.THIS_MONTH),
        (Period.LAST_WEEK, FRIDAY, Period.THIS_MONTH),
        (Period.LAST_WEEK, MONDAY, Period.THIS_MONTH),
        (Period.THIS_MONTH, FRIDAY, Period.THIS_YEAR),
        (Period.LAST_MONTH, FRIDAY, Period.LAST_TWO_MONTHS),
        (Period.LAST_TWO_MONTHS, FRIDAY, Period.THIS_YEAR),
        (Period.LAST_TWO_MONTHS, datetime(2025, 2, 3, tzinfo=UTC), Period.ALL_TIME),
        (Period.THIS_YEAR, FRIDAY, Period.ALL_TIME),
        (Period.ALL_TIME, FRIDAY, None),
        (Period.THIS_TICK, FRIDAY, Period.ALL_TIME),
    ],
)
def test_an_empty_period_suggests_the_next_wider_one(
    period: Period, now: datetime, wider: Period | None
) -> None:
    assert wider_period(window_for(period, now), now) is wider


def test_an_empty_tick_suggests_the_week_it_is_in() -> None:
    tick = Tick("zoy-1", datetime(2025, 9, 9, 15, tzinfo=UTC))

    assert wider_period(Window(Period.LAST_TICK, tick=tick), FRIDAY) is Period.THIS_WEEK


@given(st.sampled_from(Period), moments)
def test_what_is_suggested_covers_what_was_empty_and_more(period: Period, now: datetime) -> None:
    window = window_for(period, now)
    wider = wider_period(window, now)

    if period is Period.ALL_TIME:
        assert wider is None
        return
    assert wider is not None
    other = window_for(wider, now)
    if other.start is None or other.end is None:
        return
    assert window.start is not None
    assert window.end is not None
    assert other.start <= window.start
    assert window.end <= other.end
    assert other.end - other.start > window.end - window.start


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (
            Question("daily", Period.YESTERDAY),
            "🌙 Nothing to report (2025-09-11). Try **This week**.",
        ),
        (
            Question("spacecz", Period.THIS_MONTH, Filters(systems=("Sol",), cmdrs=("Ada",))),
            "🌙 No space CZs for system Sol, CMDR Ada (2025-09-01 to 2025-09-30). "
            "Try **This year**, or leave out a name.",
        ),
        (
            Question("groundcz", Period.ALL_TIME, Filters(settlements=("Grant Base",))),
            "🌙 No ground CZs for settlement Grant Base (All time). Leave out a name.",
        ),
        (Question("groundcz", Period.ALL_TIME), "🌙 No ground CZs (All time). Fly safe, CMDR."),
        (
            Question("spacecz", Period.LAST_TICK),
            "🌙 No space CZs (No tick). Try **All time**.",
        ),
    ],
)
def test_an_empty_report_is_one_friendly_line(question: Question, text: str) -> None:
    assert empty_text(question, window_for(question.period, FRIDAY), FRIDAY) == text


def test_a_report_that_is_not_narrowed_needs_no_line() -> None:
    assert filter_line(NO_FILTERS) is None


@given(
    hostile_names,
    hostile_names,
    hostile_names,
    st.sampled_from(["daily", "spacecz", "groundcz"]),
    st.sampled_from(Period),
)
def test_typed_names_do_nothing_in_these_lines(
    system: str, settlement: str, cmdr: str, report: str, period: Period
) -> None:
    filters = Filters(systems=(system,), settlements=(settlement,), cmdrs=(cmdr,))
    question = Question(report, period, filters)

    small = filter_line(filters)
    assert small is not None
    line = empty_text(question, window_for(period, FRIDAY), FRIDAY)
    for text, allowed in ((small, {"subtext"}), (line, {"strong"})):
        assert judge.kinds(text) <= allowed
        assert "\n" not in text
        assert judge.utf16(text) <= 700
        assert not judge.reorders(text)
        for name in (system, settlement, cmdr):
            assert judge.names(judge.shown(text), name)
