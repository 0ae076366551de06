"""Sentences that quote others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.limits import units
from bot.ui.sentences import sentence


def test_commands_are_code_and_the_rest_is_what_it_reads() -> None:
    shown = sentence("reading *that* took 30 s: run `bgs-bot index`, or ask @everyone", 200)
    assert shown == r"reading \*that\* took 30 s\: run `bgs-bot index`, or ask \@everyone"


@pytest.mark.parametrize(
    "text",
    ["one ` alone", "```fence```", "``", "` `", "a `b` and `", "`a``b`", "`\u200b`"],
)
def test_no_backtick_is_left_open(text: str) -> None:
    shown = sentence(text, 200)
    bare = shown.replace(r"\`", "")
    assert bare.count("`") % 2 == 0
    assert "``" not in bare


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    shown = sentence("run `bgs-bot index` " * 30, 150)
    assert units(shown) <= 150
    assert shown.startswith("run `bgs-bot index` run")
    assert shown.endswith("…")


@given(st.text(alphabet="`ab *\n@<>é\U0001f680", max_size=400), st.integers(20, 300))
def test_whatever_it_quotes_stays_within_bounds(text: str, limit: int) -> None:
    shown = sentence(text, limit)
    assert units(shown) <= limit
    assert "\n" not in shown
    assert "``" not in shown.replace(r"\`", "")
    assert shown.replace(r"\`", "").count("`") % 2 == 0


def test_a_long_text_loses_nothing_that_fits() -> None:
    text = "word " * 100 + "`/post` end"
    assert sentence(text, 2000) == text
