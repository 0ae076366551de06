"""The quick reader of raw_json is the general one, only quicker."""

from __future__ import annotations

import ast
import json
import warnings
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.reports.cz_counts import cz_counts, read_sizes, read_sizes_plainly

keys = st.one_of(st.sampled_from(["low", "medium", "high", "Low", "cmdr", "None"]), st.text())
numbers = st.one_of(
    st.integers(), st.integers(-3, 3), st.booleans(), st.none(), st.floats(), st.text()
)
values = st.recursive(
    numbers,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
facts = st.dictionaries(keys, values, max_size=6)
PIECES = [
    *("{", "}", "[", "]", ":", ",", " ", "\n", "\t", "'", '"', "\\", "#", "low", "'low'", '"high"'),
    *("1", "-1", "+1", "0x1", "1_0", "01", "1.0", "1e3", "1j", "b''", "f''", "u''", "r'\\'"),
    *("None", "True", "False", "null", "true", "false", "NaN", "Infinity", "-Infinity", "inf"),
    *("'\\l'", "'\\x6cow'", '"\\u006cow"', "'lo' 'w'", "...", "()", "{1}", "**{}", "é", "\ud800"),
]
pieces = st.sampled_from(PIECES)


def both_forms(data: dict[str, Any]) -> list[str]:
    return [
        str(data),
        json.dumps(data),
        json.dumps(data, ensure_ascii=False),
        json.dumps(data, indent=1),
    ]


@given(facts)
@settings(max_examples=300)
def test_quick_and_general_agree_on_what_backends_write(data: dict[str, Any]) -> None:
    for text in both_forms(data):
        assert read_sizes(text) == read_sizes_plainly(text)


@given(facts, st.integers(0, 200), pieces)
@settings(max_examples=300)
def test_quick_and_general_agree_on_damaged_texts(
    data: dict[str, Any], place: int, piece: str
) -> None:
    for text in both_forms(data):
        for damaged in (text[:place], text[place:], text[:place] + piece + text[place:]):
            if damaged:
                assert read_sizes(damaged) == read_sizes_plainly(damaged)


@given(st.lists(pieces, min_size=1, max_size=14).map("".join))
@example("{'low': 1, 'x': true}")
@example("{'low': 1, 'x': NaN}")
@example("{'low': 1, 'x': Infinity}")
@example("\n {'low': 1}")
@example(" {'low': 1}")
@example("{'low': 1} ")
@example("{'low': 1, 'low': 'x'}")
@example("{'low': 1, None: 2}")
@example("{'low': 1, 'x': None}")
@example("{'low': 1, 'x': '\ud800'}")
@example("{'low': 1, 'x': 'tab\there'}")
@example("{'low': 1, 'x': " + "[" * 300 + "]" * 300 + "}")
@example("{'low': " + "9" * 5000 + "}")
@example("{'low': 1, 'x': '\\d'}")
@settings(max_examples=500)
def test_quick_and_general_agree_on_rubbish(text: str) -> None:
    assert read_sizes(text) == read_sizes_plainly(text)


@given(facts)
@settings(max_examples=200)
def test_the_general_reader_tells_what_was_written(data: dict[str, Any]) -> None:
    whole = {size: data[size] for size in ("low", "medium", "high") if type(data.get(size)) is int}
    expected = tuple(whole.get(size, 0) for size in ("low", "medium", "high")) if whole else None
    texts = both_forms(data)
    try:
        ast.literal_eval(str(data))
    except ValueError:  # nan and inf have no literal in Python
        texts.remove(str(data))
    for text in texts:
        assert read_sizes_plainly(text) == expected


def test_strings_and_inner_objects_do_not_fool_the_reader() -> None:
    inner = {"low": 7, "text": '"low": 5', "more": ["{'high': 6}", {"high": 2}]}
    for text in both_forms({"inner": inner, "medium": 3, "note": "'low': 9, \"low\": 9"}):
        assert read_sizes(text) == (0, 3, 0)


def test_the_last_of_two_equal_keys_counts() -> None:
    assert read_sizes("{'low': 1, 'low': 2}") == (2, 0, 0)
    assert read_sizes('{"low": 1, "low": true}') is None


def test_nothing_is_evaluated_and_nothing_warns() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_sizes("{'low': 1, 'path': 'C:\\d \\777'}") == (1, 0, 0)
        assert read_sizes("{'low': print('x')}") is None


@pytest.mark.parametrize(
    ("cz_type", "counts"),
    [
        ("low", (1, 0, 0, 0)),
        ("medium", (0, 1, 0, 0)),
        ("high", (0, 0, 1, 0)),
        (None, (0, 0, 0, 1)),
        ("", (0, 0, 0, 1)),
        ("huge", (0, 0, 0, 1)),
        (b"low", (0, 0, 0, 1)),
    ],
)
def test_without_raw_json_the_type_counts_one(cz_type: object, counts: tuple[int, ...]) -> None:
    assert cz_counts("", cz_type) == counts
    assert cz_counts("{}", cz_type) == counts


@pytest.mark.parametrize("number", ["9" * 4300, f"-{'9' * 950}"])
@pytest.mark.parametrize("form", ['{{"low": {}, "high": 2}}', "{{'low': {}, 'high': 2}}"])
def test_a_number_that_nobody_could_write_is_none(form: str, number: str) -> None:
    text = form.format(number)
    assert read_sizes(text) == read_sizes_plainly(text) == (0, 0, 2)


def test_numbers_of_hundreds_of_digits_count() -> None:
    long = int("9" * 900)
    assert read_sizes(f'{{"low": {long}}}') == (long, 0, 0)


def test_a_number_in_hexadecimal_is_held_to_the_same_length() -> None:
    assert cz_counts(f"{{'low': 0x{'f' * 5000}}}", "low") == (1, 0, 0, 0)
