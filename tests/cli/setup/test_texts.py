"""What is added to the two files moves nothing else in them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from dotenv import dotenv_values
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.cli.setup.texts import UnsafeChangeError, new_entry, with_entry, with_value

ENTRY: dict[str, Any] = {"id": "wolves", "name": "Wölfe", "guild_ids": ["1"]}
NAME = "DISCORD_TOKEN"

leaves = st.none() | st.booleans() | st.integers() | st.text()
values = st.recursive(
    leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def test_a_new_file_is_an_array_of_one() -> None:
    assert json.loads(with_entry(None, ENTRY)) == [ENTRY]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[]", '[\n  {\n    "id": "w"\n  }\n]'),
        (" [ \n ]\n\n", ' [\n  {\n    "id": "w"\n  }\n]\n\n'),
        ('[{"a":1.50}]', '[{"a":1.50},\n  {\n    "id": "w"\n  }\n]'),
        ('[\n\t{"a": "]"}\n]\n', '[\n\t{"a": "]"},\n\t{\n\t\t"id": "w"\n\t}\n]\n'),
        ("[\r\n    {}\r\n]", '[\r\n    {},\r\n    {\r\n        "id": "w"\r\n    }\r\n]'),
        ('["["]', '["[",\n  {\n    "id": "w"\n  }\n]'),
    ],
)
def test_an_entry_is_added_in_the_manner_of_the_file(before: str, after: str) -> None:
    assert with_entry(before.encode(), {"id": "w"}).decode() == after


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_file_keeps_its_encoding(encoding: str) -> None:
    before = '[{"name": "Füchse"}]'.encode(encoding)
    after = with_entry(before, ENTRY)
    assert after.decode(encoding).startswith('[{"name": "Füchse"},')
    assert json.loads(after)[1] == ENTRY


@given(old=st.lists(values, max_size=4), indent=st.sampled_from([None, 0, 2, 4, "\t"]))
def test_every_file_keeps_every_byte_before_the_new_entry(
    old: list[Any], indent: int | str | None
) -> None:
    before = json.dumps(old, indent=indent).encode()
    after = with_entry(before, ENTRY)
    assert json.loads(after) == [*old, ENTRY]
    assert after.startswith(before[: before.rindex(b"]")].rstrip())


def test_an_entry_has_a_free_id_and_a_key_of_its_own() -> None:
    answers = {"name": "Wolves", "db-uri": "sqlite:///w.db"}
    first, second = new_entry(answers, ["wolves"]), new_entry(answers, [])
    assert (first["id"], second["id"]) == ("wolves-2", "wolves")
    assert first["link_key"] != second["link_key"]
    assert first["discord_webhooks"] == {"shoutout": None}
    assert "guild_ids" not in first


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "DISCORD_TOKEN=new\n"),
        ("A=1", "A=1\nDISCORD_TOKEN=new\n"),
        ("A=1\r\n# b\r\n", "A=1\r\n# b\r\nDISCORD_TOKEN=new\r\n"),
        ("# DISCORD_TOKEN=\r\nB=2\r\n", "DISCORD_TOKEN=new\r\nB=2\r\n"),
        ("# DISCORD_TOKEN=example\n", "# DISCORD_TOKEN=example\nDISCORD_TOKEN=new\n"),
        ("\n\ndiscord_token = 'old' # mine\nB=2", "\n\nDISCORD_TOKEN=new\nB=2"),
        ("DISCORD_TOKEN=a\nDISCORD_TOKEN=b\n", "DISCORD_TOKEN=new\nDISCORD_TOKEN=new\n"),
        ("A='x\nDISCORD_TOKEN=no\n'\n", "A='x\nDISCORD_TOKEN=no\n'\nDISCORD_TOKEN=new\n"),
        ("\ufeffA=1\n", "\ufeffA=1\nDISCORD_TOKEN=new\n"),
    ],
)
def test_a_value_is_set_and_other_lines_stay(before: str, after: str) -> None:
    assert with_value(before.encode(), NAME, "new").decode() == after


@pytest.mark.parametrize("before", [b"A=\xff\n", b"DISCORD_TOKEN_FILE=there\n"])
def test_a_file_that_cannot_be_changed_safely_is_refused(before: bytes) -> None:
    with pytest.raises(UnsafeChangeError):
        with_value(before, NAME, "new")


@given(before=st.text(st.sampled_from("AB_=#'\"\\ \n\r\t$x") | st.characters(codec="utf-8")))
def test_whatever_is_there_only_the_one_value_changes(before: str) -> None:
    assume(not before.startswith("\ufeff"))
    try:
        after = with_value(before.encode(), NAME, "new").decode()
    except UnsafeChangeError:
        return
    old = dotenv_values(stream=io.StringIO(before), interpolate=False)
    new = dotenv_values(stream=io.StringIO(after), interpolate=False)
    assert new == old | {NAME: "new"}
