"""The night watch: what is due is posted once, and what was left goes on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.delivery.postings import Status
from bot.periods import Period
from bot.sandbox.faults import Fault, FaultKind
from bot.scheduling.watch import NightWatch
from tests.delivery.office import DAY, until, write_zones
from tests.delivery.receivers import http_service

if TYPE_CHECKING:
    from bot.delivery.postings import Posting
    from tests.delivery.office import Desk, Office

BOTH = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)
MIDNIGHT = datetime(2025, 9, 12, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


class ReportClock:
    """The report's clock, moved by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def watch(desk: Desk, office: Office, now: datetime) -> tuple[NightWatch, ReportClock]:
    clock = ReportClock(now)
    return NightWatch(desk.runtime, clock, real=office.clock), clock


def sent(postings: list[Posting]) -> list[tuple[str, str]]:
    return [
        (posting.label, posting.report) for posting in postings if posting.status is Status.SENT
    ]


@BOTH
async def test_missed_nights_are_posted_oldest_first_each_once(
    office: Office, backend_name: str
) -> None:
    office.add(reports={})
    write_zones(office.folder / "wolves.db", {DAY + ONE_DAY * n: 2 for n in (-2, -1, 1)})
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT - timedelta(days=2, hours=23))
        assert await night.sweep() == []
        clock.now = MIDNIGHT + timedelta(hours=11)
        postings = await night.sweep()
        assert sent(postings) == [
            ("2025-09-10", "daily"),
            ("2025-09-10", "spacecz"),
            ("2025-09-11", "daily"),
            ("2025-09-11", "spacecz"),
        ], "the night of the 9th is older than 36 hours"
        assert await night.sweep() == []
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT + timedelta(hours=11))
        assert await night.sweep() == []
        assert {posting.reason for posting in await night.run("daily")} == {"already sent"}
    arrived = office.arrived()
    assert len(arrived) == len(set(arrived)) == 4


async def test_nothing_is_posted_for_a_time_before_the_tenant_was_seen(office: Office) -> None:
    office.add()
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT + timedelta(minutes=1, seconds=30))
        assert await night.sweep() == []
        clock.now += timedelta(minutes=1)
        assert [posting.report for posting in await night.sweep()] == ["groundcz"]


async def test_the_sweep_and_the_punctual_run_at_one_instant_post_once(office: Office) -> None:
    office.add()
    async with office.open(patience=10) as one, office.open(patience=10) as two:
        nights = []
        for desk in (one, two):
            night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
            await night.sweep()
            clock.now = MIDNIGHT + timedelta(minutes=1)
            nights += [night.sweep(), night.run("daily"), night.run("spacecz")]
        await asyncio.gather(*nights)
    arrived = office.arrived()
    assert len(arrived) == len(set(arrived)) == 4


async def test_a_tenant_that_appears_while_running_is_taken_up_from_then_on(
    office: Office,
) -> None:
    office.add()
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT + timedelta(hours=1))
        await night.sweep()
        fresh = office.add("foxes")["discord_webhooks"]["shoutout"]
        write_zones(office.folder / "foxes.db", {DAY + ONE_DAY: 2})
        clock.now += timedelta(hours=1)
        assert await night.sweep() == [], "last night was before it was seen"
        clock.now = MIDNIGHT + ONE_DAY
        await night.run("daily")
    assert len(office.arrived(fresh)) == 1


async def test_a_part_that_was_left_goes_on_when_its_time_has_come(office: Office) -> None:
    office.add()
    office.receiver.faults.script([None, Fault(FaultKind.RATE_LIMIT, seconds=100)])
    async with office.open() as desk:
        night, _ = watch(desk, office, MIDNIGHT + timedelta(minutes=1))
        await night.run("spacecz")
        assert await night.sweep() == []
    office.clock.advance(seconds=101)
    async with office.open() as desk:
        night, _ = watch(desk, office, MIDNIGHT + timedelta(minutes=3))
        due = await night.next_attempt()
        assert due is not None
        assert due < office.clock()
        assert sent(await night.sweep()) == [("2025-09-11", "spacecz")]
    assert len(office.arrived()) == 3


async def test_a_database_that_fails_all_night_is_asked_until_the_time_is_over(
    office: Office,
) -> None:
    office.add(reports={"spacecz": {"enabled": False}, "groundcz": {"enabled": False}})
    database = office.folder / "wolves.db"
    database.rename(office.folder / "away")
    async with office.open(retry_hours=6) as desk:
        night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
        await night.sweep()
        clock.now = MIDNIGHT + timedelta(minutes=5)
        assert [posting.status for posting in await night.sweep()] == [Status.FAILED]
        office.clock.advance(hours=5)
        assert [posting.status for posting in await night.sweep()] == [Status.FAILED]
        office.clock.advance(hours=2)
        assert await night.sweep() == []
        (office.folder / "away").rename(database)
        assert await night.sweep() == []
        assert sent(await desk.publisher.retry()) == [("2025-09-11", "daily")]
    assert len(office.arrived()) == 1


async def test_one_tenants_silent_webhook_holds_up_no_other_tenants_sweep(
    office: Office,
) -> None:
    office.add("hung")
    other = office.add("foxes")["discord_webhooks"]["shoutout"]
    async with office.open(patience=60, lease=6) as desk:
        night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
        await night.sweep()
        database = office.folder / "foxes.db"
        database.rename(office.folder / "away")
        office.receiver.faults.script([Fault(FaultKind.HANG, seconds=60)])
        clock.now = MIDNIGHT
        first = asyncio.create_task(night.sweep())
        await until(lambda: len(office.receiver.arrivals) == 1)
        (office.folder / "away").rename(database)
        await until(lambda: len(desk.ledger.history(tenant="foxes")) == 1)
        while not office.arrived(other):
            assert not first.done()
            await night.sweep()
        desk.publisher.stop()
        await first
    assert len(office.arrived()) == 1


async def test_an_exchanged_webhook_does_not_bring_the_night_again(office: Office) -> None:
    entry = office.add()
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
        await night.sweep()
        clock.now = MIDNIGHT + timedelta(minutes=1)
        await night.sweep()
        arrived = len(office.arrived())
        clock.now += timedelta(minutes=1)
        entry["discord_webhooks"]["shoutout"] = office.webhook()
        office.save()
        await night.sweep()
    async with office.open() as desk:
        night, _ = watch(desk, office, MIDNIGHT + timedelta(hours=1))
        await night.sweep()
        assert {key.occasion for key in {part.key for part in desk.parts()}} == {"nightly"}
    assert len(office.arrived()) == arrived == 4


async def test_a_webhook_in_place_of_a_refused_one_gets_the_night(office: Office) -> None:
    entry = office.add()
    office.receiver.faults.script([Fault(FaultKind.STATUS, status=404)])
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
        await night.sweep()
        clock.now = MIDNIGHT + timedelta(minutes=1)
        await night.sweep()
        assert office.arrived() == []
        entry["discord_webhooks"]["shoutout"] = office.webhook()
        office.save()
        await night.sweep()
        assert len(office.arrived()) == 4
        postings = await desk.publisher.retry()
        assert {posting.status for posting in postings} == {Status.SKIPPED}
    assert len(office.arrived()) == 4


async def test_a_second_route_whose_turn_never_came_is_caught_up(office: Office) -> None:
    second = office.webhook()
    office.add(webhook=[office.webhook(), second])
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
        await night.sweep()
        route, _ = desk.tenant().routes_for("daily")
        await desk.publisher.publish(
            desk.tenant(), "daily", Period.YESTERDAY, MIDNIGHT, routes=[route]
        )
        clock.now = MIDNIGHT + timedelta(seconds=30)
        assert sent(await night.sweep()) == [("2025-09-11", "daily")]
    assert len(office.arrived(second)) == 1


async def test_a_report_that_cannot_be_computed_is_tried_less_and_less_often(
    office: Office,
) -> None:
    office.add(reports={"spacecz": {"enabled": False}, "groundcz": {"enabled": False}})
    database = office.folder / "wolves.db"
    database.rename(office.folder / "away")
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
        await night.sweep()
        clock.now = MIDNIGHT
        waits = []
        for _ in range(6):
            assert [posting.status for posting in await night.sweep()] == [Status.FAILED]
            assert await night.sweep() == [], "its time has not come"
            due = await night.next_attempt()
            assert due is not None
            waits.append(due - office.clock())
            office.clock.advance(seconds=waits[-1].total_seconds() + 0.1)
        assert waits[-1] > 4 * waits[0]
        (office.folder / "away").rename(database)
        assert sent(await night.sweep()) == [("2025-09-11", "daily")]
        assert await night.next_attempt() is None


async def test_the_same_trouble_is_an_error_in_the_log_once(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.add(reports={"spacecz": {"enabled": False}, "groundcz": {"enabled": False}})
    write_zones(office.folder / "wolves.db", {DAY + ONE_DAY * n: 2 for n in (1, 2)})
    office.receiver.faults.script([Fault(FaultKind.STATUS, status=404)])
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
        await night.sweep()
        for nights in range(3):
            clock.now = MIDNIGHT + nights * ONE_DAY
            await night.run("daily")
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(office.receiver.arrivals) == 1, "a webhook that is gone is used no more"
    assert len(errors) == 1, [record.getMessage() for record in errors]


async def test_a_file_that_somebody_else_reloaded_is_followed(office: Office) -> None:
    office.add()
    async with office.open() as desk:
        night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
        await night.sweep()
        clock.now = MIDNIGHT
        await night.sweep()
        arrived = len(office.arrived())
        fresh = office.webhook()
        office.entries[0]["discord_webhooks"]["shoutout"] = [
            office.entries[0]["discord_webhooks"]["shoutout"],
            fresh,
        ]
        office.save()
        assert desk.registry.refresh()
        await night.sweep()
        clock.now = MIDNIGHT + timedelta(minutes=1)
        await night.sweep()
    assert len(office.arrived(fresh)) == len(office.arrived()) - arrived - 3


async def test_a_missed_night_reaches_a_channel_too_but_not_one_that_was_added_since(
    office: Office,
) -> None:
    async with http_service() as service:
        office.add(reports={}, discord_webhooks={}, channels=[service.url(path="first")])
        async with office.open() as desk:
            night, clock = watch(desk, office, MIDNIGHT - timedelta(hours=1))
            await night.sweep()
            clock.now = MIDNIGHT + timedelta(hours=4)
            assert len(sent(await night.sweep())) == 2
        office.entries[0]["channels"].append(service.url(path="second"))
        office.save()
        async with office.open() as desk:
            night, clock = watch(desk, office, MIDNIGHT + timedelta(hours=5))
            assert sent(await night.sweep()) == []
        assert service.paths == ["/first", "/first"]
