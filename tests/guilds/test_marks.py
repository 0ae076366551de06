"""What is done once: syncing commands, telling an admin."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.state.tables import metadata
from tests.guilds.books import race
from tests.servers import empty_tables

if TYPE_CHECKING:
    from bot.guilds.book import GuildBook
    from tests.guilds.books import Books

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)

any_text = st.text(st.characters(exclude_categories=()))


def test_the_last_synced_commands_are_known_by_application_and_scope(
    book: GuildBook, other: GuildBook
) -> None:
    assert book.synced(7, "global") is None
    book.note_synced(7, "global", "one")
    book.note_synced(7, "123", "two")
    book.note_synced(2**64 - 1, "global", "three")

    other.note_synced(7, "global", "four")

    assert book.synced(7, "global") == "four"
    assert book.synced(7, "123") == "two"
    assert book.synced(2**64 - 1, "global") == "three"
    assert book.synced(8, "global") is None


def test_processes_that_sync_at_once_agree_afterwards(books: Books) -> None:
    openings = [books.open() for _ in range(4)]

    race(*(partial(book.note_synced, 7, "global", "same") for book in openings))

    assert {book.synced(7, "global") for book in openings} == {"same"}


def test_a_notice_is_given_once_by_whichever_process(book: GuildBook, other: GuildBook) -> None:
    assert book.first_notice("webhook:1")
    assert not other.first_notice("webhook:1")
    assert other.first_notice("webhook:2")
    assert not book.first_notice("webhook:2")


def test_of_several_who_would_tell_at_once_one_does(books: Books) -> None:
    openings = [books.open() for _ in range(4)]
    for key in ("one", "two", "three"):
        told = race(*(partial(book.first_notice, key) for book in openings * 2))

        assert told.count(True) == 1


def test_notices_are_told_apart_to_the_letter(book: GuildBook) -> None:
    keys = ["webhook:a", "webhook:ab", "Webhook:a", "webhook_a", "webhook:a ", "%"]

    assert [key for key in keys if book.first_notice(key)] == keys
    assert not [key for key in keys if book.first_notice(key)]


@settings(max_examples=60)
@given(key=any_text, rest=any_text)
def test_any_text_can_be_a_key(books: Books, book: GuildBook, key: str, rest: str) -> None:
    empty_tables(books.uri, metadata)
    assert book.first_notice(key)
    assert not book.first_notice(key)
    assert book.first_notice(f"{key}{rest}") == bool(rest)
    book.note_synced(7, key, rest)
    assert book.synced(7, key) is not None


@pytest.mark.parametrize("letter", ["x", "狼", "\ud800"])
def test_long_keys_are_told_apart(book: GuildBook, letter: str) -> None:
    assert book.first_notice(letter * 20_000)
    assert book.first_notice(letter * 20_001)
    assert not book.first_notice(letter * 20_000)
    assert not book.first_notice(letter * 20_001)
