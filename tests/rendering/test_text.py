"""Names of strangers: what is kept, what goes, and how wide it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering.text import cell, clean, clusters, column_width, escape, plain, visible
from tests.rendering import hostile, judge


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Brann O'Neil", "Brann O'Neil"),
        ("a\r\nb\tc", "a  b c"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\u202eevil\u202c", "evil"),
        ("\x1b[31mred", "[31mred"),
        ("half\ud800", "half\ufffd"),
        ("no\ufffeletter", "no\ufffdletter"),
        ("e\u0301", "e\u0301"),
        ("x" + "\u0338" * 50, "x" + "\u0338" * 4),
        ("\u0301lead", "lead"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("A\u200dB", "AB"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u3164\u3164", "  "),
    ],
)
def test_cleaning_keeps_what_belongs_to_a_name(name: str, kept: str) -> None:
    assert clean(name) == kept


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\u3164", "\u0301", "\x00", "\u2800"])
def test_a_blank_name_reads_unknown(name: str) -> None:
    assert escape(name) == "Unknown"
    assert plain(name, 50) == "Unknown"
    assert cell(name, 10) == "Unknown   "


@given(hostile.hostile_names)
def test_an_escaped_name_reads_as_itself_and_formats_nothing(name: str) -> None:
    escaped = escape(name)
    assert judge.kinds(escaped) == set()
    assert judge.kinds(f"**{escaped}**") <= {"strong"}
    assert judge.names(judge.shown(escaped), name)
    assert not judge.reorders(escaped)
    assert "\n" not in escaped


@given(hostile.hostile_names, st.integers(16, 256))
def test_no_name_is_longer_than_its_place(name: str, limit: int) -> None:
    assert 0 < judge.utf16(escape(name, limit)) <= limit
    assert 0 < judge.utf16(plain(name, limit)) <= limit


@given(hostile.hostile_names, st.integers(8, 40))
def test_a_cell_has_its_columns_and_no_fence(name: str, columns: int) -> None:
    text = cell(name, columns)
    assert column_width(text) == columns
    assert "```" not in text
    assert "\n" not in text
    assert not judge.reorders(text)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("Ada", 3),
        ("Zoë", 3),
        ("Zoe\u0308", 3),
        ("猫耳", 4),
        ("ﾈｺ", 2),
        ("😀", 2),
        ("👨\u200d👩\u200d👧", 2),
        ("❤\ufe0f", 2),
        ("❤", 1),
        ("🇩🇪", 2),
        ("👍🏽", 2),
        ("\u2068שלום\u2069", 4),
        ("각", 2),
    ],
)
def test_wide_signs_count_two_columns(text: str, columns: int) -> None:
    assert column_width(text) == columns


def test_a_fence_in_a_cell_becomes_apostrophes_and_lone_backticks_stay() -> None:
    assert cell("a```b`c", 8) == "a'''b`c "


def test_a_cut_splits_no_sign() -> None:
    family = "👨\u200d👩\u200d👧\u200d👦"
    assert cell(family * 5, 9) == family * 3 + "..."
    assert cell("界" * 9, 8) == "界界... "
    assert plain(family * 9, 24) == family + "…"
    assert escape("*" * 99, 16) == "\\*" * 6 + "…"
    assert list(clusters("e\u0301x🇩🇪🇫🇷")) == ["e\u0301", "x", "🇩🇪", "🇫🇷"]


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("Kestrel_Prime", "Kestrel\\_Prime"),
        ("1. FC", "1\\. FC"),
        ("No. 1. FC", "No. 1. FC"),
        ("- x", "\\- x"),
        ("#1", "\\#1"),
        ("C# dev", "C# dev"),
        ("a`b", "a\\`b"),
        ("https://x.y", "https\\://x.y"),
    ],
)
def test_only_what_could_act_is_escaped(name: str, escaped: str) -> None:
    assert escape(name) == escaped


def test_a_drawn_line_loses_only_what_disturbs_a_terminal() -> None:
    assert visible("a\x1b[2J \u2068שלום\u2069 · 4.\u00a0x") == "a[2J \u2068שלום\u2069 · 4. x"
