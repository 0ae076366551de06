"""Which tenant a guild sees."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from bot.delivery.ledger import LedgerError
from bot.delivery.state.database import StateDatabase
from bot.delivery.state.tables import guild_link
from bot.guilds.book import GuildBook
from bot.guilds.directory import GuildDirectory, Standing
from bot.runtime import open_runtime
from bot.settings import load_settings
from tests.delivery.ledgers import Clock
from tests.guilds.books import (
    GUILD,
    OTHER_GUILD,
    USER,
    linked,
    rewrite,
    squadron,
    store,
    tenant,
)
from tests.servers import writable_engine
from tests.tenants.entries import load

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)


def link(directory: GuildDirectory, book: GuildBook, guild: int, to: str) -> None:
    assert book.link(guild, tenant(to), by=USER, replacing=None)
    directory.load()


def test_a_guild_that_nobody_knows_sees_nothing(tmp_path: Path, book: GuildBook) -> None:
    directory = GuildDirectory(load(tmp_path, squadron("wolves", guild_ids=[GUILD])), book)

    assert directory.standing(OTHER_GUILD) == Standing(None, None, off=False)
    assert directory.tenant_of(OTHER_GUILD) is None


def test_a_guild_sees_the_tenant_that_the_file_or_else_a_link_gives_it(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(tmp_path, squadron("wolves", guild_ids=[GUILD]), squadron("kestrel"))
    directory = GuildDirectory(registry, book)
    link(directory, book, OTHER_GUILD, "kestrel")

    assert directory.standing(GUILD) == Standing(registry.get("wolves"), "file")
    assert directory.standing(OTHER_GUILD) == Standing(registry.get("kestrel"), "link")
    assert directory.tenant_of(OTHER_GUILD) is registry.get("kestrel")


def test_the_file_wins_over_a_link(tmp_path: Path, book: GuildBook) -> None:
    registry = load(tmp_path, squadron("wolves", guild_ids=[GUILD]), squadron("kestrel"))
    directory = GuildDirectory(registry, book)

    link(directory, book, GUILD, "kestrel")

    assert directory.standing(GUILD) == Standing(registry.get("wolves"), "file")


def test_a_guild_listed_for_a_tenant_that_is_off_or_faulty_sees_nothing_in_spite_of_a_link(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(
        tmp_path,
        squadron("off", guild_ids=[1], enabled=False),
        squadron("faulty", guild_ids=[2, "x"]),
        squadron("kestrel"),
    )
    directory = GuildDirectory(registry, book)
    for guild in (1, 2):
        link(directory, book, guild, "kestrel")

    assert directory.standing(1) == Standing(None, "file", off=True)
    assert directory.standing(2) == Standing(None, "file", off=False)


def test_a_link_to_a_tenant_that_is_off_or_gone_shows_nothing_until_it_is_back(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(tmp_path, squadron("wolves"))
    directory = GuildDirectory(registry, book)
    link(directory, book, GUILD, "wolves")

    rewrite(registry, squadron("wolves", enabled=False))
    assert directory.standing(GUILD) == Standing(None, "link", off=True)
    rewrite(registry, squadron("kestrel"))
    assert directory.standing(GUILD) == Standing(None, "link", off=False)
    rewrite(registry, squadron("wolves"))
    assert directory.standing(GUILD) == Standing(registry.get("wolves"), "link")


def test_several_guilds_may_see_one_tenant(tmp_path: Path, book: GuildBook) -> None:
    registry = load(
        tmp_path,
        squadron("wolves", guild_ids=[1, 2]),
        squadron("kestrel", guild_ids=[3]),
        squadron("off", guild_ids=[4], enabled=False),
    )
    directory = GuildDirectory(registry, book)
    for guild in (2, 3, 4, 5):
        link(directory, book, guild, "wolves")

    wolves, kestrel = registry.get("wolves"), registry.get("kestrel")
    seen = [directory.tenant_of(guild) for guild in range(1, 7)]
    assert seen == [wolves, wolves, kestrel, None, wolves, None]


def test_a_link_made_by_another_process_counts_once_it_is_loaded(
    tmp_path: Path, book: GuildBook, other: GuildBook
) -> None:
    directory = GuildDirectory(load(tmp_path, squadron("wolves")), book)
    other.link(GUILD, tenant("wolves"), by=USER, replacing=None)

    assert directory.tenant_of(GUILD) is None
    directory.load()
    assert directory.tenant_of(GUILD) is not None
    other.unlink(GUILD)
    directory.load()
    assert directory.standing(GUILD).source is None


def test_a_guild_that_the_file_lists_elsewhere_loses_its_link_and_stored_views(
    tmp_path: Path, book: GuildBook, other: GuildBook
) -> None:
    registry = load(tmp_path, squadron("wolves"), squadron("kestrel"))
    directory, theirs = GuildDirectory(registry, book), GuildDirectory(registry, other)
    for guild in (1, 2, 3):
        link(directory, book, guild, "wolves")
    views = {guild: store(book, guild_id=guild) for guild in (1, 2, 3)}

    rewrite(
        registry,
        squadron("wolves", guild_ids=[2]),
        squadron("kestrel", guild_ids=[1]),
    )
    new = store(book, guild_id=1, tenant="kestrel")

    assert theirs.reconcile() == [1]
    assert directory.reconcile() == [], "the other process was first"
    assert linked(book) == {2: "wolves", 3: "wolves"}
    assert {guild for guild, view in views.items() if book.view(view)} == {2, 3}
    assert book.view(new) is not None, "a view of the tenant that it sees now"
    assert directory.standing(1) == Standing(registry.get("kestrel"), "file")
    assert directory.standing(2) == Standing(registry.get("wolves"), "file")
    rewrite(registry, squadron("wolves"), squadron("kestrel"))
    assert directory.standing(1) == Standing()
    assert directory.standing(2) == Standing(registry.get("wolves"), "link")


def test_a_tenant_that_is_off_ends_links_elsewhere_and_a_faulty_one_does_not(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(
        tmp_path,
        squadron("off", guild_ids=[1], enabled=False),
        squadron("faulty", guild_ids=[2, "x"]),
        squadron("kestrel"),
    )
    directory = GuildDirectory(registry, book)
    for guild in (1, 2, 3):
        link(directory, book, guild, "kestrel")

    assert directory.reconcile() == [1]
    assert linked(book) == {2: "kestrel", 3: "kestrel"}


def test_links_that_cannot_be_read_stay_as_they_were(tmp_path: Path, backend_uri: str) -> None:
    database = StateDatabase(backend_uri)
    book = GuildBook(database, Clock())
    registry = load(tmp_path, squadron("wolves"))
    directory = GuildDirectory(registry, book)
    link(directory, book, GUILD, "wolves")
    with writable_engine(backend_uri).begin() as connection:
        guild_link.drop(connection)
    try:
        for work in (directory.load, directory.reconcile):
            with pytest.raises(LedgerError):
                work()
    finally:
        database.dispose()

    assert directory.tenant_of(GUILD) is registry.get("wolves")


def test_a_guild_that_moves_is_never_seen_without_or_with_a_third_tenant(
    tmp_path: Path, book: GuildBook
) -> None:
    versions = [
        [squadron("wolves", guild_ids=[GUILD]), squadron("kestrel")],
        [squadron("wolves"), squadron("kestrel", guild_ids=[GUILD])],
    ]
    registry = load(tmp_path, *versions[0])
    directory = GuildDirectory(registry, book)
    done = threading.Event()
    seen: set[str | None] = set()

    def look() -> None:
        while not done.is_set():
            found = directory.tenant_of(GUILD)
            seen.add(found.id if found else None)

    reader = threading.Thread(target=look)
    reader.start()
    try:
        for number in range(1, 31):
            rewrite(registry, *versions[number % 2])
            directory.load()
    finally:
        done.set()
        reader.join()

    assert seen <= {"wolves", "kestrel"}


async def test_a_runtime_has_the_book_in_the_ledgers_database(
    tmp_path: Path, backend_uri: str
) -> None:
    registry = load(tmp_path, squadron("wolves"))
    settings = load_settings(base_dir=tmp_path, env={"STATE_DB_URI": backend_uri})

    async with open_runtime(settings, registry) as runtime:
        assert runtime.guilds.database is runtime.ledger.database
        assert runtime.guilds.link(GUILD, tenant("wolves"), by=USER, replacing=None)
        assert runtime.guilds.links().keys() == {GUILD}
        assert runtime.ledger.connections_in_use == 0
