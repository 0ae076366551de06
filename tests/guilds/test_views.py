"""What is behind buttons and menus."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.state.model import storable
from bot.guilds.book import StoredView
from tests.guilds.books import GUILD, HOUR, USER, race, store

if TYPE_CHECKING:
    from bot.guilds.book import GuildBook
    from tests.delivery.ledgers import Clock
    from tests.guilds.books import Books

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)

any_text = st.text(st.characters(exclude_categories=()))
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=10,
)


def test_a_view_is_found_by_all_processes_with_all_its_facts(
    book: GuildBook, other: GuildBook, clock: Clock
) -> None:
    state: dict[str, Any] = {"period": "ld", "systems": ["Sol", None], "page": 3, "private": True}

    view_id = store(book, state=state)

    assert other.view(view_id) == StoredView(
        id=view_id,
        guild_id=GUILD,
        tenant="wolves",
        user_id=USER,
        kind="summary",
        state=state,
        created_at=clock.now,
        expires_at=clock.now + HOUR,
    )


def test_ids_are_random_and_fit_into_a_custom_id(book: GuildBook) -> None:
    ids = {store(book) for _ in range(20)}

    assert len(ids) == 20
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", view_id) for view_id in ids)


def test_a_view_lives_until_its_last_instant(book: GuildBook, clock: Clock) -> None:
    view_id = store(book)

    clock.now += HOUR - timedelta(microseconds=1)
    assert book.view(view_id) is not None
    assert book.update_view(view_id, {})
    clock.now += timedelta(microseconds=1)
    assert book.view(view_id) is None
    assert not book.update_view(view_id, {})
    assert not book.end_view(view_id)


def test_a_changed_state_replaces_the_old_one(book: GuildBook, other: GuildBook) -> None:
    view_id, untouched = store(book), store(book)

    assert other.update_view(view_id, {"page": 2})

    changed, same = book.view(view_id), book.view(untouched)
    assert changed is not None
    assert changed.state == {"page": 2}
    assert same is not None
    assert same.state == {"period": "ld"}


def test_an_ended_view_is_gone_and_ends_once(book: GuildBook, other: GuildBook) -> None:
    view_id, kept = store(book), store(book)

    assert book.end_view(view_id)

    assert not other.end_view(view_id)
    assert other.view(view_id) is None
    assert not other.update_view(view_id, {})
    assert other.view(kept) is not None


def test_of_several_presses_at_once_one_ends_the_view(books: Books) -> None:
    openings = [books.open() for _ in range(4)]
    for _ in range(5):
        view_id = store(openings[0])

        presses = race(*(partial(book.end_view, view_id) for book in openings * 2))

        assert presses.count(True) == 1


def test_a_change_and_the_end_at_once_leave_nothing_behind(books: Books) -> None:
    one, two = books.open(), books.open()
    view_id = store(one)

    race(partial(one.update_view, view_id, {"page": 1}), partial(two.end_view, view_id))

    assert one.view(view_id) is None
    assert not one.end_view(view_id)


def test_the_sweep_removes_what_has_expired_and_nothing_else(book: GuildBook, clock: Clock) -> None:
    store(book)
    store(book, lifetime=HOUR / 2)
    kept = store(book, lifetime=HOUR * 2)
    clock.now += HOUR

    assert book.sweep_views() == 2
    assert book.sweep_views() == 0
    assert book.view(kept) is not None


@settings(max_examples=60)
@given(state=st.dictionaries(any_text, any_json), kind=any_text, tenant=any_text)
def test_any_state_comes_back_as_it_was(
    book: GuildBook, state: dict[str, Any], kind: str, tenant: str
) -> None:
    stored = book.view(store(book, state={}, kind=kind, tenant=tenant))
    assert stored is not None
    assert (stored.kind, stored.tenant) == (storable(kind), storable(tenant))

    assert book.update_view(stored.id, state)
    changed = book.view(stored.id)

    assert changed is not None
    assert changed.state == state
    assert book.end_view(stored.id)


@settings(max_examples=60)
@given(any_text)
def test_a_forged_id_finds_nothing(book: GuildBook, view_id: str) -> None:
    assert book.view(view_id) is None
    assert not book.update_view(view_id, {})
    assert not book.end_view(view_id)
