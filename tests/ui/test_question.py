"""What stands behind a report's buttons is kept as JSON and comes back."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.periods import Period
from bot.reports.filters import Filters
from bot.ui.errors import Refusal
from bot.ui.question import Question, Shown

names = st.lists(st.text(max_size=20), max_size=2).map(tuple)
questions = st.builds(
    Question,
    st.sampled_from(["daily", "spacecz", "groundcz"]),
    st.sampled_from(Period),
    st.builds(Filters, systems=names, cmdrs=names, settlements=names),
)
anything_shown = st.builds(Shown, questions, st.integers(0, 99), st.booleans(), st.booleans())
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(anything_shown)
def test_what_is_shown_comes_back_from_its_state(shown: Shown) -> None:
    assert Shown.of(json.loads(json.dumps(shown.state()))) == shown


@given(anything_shown, st.sampled_from(Period))
def test_another_period_begins_at_its_first_page(shown: Shown, period: Period) -> None:
    other = shown.about(period)

    assert (other.page, other.posted) == (0, False)
    assert other.question.period is period
    assert other.question.filters == shown.question.filters
    assert other.private == shown.private


@given(
    st.sampled_from(["report", "period", "filters", "page", "private", "posted"]),
    st.just(...) | any_json,
)
def test_any_state_is_read_or_refused(key: str, value: Any) -> None:
    state = Shown(Question("spacecz", Period.TODAY, Filters(systems=("Sol",)))).state()
    if value is ...:
        del state[key]
    else:
        state[key] = value

    with contextlib.suppress(Refusal):
        assert Shown.of(state).page >= 0


def test_a_state_without_a_period_is_refused() -> None:
    with pytest.raises(Refusal, match="too old"):
        Shown.of({"report": "daily"})
