"""Figures, exact and short."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.figures import counted, exact, short, signed


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (0, "0"),
        (890, "890"),
        (-890, "-890"),
        (99_999, "99,999"),
        (100_000, "100 K"),
        (999_499, "999 K"),
        (999_500, "1 M"),
        (1_234_567, "1.23 M"),
        (-1_235_000, "-1.24 M"),
        (12_345_678, "12.3 M"),
        (1_234_567_890, "1.23 B"),
        (999_999_999_999, "1 T"),
        (50_000_000, "50 M"),
        (10**15, "1.00e+15"),
        (-(10**30), "-1.00e+30"),
        (9_999 * 10**20, "1.00e+24"),
    ],
)
def test_large_figures_are_short(figure: int, text: str) -> None:
    assert short(figure) == text


def test_exact_figures_are_exact_up_to_what_fits_a_line() -> None:
    assert exact(-1_234_567_890_123) == "-1,234,567,890,123"
    assert exact(1_234, grouped=False) == "1234"
    assert exact(10**36 - 1, grouped=False) == "9" * 36
    assert exact(10**36) == "1.00e+36"
    assert exact(-(10**5000)) == "-1.00e+5000"


@given(st.integers(-(10**40), 10**40))
def test_a_short_figure_is_within_half_a_percent(figure: int) -> None:
    text = short(figure)
    assert len(text) <= 9
    number, unit = re.fullmatch(r"(-?[\d.,e+]+) ?([KMBT]?)", text).groups()  # type: ignore[union-attr]  # a mismatch fails the test
    scale = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}[unit]
    assert float(number.replace(",", "")) * scale == pytest.approx(figure, rel=0.0051)


def test_a_sign_stands_before_the_padding() -> None:
    assert signed(31) == "+31"
    assert signed(-3) == "-3"
    assert signed(31, width=4) == "+  31"
    assert signed(-3, width=4) == "-   3"
    assert signed(0) == "+0"


def test_one_of_a_thing_is_singular() -> None:
    assert counted(1, "CMDR") == "1 CMDR"
    assert counted(0, "CMDR") == "0 CMDRs"
    assert counted(1_234_567, "mission", exact) == "1,234,567 missions"
