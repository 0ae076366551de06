"""Many askers at once: equal questions share a run, failures are not kept."""

from __future__ import annotations

import asyncio
import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.backend import Databases, DatabaseUnreachable
from bot.observing import Observer
from bot.periods import Period
from bot.reports import Filters, registry
from bot.reports.results import DailyResult
from bot.reports.service import ReportService, ReportTooSlowError
from bot.tenants import Tenant, tenant_from_mapping
from tests.backend.silent import black_hole
from tests.squadron import Squadron

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.reports.results import Result
    from bot.reports.source import Source

NOW = datetime(2025, 9, 12, 20, 0, tzinfo=UTC)


class Counting:
    """A report that counts how often it is computed, and takes a moment."""

    def __init__(self) -> None:
        self.runs = 0
        self.fails = False

    def __call__(self, source: Source) -> Result:
        self.runs += 1
        source.connection.exec_driver_sql("SELECT 1")
        if self.fails:
            raise RuntimeError("it failed")
        return DailyResult(source.window, ())


@pytest.fixture
def counting() -> Iterator[Counting]:
    report = Counting()
    registry.register(registry.Report("counting", "Counting", report))
    yield report
    registry.unregister("counting")


@pytest.fixture
def tenant(tmp_path: Path) -> Tenant:
    squadron = Squadron()
    squadron.influence("+++", squadron.mission())
    squadron.event(tickid="zoy-1", ticktime="2025-09-12T10:00:00Z")
    squadron.store(f"sqlite:///{tmp_path}/wolves.db")
    raw = {"name": "Wolves", "db_uri": "sqlite:///wolves.db", "faction_name": "wolves"}
    return tenant_from_mapping(raw, base_dir=tmp_path, webhook_hosts=())


@pytest.fixture
def service() -> Iterator[ReportService]:
    databases = Databases()
    service = ReportService(databases)
    yield service
    service.close()
    databases.dispose()


class Timing(Observer):
    """Keeps what it hears of queries."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []

    def query_done(self, report: str, engine: str, outcome: str, seconds: float) -> None:
        self.heard.append((report, engine, outcome))


async def test_a_tenant_without_a_faction_name_is_told_of_once_and_by_name(
    tmp_path: Path, service: ReportService, caplog: pytest.LogCaptureFixture
) -> None:
    Squadron().store(f"sqlite:///{tmp_path}/wolves.db")

    def named(name: str, **more: str) -> Tenant:
        raw = {"name": name, "db_uri": "sqlite:///wolves.db", **more}
        return tenant_from_mapping(raw, base_dir=tmp_path, webhook_hosts=())

    nameless, other = named("Nameless Once"), named("Other Once")
    with caplog.at_level(logging.INFO, "bot.reports"):
        for tenant in (nameless, other, nameless, named("Other Once"), nameless):
            await service.get(tenant, "daily", Period.TODAY, NOW)
        assert told_of_no_faction(caplog) == [nameless.id, other.id]

        await service.get(named("Other Once", faction_name="Owls"), "daily", Period.TODAY, NOW)
        await service.get(other, "daily", Period.TODAY, NOW)
        assert told_of_no_faction(caplog) == [nameless.id, other.id, other.id]


def told_of_no_faction(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Whose missing faction name the log tells of, in order."""
    return [vars(record)["tenant"] for record in caplog.records if "faction_name" in record.message]


async def test_a_query_is_told_with_the_engine_that_answered(
    tmp_path: Path, backend_name: str, backend_uri: str
) -> None:
    Squadron().store(backend_uri)
    raw = {"name": "Wolves", "db_uri": backend_uri}
    timing, databases = Timing(), Databases()
    service = ReportService(databases, observer=timing)
    try:
        tenant = tenant_from_mapping(raw, base_dir=tmp_path, webhook_hosts=())
        await service.get(tenant, "daily", Period.TODAY, NOW)
    finally:
        service.close()
        databases.dispose()
    assert timing.heard == [("daily", backend_name, "ok")]


async def test_a_query_to_nobody_is_told_without_asking_again(tmp_path: Path) -> None:
    raw = {"name": "Wolves", "db_uri": "mysql://bgs:bgs@127.0.0.1:9/bgs"}
    timing, databases = Timing(), Databases()
    service = ReportService(databases, observer=timing)
    try:
        tenant = tenant_from_mapping(raw, base_dir=tmp_path, webhook_hosts=())
        with pytest.raises(DatabaseUnreachable):
            await service.get(tenant, "daily", Period.TODAY, NOW)
    finally:
        service.close()
        databases.dispose()
    assert timing.heard == [("daily", "mysql", "failed")]


async def test_a_tenant_gets_its_report(service: ReportService, tenant: Tenant) -> None:
    result = await service.get(tenant, "daily", Period.TODAY, NOW)
    assert isinstance(result, DailyResult)
    assert [section.key for section in result.sections] == [
        "missions",
        "influence",
        "own_influence",
    ]


async def test_equal_questions_share_one_run(
    service: ReportService, tenant: Tenant, counting: Counting
) -> None:
    later = NOW + timedelta(seconds=5)
    asked = [service.get(tenant, "counting", Period.TODAY, at) for at in (NOW, NOW, later)]
    first, *others = await asyncio.gather(*asked)
    assert counting.runs == 1
    assert all(other is first for other in others)
    await service.get(tenant, "counting", Period.TODAY, NOW)
    assert counting.runs == 2, "an answer is not kept"


async def test_different_questions_do_not_share(
    service: ReportService, tenant: Tenant, counting: Counting
) -> None:
    await asyncio.gather(
        service.get(tenant, "counting", Period.TODAY, NOW),
        service.get(tenant, "counting", Period.YESTERDAY, NOW),
        service.get(tenant, "counting", Period.TODAY, NOW, top=3),
        service.get(tenant, "counting", Period.TODAY, NOW, filters=Filters(cmdrs=("Ada",))),
    )
    assert counting.runs == 4


async def test_one_who_stops_waiting_does_not_stop_the_others(
    service: ReportService, tenant: Tenant, counting: Counting
) -> None:
    first = asyncio.create_task(service.get(tenant, "counting", Period.TODAY, NOW))
    second = asyncio.create_task(service.get(tenant, "counting", Period.TODAY, NOW))
    await asyncio.sleep(0)
    first.cancel()
    assert isinstance(await second, DailyResult)
    assert first.cancelled()
    assert counting.runs == 1


async def test_a_failure_reaches_all_and_is_not_kept(
    service: ReportService, tenant: Tenant, counting: Counting
) -> None:
    counting.fails = True
    asked = [service.get(tenant, "counting", Period.TODAY, NOW) for _ in range(2)]
    failures = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(failure) for failure in failures] == ["it failed"] * 2
    counting.fails = False
    assert isinstance(await service.get(tenant, "counting", Period.TODAY, NOW), DailyResult)


async def test_a_database_that_is_not_there_is_one_clear_error(
    service: ReportService, tmp_path: Path
) -> None:
    raw = {"name": "Gone", "db_uri": "sqlite:///gone.db"}
    gone = tenant_from_mapping(raw, base_dir=tmp_path, webhook_hosts=())
    with pytest.raises(DatabaseUnreachable, match=r"gone\.db"):
        await service.get(gone, "daily", Period.TODAY, NOW)


async def test_an_unknown_report_names_those_there_are(
    service: ReportService, tenant: Tenant
) -> None:
    with pytest.raises(registry.UnknownReportError, match="daily, spacecz, groundcz"):
        await service.get(tenant, "weekly", Period.TODAY, NOW)


async def test_windows_are_found_with_and_without_the_database(
    service: ReportService, tenant: Tenant
) -> None:
    assert (await service.window(tenant, Period.THIS_TICK, NOW)).key == "tick:zoy-1"
    assert (await service.window(tenant, Period.YESTERDAY, NOW)).label == "2025-09-11"


class Hanging:
    """A report that comes to no end until it is let go."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.runs = 0

    def __call__(self, source: Source) -> Result:
        self.runs += 1
        self.free.wait(60)
        return DailyResult(source.window, ())


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    report = Hanging()
    registry.register(registry.Report("hanging", "Hanging", report))
    yield report
    report.free.set()
    registry.unregister("hanging")


@pytest.fixture
def brief() -> Iterator[tuple[ReportService, Timing]]:
    """A service that does not wait long for added reports."""
    databases, timing = Databases(), Timing()
    service = ReportService(databases, patience=0.3, observer=timing)
    yield service, timing
    service.close()
    databases.dispose()


async def test_an_added_report_without_end_takes_nothing_from_others(
    brief: tuple[ReportService, Timing],
    tenant: Tenant,
    hanging: Hanging,
    counting: Counting,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service, timing = brief
    periods = [Period.TODAY, Period.YESTERDAY, Period.THIS_WEEK, Period.ALL_TIME, Period.THIS_YEAR]
    for period in periods:
        with pytest.raises(ReportTooSlowError, match="hanging takes longer than"):
            await service.get(tenant, "hanging", period, NOW)
    assert hanging.runs == 1, "a run that has not ended is not joined by others"
    assert isinstance(await service.get(tenant, "counting", Period.TODAY, NOW), DailyResult)
    assert isinstance(await service.get(tenant, "daily", Period.TODAY, NOW), DailyResult)
    assert "the report hanging does not come to an end" in caplog.text
    assert timing.heard == [
        ("hanging", "sqlite", "timeout"),
        ("counting", "sqlite", "ok"),
        ("daily", "sqlite", "ok"),
    ]


async def test_an_added_report_is_asked_again_once_it_has_ended(
    brief: tuple[ReportService, Timing], tenant: Tenant, hanging: Hanging
) -> None:
    service, _ = brief
    with pytest.raises(ReportTooSlowError):
        await service.get(tenant, "hanging", Period.TODAY, NOW)
    hanging.free.set()
    async with asyncio.timeout(20):
        while True:
            try:
                result = await service.get(tenant, "hanging", Period.TODAY, NOW)
                break
            except ReportTooSlowError:
                await asyncio.sleep(0.02)
    assert isinstance(result, DailyResult)


def test_the_built_in_reports_come_in_their_order() -> None:
    assert registry.keys()[:3] == ("daily", "spacecz", "groundcz")
    with pytest.raises(ValueError, match="already"):
        registry.register(registry.get("daily"))


async def test_databases_that_say_nothing_hold_up_their_own_reports_only(
    tenant: Tenant, tmp_path: Path
) -> None:
    databases = Databases(query_timeout=120)
    service = ReportService(databases)
    with black_hole() as port:
        silent = [
            tenant_from_mapping(
                {"name": f"Silent {number}", "db_uri": f"mysql://bgs@127.0.0.1:{port}/bgs"},
                base_dir=tmp_path,
                webhook_hosts=(),
            )
            for number in range(6)
        ]
        stuck = [
            asyncio.create_task(service.get(each, "daily", period, NOW))
            for each in silent
            for period in (Period.TODAY, Period.YESTERDAY, Period.ALL_TIME)
        ]
        await asyncio.sleep(0)
        result = await asyncio.wait_for(service.get(tenant, "daily", Period.TODAY, NOW), 300)
        assert not result.is_empty
        assert not any(task.done() for task in stuck)
        service.close()
        for task in stuck:
            task.cancel()
        await asyncio.gather(*stuck, return_exceptions=True)
    databases.dispose()
