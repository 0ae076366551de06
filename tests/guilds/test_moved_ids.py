"""What a guild sees when a tenant's id moves to another tenant.

An id that the file does not give follows from the name: of `Wolfe` and
`Wölfe` in one file the first is ``wolfe`` and the second ``wolfe-2``, until
the first is taken out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.guilds.directory import GuildDirectory, Standing
from tests.guilds.books import GUILD, OTHER_GUILD, USER, rewrite, squadron, store
from tests.tenants.entries import load

if TYPE_CHECKING:
    from pathlib import Path

    from bot.guilds.book import GuildBook
    from bot.tenants import TenantRegistry

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)

GONE = Standing(None, "link")


def link(directory: GuildDirectory, book: GuildBook, registry: TenantRegistry, name: str) -> None:
    assert book.link(GUILD, registry.get(name), by=USER, replacing=None)
    directory.load()


def test_a_link_does_not_lead_to_another_tenant_that_has_taken_its_id(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(tmp_path, squadron("Wolfe"), squadron("Wölfe"))
    directory = GuildDirectory(registry, book)
    link(directory, book, registry, "Wolfe")
    assert directory.standing(GUILD) == Standing(registry.get("Wolfe"), "link")
    view = store(book, tenant="wolfe")

    rewrite(registry, squadron("Wölfe"))
    directory.reconcile()

    assert registry.get("Wölfe").id == "wolfe"
    assert directory.standing(GUILD) == GONE

    assert book.link(GUILD, registry.get("Wölfe"), by=USER, replacing="wolfe")
    directory.load()
    assert directory.standing(GUILD) == Standing(registry.get("Wölfe"), "link")
    assert book.view(view) is None, "it was a view of the other tenant of that id"


def test_a_link_leads_to_no_tenant_that_was_given_its_id_later(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(tmp_path, squadron("Wolfe"), squadron("Wölfe"))
    directory = GuildDirectory(registry, book)
    link(directory, book, registry, "Wolfe")

    rewrite(registry, squadron("Wolfe"), squadron("Wölfe", id="wolfe"))

    assert registry.get("Wölfe").id == "wolfe"
    assert directory.standing(GUILD) == GONE


def test_a_link_to_an_id_of_the_file_does_not_lead_to_a_name_that_gives_the_same(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(tmp_path, squadron("Wolfe", id="wolfe"), squadron("Wölfe"))
    directory = GuildDirectory(registry, book)
    link(directory, book, registry, "Wolfe")

    rewrite(registry, squadron("Wölfe"))

    assert registry.get("Wölfe").id == "wolfe"
    assert directory.standing(GUILD) == GONE


def test_a_link_outlives_a_new_name_only_where_the_file_gives_the_id(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(tmp_path, squadron("Wolfe", id="wolfe"))
    directory = GuildDirectory(registry, book)
    link(directory, book, registry, "Wolfe")

    for name in ("WOLFE", "Rudel"):
        rewrite(registry, squadron(name, id="wolfe"))
        assert directory.standing(GUILD) == Standing(registry.get(name), "link")
    rewrite(registry, squadron("WOLFE"))
    assert directory.standing(GUILD) == GONE


@pytest.mark.parametrize(("before", "after"), [({}, {"id": "wolfe"}), ({"id": "wolfe"}, {})])
def test_a_link_outlives_that_the_file_gives_the_id_or_no_longer(
    tmp_path: Path, book: GuildBook, before: dict[str, str], after: dict[str, str]
) -> None:
    registry = load(tmp_path, squadron("Wolfe", **before))
    directory = GuildDirectory(registry, book)
    link(directory, book, registry, "Wolfe")

    rewrite(registry, squadron("Wolfe", **after))

    assert directory.standing(GUILD) == Standing(registry.get("Wolfe"), "link")


def test_a_link_is_back_when_its_tenant_is(tmp_path: Path, book: GuildBook) -> None:
    registry = load(tmp_path, squadron("Wolfe"), squadron("Wölfe"))
    directory = GuildDirectory(registry, book)
    link(directory, book, registry, "Wolfe")

    for entries, standing in (
        ([squadron("Wölfe"), squadron("Wolfe")], GONE),
        ([squadron("Wolfe", enabled=False), squadron("Wölfe")], Standing(None, "link", off=True)),
    ):
        rewrite(registry, *entries)
        assert directory.standing(GUILD) == standing
    rewrite(registry, squadron("Wolfe"))
    assert directory.standing(GUILD) == Standing(registry.get("wolfe"), "link")


@pytest.mark.parametrize("second", [{}, {"enabled": False}, {"db_uri": 5}])
def test_of_two_tenants_of_one_name_a_link_leads_to_none(
    tmp_path: Path, book: GuildBook, second: dict[str, object]
) -> None:
    registry = load(tmp_path, squadron("Wolfe"))
    directory = GuildDirectory(registry, book)
    link(directory, book, registry, "Wolfe")
    assert directory.can_be_linked(registry.get("wolfe"))

    rewrite(registry, squadron("Wolfe"), squadron("Wolfe", **second))
    assert directory.standing(GUILD) == GONE
    assert not directory.can_be_linked(registry.get("wolfe"))

    rewrite(registry, squadron("Wolfe"), squadron("Wolfe", id="others", **second))
    assert directory.can_be_linked(registry.get("wolfe")) == ("db_uri" not in second)
    rewrite(registry, squadron("Wolfe", id="wolfe"), squadron("Wolfe", **second))
    assert directory.standing(GUILD) == Standing(registry.get("wolfe"), "link")


def test_a_link_to_a_tenant_whose_entry_has_got_faults_stays(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(tmp_path, squadron("Wolfe"))
    directory = GuildDirectory(registry, book)
    link(directory, book, registry, "Wolfe")

    rewrite(registry, squadron("Wolfe", db_uri=5))

    assert directory.standing(GUILD) == Standing(registry.get("wolfe"), "link")


def test_a_guild_of_the_file_goes_with_its_entry_whatever_the_ids(
    tmp_path: Path, book: GuildBook
) -> None:
    first, second = squadron("Wolfe", guild_ids=[GUILD]), squadron("Wölfe", guild_ids=[OTHER_GUILD])
    registry = load(tmp_path, first, second)
    directory = GuildDirectory(registry, book)
    views = {guild: directory.tenant_of(guild) for guild in (GUILD, OTHER_GUILD)}

    for entries in ([second, first], [second], [first]):
        rewrite(registry, *entries)
        directory.reconcile()
        for guild, name in ((GUILD, "Wolfe"), (OTHER_GUILD, "Wölfe")):
            seen, before = directory.tenant_of(guild), views[guild]
            assert before is not None
            assert seen is None or seen.name == name == before.name


def test_a_guild_that_the_file_lists_for_the_tenant_that_has_taken_the_id_loses_its_link(
    tmp_path: Path, book: GuildBook
) -> None:
    registry = load(tmp_path, squadron("Wolfe"), squadron("Wölfe"))
    directory = GuildDirectory(registry, book)
    link(directory, book, registry, "Wolfe")
    view = store(book, tenant="wolfe")

    rewrite(registry, squadron("Wölfe", guild_ids=[GUILD]))

    assert directory.reconcile() == [GUILD]
    assert book.links() == {}
    assert book.view(view) is None
