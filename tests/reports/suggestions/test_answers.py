"""Suggestions while somebody types: where they come from, what is kept, and whose it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.backend import Databases
from bot.reports import Filters
from bot.reports.suggestions import MOST_LISTS, Suggestions
from tests.reports.suggestions.packs import Clock, a_tenant, at_war, settle, systems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.reports.names import Kind
    from bot.tenants import Tenant
    from tests.reports.conftest import NameStatements


async def test_names_come_from_the_tenants_database_on_every_engine(
    make_database: Callable[[], str],
    tmp_path: Path,
    suggestions: Suggestions,
    statements: NameStatements,
) -> None:
    uri = make_database()
    at_war(("Sol", "Ada", "Grant"), ("Solati", "Bo", "Ashby"), ("Sol", "Bo", "Grant")).store(uri)
    tenant = a_tenant(uri, tmp_path)
    assert await suggestions.matching(tenant, "spacecz", "system", "so") == ["Sol", "Solati"]
    assert await suggestions.matching(tenant, "groundcz", "settlement", "") == ["Grant", "Ashby"]
    assert await suggestions.matching(tenant, "daily", "cmdr", "b", limit=1) == ["Bo"]
    assert len(statements.texts) == 3
    for typed in ("s", "sol", "solx", "\0", "'; DROP TABLE event; --"):
        await suggestions.matching(tenant, "spacecz", "system", typed)
    assert len(statements.texts) == 3, "what is kept is not read again"


async def test_other_options_narrow_what_is_suggested_on_every_engine(
    make_database: Callable[[], str],
    tmp_path: Path,
    suggestions: Suggestions,
    statements: NameStatements,
) -> None:
    uri = make_database()
    at_war(("Sol", "Ada", "Grant"), ("Sol", "Bo", "Ashby"), ("Ross", "Ada", "Hope"), times=2).store(
        uri
    )
    tenant = a_tenant(uri, tmp_path)

    async def ask(report: str, kind: Kind, others: Filters) -> list[str]:
        return await suggestions.matching(tenant, report, kind, "", others=others)

    assert await ask("groundcz", "settlement", Filters(("SOL",))) == ["Ashby", "Grant"]
    assert await ask("groundcz", "settlement", Filters(("ross",))) == ["Hope"]
    both = Filters(("sol",), cmdrs=("bo",))
    assert await ask("groundcz", "settlement", both) == ["Ashby"]
    assert await ask("groundcz", "system", Filters(settlements=("hope",))) == ["Ross"]
    assert len(statements.texts) == 3
    assert await ask("spacecz", "cmdr", Filters(settlements=("Hope",))) == ["Ada", "Bo"]
    assert await ask("spacecz", "cmdr", Filters(("Ros",))) == ["Ada", "Bo"], "still being typed"
    assert await ask("spacecz", "cmdr", Filters(cmdrs=("Ada",))) == ["Ada", "Bo"]


async def test_first_askers_share_one_read(
    wolves: Tenant, suggestions: Suggestions, statements: NameStatements
) -> None:
    asked = [suggestions.matching(wolves, "spacecz", "system", typed) for typed in ("s", "w", "")]
    assert await asyncio.gather(*asked) == [["Sol"], ["Wega"], ["Sol", "Wega"]]
    assert len(statements.texts) == 1


async def test_one_who_stops_waiting_does_not_stop_the_others(
    wolves: Tenant, suggestions: Suggestions
) -> None:
    first = asyncio.create_task(suggestions.matching(wolves, "spacecz", "system", "s"))
    second = asyncio.create_task(suggestions.matching(wolves, "spacecz", "system", "s"))
    await asyncio.sleep(0)
    first.cancel()
    assert await second == ["Sol"]
    assert first.cancelled()


async def test_old_names_answer_while_new_ones_are_read(
    wolves: Tenant,
    tmp_path: Path,
    suggestions: Suggestions,
    clock: Clock,
    statements: NameStatements,
) -> None:
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    systems("Sirius").replace(f"sqlite:///{tmp_path}/wolves.db")
    clock.now += 300
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    assert len(statements.texts) == 1, "not old yet"
    clock.now += 1
    for _ in range(3):
        assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    await settle(suggestions)
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sirius"]
    assert len(statements.texts) == 2


async def test_a_changed_database_shows_nothing_of_the_old_one(
    wolves: Tenant, tmp_path: Path, suggestions: Suggestions
) -> None:
    assert await suggestions.matching(wolves, "spacecz", "system", "") == ["Sol", "Wega"]
    systems("Sirius").store(f"sqlite:///{tmp_path}/other.db")
    moved = a_tenant("sqlite:///other.db", tmp_path)
    assert moved.id == wolves.id
    assert await suggestions.matching(moved, "spacecz", "system", "") == ["Sirius"]


async def test_forgetting_reads_anew(
    wolves: Tenant, tmp_path: Path, suggestions: Suggestions
) -> None:
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    systems("Sirius").replace(f"sqlite:///{tmp_path}/wolves.db")
    suggestions.forget()
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sirius"]


async def test_what_was_being_read_when_all_was_forgotten_is_not_kept(
    wolves: Tenant, suggestions: Suggestions, statements: NameStatements
) -> None:
    asking = asyncio.create_task(suggestions.matching(wolves, "spacecz", "system", "s"))
    await asyncio.sleep(0)
    suggestions.forget()
    assert await asking == ["Sol"]
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    assert len(statements.texts) == 2


async def test_only_so_many_lists_are_kept(
    wolves: Tenant, tmp_path: Path, suggestions: Suggestions, statements: NameStatements
) -> None:
    await suggestions.matching(wolves, "spacecz", "system", "")
    for number in range(MOST_LISTS):
        tenant = a_tenant(wolves.db_uri, tmp_path, f"Pack {number}")
        await suggestions.matching(tenant, "spacecz", "system", "")
        assert len(suggestions._lists) <= MOST_LISTS
    assert len(statements.texts) == MOST_LISTS + 1
    await suggestions.matching(wolves, "spacecz", "system", "")
    assert len(statements.texts) == MOST_LISTS + 2


async def test_once_closed_there_are_no_suggestions(wolves: Tenant, tmp_path: Path) -> None:
    databases = Databases()
    suggestions = Suggestions(databases, clock=Clock())
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    suggestions.close()
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == []
    databases.dispose()


@pytest.fixture
def packs(
    make_database: Callable[[], str], tmp_path: Path
) -> Iterator[tuple[Suggestions, list[Tenant]]]:
    """Two tenants, each with names that only it has."""
    tenants = []
    for pack in ("Wolf", "Lamb"):
        uri = make_database()
        at_war(
            *((f"{pack} system {n}", f"{pack} CMDR {n}", f"{pack} base {n}") for n in range(3))
        ).store(uri)
        tenants.append(a_tenant(uri, tmp_path, f"{pack} pack"))
    databases = Databases()
    suggestions = Suggestions(databases, clock=Clock(), patience=60)
    yield suggestions, tenants
    suggestions.close()
    databases.dispose()


async def test_no_tenant_is_shown_names_of_another(
    packs: tuple[Suggestions, list[Tenant]],
) -> None:
    suggestions, tenants = packs
    kinds: tuple[Kind, ...] = ("system", "cmdr", "settlement")
    typed = ["", "w", "l", "lamb", "wolf", "Lamb system 1", "base", "%", "_", "\0", "' OR 1=1 --"]
    foreign = Filters(("Lamb system 1", "Wolf system 1"), (), ("lamb cmdr 1",), ("wolf base 1",))
    questions = [
        (tenant, pack, report, kind, text, others)
        for text in typed
        for report in ("daily", "spacecz", "groundcz")
        for kind in kinds
        for others in (Filters(), foreign)
        for tenant, pack in zip(tenants, ("Wolf", "Lamb"), strict=True)
    ]
    answers = await asyncio.gather(
        *(
            suggestions.matching(tenant, report, kind, text, others=others)
            for tenant, _, report, kind, text, others in questions
        )
    )
    assert any(answers)
    for (_, pack, *_), found in zip(questions, answers, strict=True):
        assert all(name.startswith(pack) for name in found)
