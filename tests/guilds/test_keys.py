"""Whether a typed key is a tenant's."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.guilds.keys import key_matches, tenant_by_key
from bot.tenants import Tenant, read_tenant_file
from tests.tenants.entries import entry, load

if TYPE_CHECKING:
    from collections.abc import Iterator

any_text = st.text(st.characters(exclude_categories=()))
blanks = st.text(st.sampled_from(" \t\n\r\u3000\xa0"))


def tenant(key: str | None, tenant_id: str = "wolves") -> Tenant:
    return Tenant(id=tenant_id, name="W", db_uri="sqlite://", base_dir=Path(), link_key=key)


@given(key=any_text, before=blanks, after=blanks)
def test_blanks_around_a_key_do_not_count(key: str, before: str, after: str) -> None:
    assume(key.strip() and not key.strip().lower().startswith("replace-with"))
    assert key_matches(f"{before}{key}{after}", tenant(key))
    assert key_matches(key, tenant(f"{before}{key}{after}"))


@given(typed=any_text, key=any_text)
def test_another_text_never_matches(typed: str, key: str) -> None:
    assume(typed.strip() != key.strip())
    assert not key_matches(typed, tenant(key))


@pytest.mark.parametrize("key", [None, "", "  \t "])
@pytest.mark.parametrize("typed", ["", " ", "None"])
def test_without_a_key_nothing_matches(key: str | None, typed: str) -> None:
    assert not key_matches(typed, tenant(key))


@pytest.mark.parametrize("key", ["Key", "ключ", "ke y"])
def test_a_key_is_compared_to_the_letter(key: str) -> None:
    assert key_matches(key, tenant(key))
    assert not key_matches(key.swapcase(), tenant(key))
    assert not key_matches(key.replace(" ", "").removesuffix(key[-1]), tenant(key))


@pytest.mark.parametrize(
    ("changes", "right", "wrong"),
    [
        ({"api_key": "the-api-key"}, "the-api-key", "a-key-of-the-wolves"),
        ({"api_key": "the-api-key", "link_key": None}, "the-api-key", "None"),
        ({"api_key": "the-api-key", "link_key": " "}, "the-api-key", ""),
        ({"api_key": "the-api-key", "link_key": "own"}, "own", "the-api-key"),
        ({"api_key": 12345}, "12345", "1234"),
    ],
)
def test_the_api_key_will_do_where_there_is_no_link_key(
    tmp_path: Path, changes: dict[str, object], right: str, wrong: str
) -> None:
    (found,) = load(tmp_path, entry(**changes)).tenants

    assert key_matches(right, found)
    assert not key_matches(wrong, found)


def test_a_placeholder_of_the_example_file_opens_nothing(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / "tenant.example.json"
    entries = read_tenant_file(example)
    tenants = load(tmp_path, *entries).tenants

    assert len(tenants) == len(entries)
    assert [tenant_by_key(each["api_key"], tenants) for each in entries] == [None] * len(entries)
    assert not key_matches(" Replace-With-me", tenant("Replace-With-me "))


def test_the_tenant_of_a_key_is_found_among_all() -> None:
    tenants = [tenant("one", "a"), tenant("two", "b"), tenant(None, "c")]

    assert tenant_by_key("two ", tenants) is tenants[1]
    assert tenant_by_key("three", tenants) is None
    assert tenant_by_key("", tenants) is None
    assert tenant_by_key("two", []) is None


def test_every_tenant_is_looked_at_wherever_the_right_one_stands() -> None:
    looked: list[str] = []

    def tenants() -> Iterator[Tenant]:
        for name in ("a", "b", "c"):
            looked.append(name)
            yield tenant(f"key-{name}", name)

    found = tenant_by_key("key-a", tenants())

    assert found is not None
    assert found.id == "a"
    assert looked == ["a", "b", "c"]


def test_a_key_of_two_tenants_is_nobodys_and_the_log_says_so_without_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tenants = [tenant("sesame", "a"), tenant("other", "b"), tenant(" sesame", "c")]

    with caplog.at_level(logging.DEBUG):
        assert tenant_by_key("sesame", tenants) is None

    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "a, c" in record.getMessage()
    assert "sesame" not in record.getMessage()
