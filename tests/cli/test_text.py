"""Words for the terminal, whatever strangers call themselves."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.cli.tables import show_table
from bot.cli.text import clean

if TYPE_CHECKING:
    import pytest

DIRECTIONS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
NAMES = st.text() | st.text(alphabet="a\x1b[2J\r\n\t\x07\x9b\u202e\u2066\ud800e\u0301猫")


@given(NAMES)
def test_clean_text_cannot_steer_a_terminal(name: str) -> None:
    shown = clean(name)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(shown) & set(DIRECTIONS)
    assert shown.isprintable() or shown


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"])))
def test_what_is_harmless_stays(name: str) -> None:
    assert clean(name) == name


def test_columns_are_aligned_and_numbers_stand_right(capsys: pytest.CaptureFixture[str]) -> None:
    show_table(("Name", "Tries", "Why"), [("Ada", 7, ""), ("猫", 1234567, "late\nnight")])
    assert capsys.readouterr().out.splitlines() == [
        "Name      Tries  Why",
        "----  ---------  ---------",
        "Ada           7",
        "猫    1,234,567  latenight",
    ]


@given(rows=st.lists(st.tuples(NAMES, NAMES)))
def test_a_row_is_a_line_whatever_its_names(
    capsys: pytest.CaptureFixture[str], rows: list[tuple[str, str]]
) -> None:
    show_table(("One", "Two"), rows)
    assert capsys.readouterr().out.count("\n") == len(rows) + 2
