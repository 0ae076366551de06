"""The tenants' databases are asked seldom, and nobody waits for them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.health.ages import NewestEvents
from bot.threads import WorkerPool
from tests.backend.silent import black_hole
from tests.delivery.office import write_zones

if TYPE_CHECKING:
    from bot.health.ages import Newest
    from tests.delivery.office import Desk, Office
    from tests.health.asking import Clinic

FIRST = datetime(2025, 9, 11, 18, 30, tzinfo=UTC)
LATER = datetime(2025, 9, 12, 18, 30, tzinfo=UTC)


async def test_a_database_that_says_nothing_holds_no_scrape_up(
    office: Office, clinic: Clinic
) -> None:
    office.add()
    with black_hole() as port:
        office.add("silent", db_uri=f"postgresql://u:hunter2hunter2@127.0.0.1:{port}/d")
        async with office.open() as desk:
            doctor = await clinic.open(desk.runtime)
            async with asyncio.timeout(30):
                while True:
                    scrape = await doctor.scrape()
                    if scrape.get("bgsbot_tenant_database_up", tenant="wolves") == 1:
                        break
                    await asyncio.sleep(0.05)
            assert scrape.get("bgsbot_tenant_database_up", tenant="silent") is None
            assert "hunter2" not in scrape.text


async def test_a_database_is_not_asked_again_before_its_time(office: Office) -> None:
    office.add()
    now = 1000.0
    pool = WorkerPool(2, "newest")
    try:
        async with office.open() as desk:
            newest = NewestEvents(pool, keep=300, monotonic=lambda: now)
            assert newest.look(desk.runtime) == {}
            assert (await known(newest, desk))["wolves"].at == FIRST
            write_zones(office.folder / "wolves.db", {LATER.date(): 1})
            now += 299
            assert newest.look(desk.runtime)["wolves"].at == FIRST
            assert newest.asking == set()
            now += 1
            assert newest.look(desk.runtime)["wolves"].at == FIRST, "nobody waits"
            assert (await known(newest, desk))["wolves"].at == LATER
    finally:
        pool.shutdown()


async def test_a_database_that_is_away_keeps_its_last_event_and_is_told(office: Office) -> None:
    office.add()
    now = 1000.0
    pool = WorkerPool(2, "newest")
    try:
        async with office.open() as desk:
            newest = NewestEvents(pool, keep=300, monotonic=lambda: now)
            newest.look(desk.runtime)
            assert (await known(newest, desk))["wolves"].is_up
            (office.folder / "wolves.db").rename(office.folder / "away")
            now += 300
            newest.look(desk.runtime)
            found = (await known(newest, desk))["wolves"]
            assert (found.at, found.is_up) == (FIRST, False)
            office.entries.clear()
            office.save()
            desk.registry.reload()
            assert newest.look(desk.runtime) == {}
    finally:
        pool.shutdown()


async def known(newest: NewestEvents, desk: Desk) -> dict[str, Newest]:
    """Return what is known when all that was asked is answered."""
    await asyncio.wait(newest.asking)
    return newest.look(desk.runtime)
