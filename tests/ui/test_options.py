"""What Discord's client would not send is not taken from others either."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.periods import Period
from bot.ui.options import NameTransformer, PeriodTransformer

INTERACTION: Any = None
"""The transformers do not look at it."""


async def test_each_period_is_offered_by_its_plain_name() -> None:
    choices = PeriodTransformer().choices

    assert [choice.name for choice in choices] == [period.title for period in Period]
    assert len(choices) == 11
    for choice in choices:
        assert await PeriodTransformer().transform(INTERACTION, choice.value) is Period(
            str(choice.value)
        )


@pytest.mark.parametrize("code", ["", "LD", "week", "1; drop table event"])
async def test_another_period_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="not a valid Period"):
        await PeriodTransformer().transform(INTERACTION, code)


@given(st.text(min_size=1, max_size=128))
async def test_a_name_is_taken_as_it_was_typed(name: str) -> None:
    assert await NameTransformer().transform(INTERACTION, name) == name


@pytest.mark.parametrize("name", ["", "x" * 129, 7, None])
async def test_what_is_no_name_is_refused(name: object) -> None:
    with pytest.raises(ValueError, match="no name"):
        await NameTransformer().transform(INTERACTION, name)
