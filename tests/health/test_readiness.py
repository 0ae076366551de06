"""Readiness of a real ledger: which nights are overdue, and what a dead database does."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from bot.periods import Period, window_for
from bot.sandbox.faults import Fault, FaultKind
from bot.scheduling.overdue import GRACE, audit_nights
from bot.scheduling.watch import NightWatch
from tests.delivery.office import DAY, NIGHT
from tests.servers import writable_engine

if TYPE_CHECKING:
    from bot.scheduling.overdue import Nights
    from tests.delivery.office import Desk, Office
    from tests.health.asking import Clinic, Doctor

on_every_ledger = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)
EVENING = NIGHT - timedelta(hours=2)
MORNING = NIGHT + timedelta(hours=3)


def look(desk: Desk, now: datetime = MORNING, real: datetime | None = None) -> Nights:
    """How the nights of the one tenant stand."""
    found = audit_nights(
        desk.ledger,
        desk.registry.tenants,
        desk.runtime.settings,
        now=now,
        real=real or datetime.now(UTC),
    )
    return found["wolves"]


def reports(posts: tuple[object, ...]) -> list[str]:
    return [str(getattr(post, "report", post)) for post in posts]


def watch(desk: Desk, now: datetime) -> NightWatch:
    return NightWatch(desk.runtime, lambda: now)


@on_every_ledger
async def test_a_night_is_overdue_from_the_grace_on_until_it_is_posted(
    office: Office, backend_name: str
) -> None:
    office.add()
    async with office.open() as desk:
        assert look(desk).overdue == (), "never seen before: nothing was due"
        await watch(desk, EVENING).sweep()
        assert look(desk, EVENING).overdue == ()
        midnight = NIGHT.replace(second=0)
        assert look(desk, midnight + GRACE - timedelta(seconds=1)).overdue == ()
        assert reports(look(desk, midnight + GRACE).overdue) == ["daily"]
        assert reports(look(desk).overdue) == ["daily", "spacecz", "groundcz"]
        await watch(desk, MORNING).sweep()
        assert look(desk).overdue == look(desk).given_up == ()


@on_every_ledger
async def test_the_ledger_is_not_changed_by_a_look(office: Office, backend_name: str) -> None:
    office.add()
    async with office.open() as desk:
        look(desk)
        assert desk.ledger.seen() == {}
        assert desk.parts() == []


async def test_a_tenant_or_report_that_is_off_owes_nothing(office: Office) -> None:
    office.add(reports={"daily": {"enabled": False}})
    async with office.open() as desk:
        await watch(desk, EVENING).sweep()
        assert reports(look(desk).overdue) == ["spacecz", "groundcz"]
        office.entries[0]["enabled"] = False
        office.save()
        desk.registry.reload()
        found = audit_nights(
            desk.ledger, desk.registry.tenants, desk.runtime.settings, now=MORNING, real=MORNING
        )
        assert found == {}


async def test_a_report_whose_database_is_away_is_overdue_until_it_is_given_up(
    office: Office,
) -> None:
    office.add()
    async with office.open(retry_hours=6) as desk:
        await watch(desk, EVENING).sweep()
        database = office.folder / "wolves.db"
        database.rename(office.folder / "away")
        await watch(desk, MORNING).sweep()
        assert desk.states() == ["unplanned"] * 3
        assert len(look(desk).overdue) == 3
        found = look(desk, real=datetime.now(UTC) + timedelta(hours=7))
        assert (len(found.overdue), len(found.given_up)) == (0, 3)


async def test_a_webhook_that_is_gone_is_no_reason_not_to_be_ready(
    office: Office, clinic: Clinic
) -> None:
    office.add()
    office.receiver.world.hooks.clear()
    async with office.open() as desk:
        await watch(desk, EVENING).sweep()
        await watch(desk, MORNING).sweep()
        assert "broken" in desk.states()
        doctor = await clinic.open(desk.runtime, clock=lambda: MORNING)
        status, checks = await doctor.ready()
        assert status == 200
        assert "failed for good: wolves daily of 2025-09-12T00:00:00Z" in checks["nights"]["detail"]
        scrape = await doctor.scrape()
        assert scrape.get("bgsbot_nights_overdue", tenant="wolves") == 0
        assert (scrape.get("bgsbot_nights_given_up", tenant="wolves") or 0) >= 1


async def test_a_message_that_waits_for_another_try_is_overdue(office: Office) -> None:
    office.add()
    async with office.open() as desk:
        await watch(desk, EVENING).sweep()
        office.receiver.faults.script([Fault(FaultKind.STATUS, status=502)] * 9)
        await watch(desk, MORNING).sweep()
        assert "in_doubt" in desk.states()
        assert look(desk).overdue != ()


async def test_a_webhook_added_since_does_not_ask_for_old_nights(office: Office) -> None:
    entry = office.add(reports={"daily": {"enabled": False}, "groundcz": {"enabled": False}})
    async with office.open() as desk:
        await watch(desk, EVENING).sweep()
        await watch(desk, MORNING).sweep()
        hooks = entry["discord_webhooks"]
        hooks["shoutout"] = [hooks["shoutout"], office.webhook()]
        office.save()
        desk.registry.reload()
        assert look(desk).overdue == (), "before the watch has seen the new one"
        await watch(desk, MORNING).sweep()
        assert look(desk).overdue == ()


async def test_nothing_is_owed_beyond_the_age_of_catching_up(office: Office) -> None:
    office.add()
    async with office.open(catch_up_hours=1, retry_hours=0) as desk:
        await watch(desk, EVENING).sweep()
        assert look(desk, NIGHT + timedelta(hours=2)).overdue == ()
        assert window_for(Period.YESTERDAY, NIGHT).label == DAY.isoformat()


@on_every_ledger
async def test_readiness_follows_the_nights(
    office: Office, clinic: Clinic, backend_name: str
) -> None:
    office.add()
    async with office.open() as desk:
        now = EVENING
        doctor = await clinic.open(desk.runtime, clock=lambda: now)
        await watch(desk, EVENING).sweep()
        assert await doctor.failing() == set()
        now = MORNING
        await _until_failing(doctor, {"nights"})
        _, checks = await doctor.ready()
        assert checks["nights"]["detail"].startswith(
            "overdue: wolves daily of 2025-09-12T00:00:00Z, wolves spacecz of"
        )
        await watch(desk, MORNING).sweep()
        await _until_failing(doctor, set())


@pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)
async def test_a_state_database_that_hangs_is_told_and_holds_nobody_up(
    office: Office, clinic: Clinic, backend_name: str
) -> None:
    office.add()
    async with office.open() as desk:
        doctor = await clinic.open(desk.runtime, clock=lambda: EVENING, patience=0.3)
        engine = writable_engine(office.state_uri)
        with engine.begin() as connection:
            connection.execute(sa.text("LOCK TABLE bgsbot_part IN ACCESS EXCLUSIVE MODE"))
            status, checks = await doctor.ready()
            assert status == 503
            assert checks["state_database"]["detail"] == "no answer within 0.3 s"
            assert await doctor.alive() == 200
            scrape = await doctor.scrape()
            assert scrape.get("bgsbot_check_ok", check="state_database") == 0
        await _until_failing(doctor, set())


async def test_a_state_database_that_is_broken_is_told_in_one_sentence(
    office: Office, clinic: Clinic
) -> None:
    office.add()
    async with office.open() as desk:
        engine = writable_engine(office.state_uri)
        with engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE bgsbot_part RENAME TO elsewhere"))
        try:
            doctor = await clinic.open(desk.runtime)
            assert await doctor.failing() == {"state_database", "nights"}
            _, checks = await doctor.ready()
            assert "\n" not in checks["state_database"]["detail"]
        finally:
            with engine.begin() as connection:
                connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO bgsbot_part"))


async def _until_failing(doctor: Doctor, wanted: set[str]) -> None:
    """Ask until exactly these checks fail."""
    async with asyncio.timeout(30):
        while await doctor.failing() != wanted:  # noqa: ASYNC110  # it knows no events
            await asyncio.sleep(0.1)
