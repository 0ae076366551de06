"""Which guild is linked to which tenant."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.ledger import LedgerError
from bot.delivery.state.database import StateDatabase
from bot.delivery.state.model import storable
from bot.delivery.state.tables import guild_link, metadata
from bot.guilds.book import GuildBook, Link
from tests.delivery.ledgers import Clock
from tests.guilds.books import GUILD, OTHER_GUILD, USER, linked, race, store, tenant
from tests.servers import empty_tables, writable_engine

if TYPE_CHECKING:
    from tests.guilds.books import Books

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)

WOLVES = Link("wolves", "wolves", has_own_id=False)
any_text = st.text(st.characters(exclude_categories=()))


def test_a_link_is_known_to_all_processes_until_it_is_ended(
    book: GuildBook, other: GuildBook
) -> None:
    assert other.link_of(GUILD) is None
    assert book.link(GUILD, tenant("wolves"), by=USER, replacing=None)

    assert other.link_of(GUILD) == WOLVES
    assert linked(other) == {GUILD: "wolves"}
    assert other.unlink(GUILD) == WOLVES
    assert book.links() == {}
    assert book.unlink(GUILD) is None


def test_a_guild_has_one_tenant_and_another_must_replace_the_one_that_was_shown(
    book: GuildBook, other: GuildBook
) -> None:
    assert book.link(GUILD, tenant("wolves"), by=USER, replacing=None)

    assert not other.link(GUILD, tenant("kestrel"), by=USER, replacing=None)
    assert not other.link(GUILD, tenant("kestrel"), by=USER, replacing="eagles")
    assert not other.link(OTHER_GUILD, tenant("kestrel"), by=USER, replacing="wolves")
    assert linked(book) == {GUILD: "wolves"}
    assert other.link(GUILD, tenant("kestrel"), by=USER, replacing="wolves")
    assert linked(book) == {GUILD: "kestrel"}


def test_one_tenant_may_have_several_guilds(book: GuildBook) -> None:
    for guild in (GUILD, OTHER_GUILD):
        assert book.link(guild, tenant("wolves"), by=USER, replacing=None)

    assert linked(book) == {GUILD: "wolves", OTHER_GUILD: "wolves"}


@pytest.mark.parametrize("guild", [0, 2**63 - 1, 2**63, 2**64 - 1, -1])
def test_ids_of_any_size_are_kept(book: GuildBook, guild: int) -> None:
    assert book.link(guild, tenant("wolves"), by=2**64 - 1, replacing=None)

    assert linked(book) == {guild: "wolves"}
    assert book.unlink(guild) == WOLVES


def test_of_several_who_link_a_guild_at_once_one_does(books: Books) -> None:
    openings = [(books.open(), f"tenant-{number}") for number in range(6)]

    done = race(*(partial(b.link, GUILD, tenant(t), by=USER, replacing=None) for b, t in openings))

    assert sorted(done) == [False] * 5 + [True]
    winner = openings[done.index(True)][1]
    assert linked(openings[0][0]) == {GUILD: winner}


def test_of_several_who_replace_a_link_at_once_one_does(books: Books) -> None:
    openings = [(books.open(), f"tenant-{number}") for number in range(6)]
    openings[0][0].link(GUILD, tenant("wolves"), by=USER, replacing=None)

    done = race(
        *(partial(b.link, GUILD, tenant(t), by=USER, replacing="wolves") for b, t in openings)
    )

    assert sorted(done) == [False] * 5 + [True]
    winner = openings[done.index(True)][1]
    assert linked(openings[0][0]) == {GUILD: winner}


def test_of_several_who_unlink_a_guild_at_once_one_does(books: Books) -> None:
    openings = [books.open() for _ in range(4)]
    openings[0].link(GUILD, tenant("wolves"), by=USER, replacing=None)

    done = race(*(partial(b.unlink, GUILD) for b in openings))

    assert done.count(WOLVES) == 1
    assert done.count(None) == 3


def test_the_end_of_a_link_ends_the_guilds_stored_views(book: GuildBook) -> None:
    book.link(GUILD, tenant("wolves"), by=USER, replacing=None)
    mine, elsewhere = store(book), store(book, guild_id=OTHER_GUILD)

    book.unlink(GUILD)

    assert book.view(mine) is None
    assert book.view(elsewhere) is not None


def test_another_link_ends_the_stored_views_of_other_tenants(book: GuildBook) -> None:
    book.link(GUILD, tenant("wolves"), by=USER, replacing=None)
    old, new = store(book), store(book, tenant="kestrel")

    kestrel = tenant("kestrel", raw={"id": "kestrel"})
    assert not book.link(GUILD, kestrel, by=USER, replacing=None)
    assert book.view(old) is not None
    assert book.link(GUILD, kestrel, by=USER, replacing="wolves")

    assert book.view(old) is None
    assert book.view(new) is not None


def test_a_link_to_a_tenant_whose_id_may_move_ends_all_stored_views(book: GuildBook) -> None:
    views = [store(book), store(book, tenant="kestrel")]

    assert book.link(GUILD, tenant("kestrel"), by=USER, replacing=None)

    assert [book.view(each) for each in views] == [None, None]


def test_only_links_that_lead_elsewhere_are_ended(book: GuildBook) -> None:
    for guild in (1, 2):
        book.link(guild, tenant("wolves"), by=USER, replacing=None)
    stale, fresh = store(book, guild_id=1), store(book, guild_id=1, tenant="kestrel")
    kept = store(book, guild_id=2)

    kestrel = tenant("kestrel")
    assert book.end_links_elsewhere({1: kestrel, 2: tenant("wolves"), 3: kestrel}) == [1]
    assert book.end_links_elsewhere({}) == []

    assert linked(book) == {2: "wolves"}
    assert book.view(stale) is None
    assert book.view(fresh) is not None
    assert book.view(kept) is not None


@settings(max_examples=30)
@given(first=any_text, second=any_text)
def test_a_tenants_id_may_be_any_text(books: Books, first: str, second: str) -> None:
    empty_tables(books.uri, metadata)
    database = StateDatabase(books.uri)
    try:
        book = GuildBook(database, books.clock)
        assert book.link(GUILD, tenant(first), by=USER, replacing=None)
        kept = store(book, tenant=second)
        own_id = tenant(second, raw={"id": "given"})
        assert book.link(GUILD, own_id, by=USER, replacing=first)
        assert book.view(kept) is not None
        assert book.unlink(GUILD) == Link(storable(second), storable(second), has_own_id=True)
    finally:
        database.dispose()


def test_a_database_without_the_table_is_an_error_of_ours(backend_uri: str) -> None:
    database = StateDatabase(backend_uri)
    with writable_engine(backend_uri).begin() as connection:
        guild_link.drop(connection)
    try:
        with pytest.raises(LedgerError, match="bgsbot_guild_link"):
            GuildBook(database, Clock()).links()
    finally:
        database.dispose()
