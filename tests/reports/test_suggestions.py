"""Suggestions while somebody types: what matches, what is kept, and whose it is."""

from __future__ import annotations

import asyncio
import logging
import socket
import sqlite3
import unicodedata
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.backend import Databases
from bot.backend.errors import DatabaseError
from bot.reports import Filters
from bot.reports.name_lists import LONGEST_NAME, NameList, comparable
from bot.reports.names import Name
from bot.reports.suggestions import MOST_LISTS, Suggestions
from bot.tenants import Tenant, tenant_from_mapping
from tests.reports.squadrons import names as any_names
from tests.squadron import Squadron

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.reports.names import Kind
    from tests.reports.conftest import NameStatements


def a_tenant(uri: str, folder: Path, name: str = "Wolves") -> Tenant:
    return tenant_from_mapping({"name": name, "db_uri": uri}, base_dir=folder, webhook_hosts=())


def at_war(*zones: tuple[str, str, str], times: int = 1) -> Squadron:
    """A squadron with ground and space zones at these systems, CMDRs and settlements."""
    squadron = Squadron()
    for _ in range(times):
        for system, cmdr, place in zones:
            event = squadron.event(starsystem=system, cmdr=cmdr)
            squadron.ground_cz("low", event=event, settlement=place)
            squadron.cz("low", event=event)
    return squadron


def systems(*names: str) -> Squadron:
    return at_war(*((name, "Ada", "Base") for name in names))


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def suggestions(clock: Clock) -> Iterator[Suggestions]:
    """Suggestions whose databases are let go at the end."""
    databases = Databases()
    found = Suggestions(databases, clock=clock, patience=60)
    yield found
    found.close()
    found._pool.shutdown(wait=True)  # a read under way holds its connection
    databases.dispose()


async def settle(suggestions: Suggestions) -> None:
    """Wait for all reads in the background."""
    while suggestions._tasks:
        await asyncio.wait(suggestions._tasks)


@pytest.fixture
def wolves(tmp_path: Path) -> Tenant:
    systems("Sol", "Wega").store(f"sqlite:///{tmp_path}/wolves.db")
    return a_tenant("sqlite:///wolves.db", tmp_path)


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


async def test_a_failure_is_logged_and_not_kept(
    tmp_path: Path, suggestions: Suggestions, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    tenant = a_tenant("sqlite:///wolves.db", tmp_path)
    for _ in range(3):
        assert await suggestions.matching(tenant, "spacecz", "system", "s") == []
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "wolves.db" in caplog.text
    systems("Sol").store(f"sqlite:///{tmp_path}/wolves.db")
    clock.now += 9
    assert await suggestions.matching(tenant, "spacecz", "system", "s") == []
    clock.now += 1
    assert await suggestions.matching(tenant, "spacecz", "system", "s") == ["Sol"]


async def test_a_failure_can_be_asked_for_until_it_is_tried_again(
    tmp_path: Path, suggestions: Suggestions, clock: Clock
) -> None:
    tenant = a_tenant("sqlite:///wolves.db", tmp_path)
    assert suggestions.failure(tenant, "spacecz", "system") is None
    await suggestions.matching(tenant, "spacecz", "system", "s")
    error = suggestions.failure(tenant, "spacecz", "system")
    assert isinstance(error, DatabaseError)
    await suggestions.matching(tenant, "spacecz", "system", "so")
    assert suggestions.failure(tenant, "spacecz", "system") is error
    clock.now += 10
    assert suggestions.failure(tenant, "spacecz", "system") is None


async def test_old_names_that_answer_are_no_failure(
    wolves: Tenant, tmp_path: Path, suggestions: Suggestions, clock: Clock
) -> None:
    await suggestions.matching(wolves, "spacecz", "system", "s")
    (tmp_path / "wolves.db").rename(tmp_path / "away.db")
    clock.now += 301
    await suggestions.matching(wolves, "spacecz", "system", "s")
    await settle(suggestions)
    assert suggestions.failure(wolves, "spacecz", "system") is None


async def test_an_address_that_cannot_be_used_is_a_failure_without_a_secret(
    tmp_path: Path, suggestions: Suggestions
) -> None:
    odd = a_tenant("postgresql://wolf:hunter2@127.0.0.1:99999/wolves", tmp_path)
    error = suggestions.failure(odd, "spacecz", "system")
    assert isinstance(error, DatabaseError)
    assert "hunter2" not in str(error)


async def test_old_names_stay_while_the_database_is_away(
    wolves: Tenant, tmp_path: Path, suggestions: Suggestions, clock: Clock
) -> None:
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    (tmp_path / "wolves.db").rename(tmp_path / "away.db")
    clock.now += 301
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    await settle(suggestions)
    assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    (tmp_path / "away.db").rename(tmp_path / "wolves.db")


async def test_a_report_that_is_not_there_gives_nothing(
    wolves: Tenant, suggestions: Suggestions, caplog: pytest.LogCaptureFixture
) -> None:
    assert await suggestions.matching(wolves, "weekly", "system", "s") == []
    assert f"of {wolves.id}" in caplog.text


async def test_a_database_that_cannot_be_used_gives_nothing_and_no_secret(
    tmp_path: Path, suggestions: Suggestions, caplog: pytest.LogCaptureFixture
) -> None:
    tenant = a_tenant("postgresql://wolf:hunter2@127.0.0.1:1/wolves", tmp_path)
    odd = a_tenant("postgresql://wolf:hunter2@127.0.0.1:99999/wolves", tmp_path, "Odd")
    for away in (tenant, odd):
        assert await suggestions.matching(away, "spacecz", "system", "s") == []
        assert away.id in caplog.text
    assert "hunter2" not in caplog.text


async def test_a_slow_database_is_not_waited_for(
    wolves: Tenant, tmp_path: Path, clock: Clock
) -> None:
    databases = Databases()
    suggestions = Suggestions(databases, clock=clock, patience=0)
    try:
        assert await suggestions.matching(wolves, "spacecz", "system", "s") == []
        await settle(suggestions)
        assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
    finally:
        suggestions.close()
        databases.dispose()


async def test_a_database_that_does_not_answer_keeps_no_other_waiting(
    wolves: Tenant, tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    databases = Databases(query_timeout=1)
    suggestions = Suggestions(databases, clock=clock, max_workers=2, patience=60)
    kinds: tuple[Kind, ...] = ("settlement", "cmdr", "system")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        away = a_tenant(f"postgresql://wolf:hunter2@127.0.0.1:{port}/wolves", tmp_path, "Away")
        waiting = [
            asyncio.create_task(suggestions.matching(away, "groundcz", kind, "")) for kind in kinds
        ]
        await asyncio.sleep(0)
        try:
            assert await suggestions.matching(wolves, "spacecz", "system", "s") == ["Sol"]
            assert not any(asking.done() for asking in waiting)
            assert await asyncio.gather(*waiting) == [[], [], []]
        finally:
            suggestions.close()
            databases.dispose()
    assert len(caplog.records) == 1, "what waited behind it was not tried"
    assert "hunter2" not in caplog.text


async def test_a_read_takes_only_so_long(
    wolves: Tenant, tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    databases = Databases(query_timeout=600)
    suggestions = Suggestions(databases, clock=clock, patience=60, read_timeout=0.2)
    with closing(sqlite3.connect(tmp_path / "wolves.db")) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        try:
            assert await suggestions.matching(wolves, "spacecz", "system", "s") == []
        finally:
            suggestions.close()
            databases.dispose()
    assert "wolves.db" in caplog.text


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


def test_no_statement_is_made_of_what_is_typed(statements: NameStatements) -> None:
    assert sa.event.contains(sa.Engine, "before_cursor_execute", statements)
    assert listed("Sol").matching("'; DROP TABLE event; --", 25) == []
    assert not statements.texts
