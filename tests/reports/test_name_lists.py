"""Which names match what was typed, and in which order."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.name_lists import LONGEST_NAME, NameList, comparable
from bot.reports.names import Name
from tests.reports.squadrons import names as any_names

if TYPE_CHECKING:
    from tests.reports.conftest import NameStatements


def listed(*names: str) -> NameList:
    return NameList([Name(name, len(names) - place) for place, name in enumerate(names)])


def test_beginnings_come_first_then_words_then_the_rest() -> None:
    names = listed("Absol", "Col 285", "LHS Sol", "Solati", "Parasol Bay", "Sol", "Hip-Sol", "Ross")
    expected = ["Solati", "Sol", "LHS Sol", "Hip-Sol", "Absol", "Parasol Bay"]
    assert names.matching("sol", 25) == expected
    assert names.matching("sol", 3) == expected[:3]
    assert names.matching("285", 25) == ["Col 285"]
    assert names.matching("nobody", 25) == []


@pytest.mark.parametrize("typed", ["", " ", "\u3000\t"])
def test_nothing_typed_gives_the_most_frequent(typed: str) -> None:
    assert listed("Sol", "Ross", "Ada").matching(typed, 2) == ["Sol", "Ross"]


@pytest.mark.parametrize("typed", ["strasse", "STRASSE", "Straße", "straße", " strasse "])
def test_case_does_not_matter(typed: str) -> None:
    assert listed("Straße").matching(typed, 25) == ["Straße"]


@pytest.mark.parametrize("typed", ["jose", "JOSÉ", "jose\u0301", "José"])
def test_accents_do_not_matter(typed: str) -> None:
    assert listed("José", "Jose\u0301 2").matching(typed, 25) == ["José", "Jose\u0301 2"]


def test_an_accent_alone_matches_only_itself() -> None:
    assert listed("Ada", "José").matching("\u0301", 25) == []


def test_names_that_differ_by_case_appear_once_as_most_write_them() -> None:
    names = NameList([Name("Bo", 5), Name("ada", 3), Name("Ada", 2), Name("ADA", 2), Name("Cy", 6)])
    assert names.matching("", 25) == ["ada", "Cy", "Bo"]
    assert names.matching("AD", 25) == ["ada"]


def test_names_that_discord_takes_for_the_same_appear_once() -> None:
    assert listed("Ada", "Ada ", " ada").matching("", 25) == ["Ada"]


@pytest.mark.parametrize(
    "name",
    [
        *(" ", "\u200b", "\u2800", "\u3164", "\ufeff\u2060", "\u202e", "\t\n", "\0", "\u0301"),
        *("x" * 101, "🦊" * 51, "\ud800", "a\udfff"),
    ],
)
def test_what_cannot_be_seen_or_chosen_is_left_out(name: str) -> None:
    assert listed(name, "Ada").matching("", 25) == ["Ada"]


@pytest.mark.parametrize("name", ["x" * 100, "🦊" * 50, "a\u200b", "%", "@everyone", "`"])
def test_what_can_be_chosen_is_kept_as_it_is(name: str) -> None:
    assert listed(name).matching(name, 25) == [name]


def test_others_narrow_the_names() -> None:
    names = NameList(
        [
            Name("Ada", 5, ("Sol",)),
            Name("Bo", 4, ("SOL",)),
            Name("ADA", 3, ("Ross",)),
            Name("Cy", 3, ("Ross",)),
        ]
    )
    assert names.matching("", 25, [frozenset({"sol"})]) == ["Ada", "Bo"]
    assert names.matching("", 25, [frozenset({"ross"})]) == ["ADA", "Cy"]
    assert names.matching("", 25, [frozenset({"ross", "sol", "x"})]) == ["Ada", "Bo", "Cy"]
    assert names.matching("", 25, [frozenset({"nowhere"})]) is None


texts = st.text(st.characters(exclude_categories=[]), max_size=120)
"""Any text, halves of surrogate pairs included."""


@given(st.lists(st.one_of(any_names, texts), max_size=30), texts, st.integers(1, 25))
def test_whatever_is_typed_only_fitting_names_come_back(
    known: list[str], typed: str, limit: int
) -> None:
    names = listed(*known)
    found = names.matching(typed, limit)
    assert found is not None
    assert len(found) <= limit
    assert set(found) <= set(known)
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= LONGEST_NAME
        assert name.strip()
        assert comparable(typed) in comparable(name)


@given(st.lists(any_names, min_size=1, max_size=20), st.data())
def test_a_visible_name_is_found_by_any_of_its_beginnings(
    known: list[str], data: st.DataObject
) -> None:
    names = listed(*known)
    shown = names.matching("", 100)
    assert shown is not None
    for name in shown:
        typed = name[: data.draw(st.integers(0, len(name)))]
        if not any(map(unicodedata.combining, name)):
            assert name in (names.matching(typed, 100) or [])


@pytest.mark.parametrize("typed", ["a" * 5000, "\u0301\u0323" * 50_000, " " * 100_000 + "s"])
def test_a_flood_of_text_is_no_trouble(typed: str) -> None:
    assert listed("Sol").matching(typed, 25) == (["Sol"] if typed.endswith("s") else [])


def test_no_statement_is_made_of_what_is_typed(statements: NameStatements) -> None:
    assert sa.event.contains(sa.Engine, "before_cursor_execute", statements)
    assert listed("Sol").matching("'; DROP TABLE event; --", 25) == []
    assert not statements.texts
