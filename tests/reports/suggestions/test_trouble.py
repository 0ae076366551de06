"""Suggestions from a database that is away or slow: what is shown, logged and tried again."""

from __future__ import annotations

import asyncio
import logging
import socket
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from bot.backend import Databases
from bot.backend.errors import DatabaseError
from bot.reports.suggestions import Suggestions
from tests.reports.suggestions.packs import a_tenant, settle, systems

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from bot.reports.names import Kind
    from bot.tenants import Tenant
    from tests.reports.suggestions.packs import Clock


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
