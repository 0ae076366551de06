"""What options make of the words they are given."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.options import MomentType, PeriodType
from bot.periods import Period, window_for

MIDNIGHT = datetime(2025, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2025-09-12",
        "2025-09-12T00:00",
        "2025-09-12T00:00:00Z",
        "2025-09-12t00:00:00z",
        " 2025-09-12 00:00:00.000 ",
        "2025-09-12T02:00:00+02:00",
        "2025-09-11T20:00-04:00",
    ],
)
def test_one_moment_is_written_in_many_ways(text: str) -> None:
    assert MomentType().convert(text, None, None) == MIDNIGHT


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2025-02-30", "0001-01-01", "9999-12-31", "1757635200", "٢٠٢٥-09-12"]
)
def test_what_is_no_moment_in_reach_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is no moment|out of reach"):
        MomentType().convert(text, None, None)


@given(st.text() | st.datetimes(timezones=st.timezones()).map(datetime.isoformat))
def test_every_moment_taken_has_windows_of_all_periods(text: str) -> None:
    try:
        moment = MomentType().convert(text, None, None)
    except click.BadParameter:
        return
    assert moment.tzinfo is UTC
    for period in Period:
        window_for(period, moment)


@pytest.mark.parametrize("period", Period)
def test_every_period_is_taken_by_its_code_in_any_case(period: Period) -> None:
    assert PeriodType().convert(period.value.upper(), None, None) is period
