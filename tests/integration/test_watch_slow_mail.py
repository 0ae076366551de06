"""A slow mail server beside everything else that the night watch has to do."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.sandbox.faults import Fault, FaultKind
from bot.scheduling.watch import NightWatch
from tests.delivery.office import until
from tests.delivery.receivers import mail_server

if TYPE_CHECKING:
    from tests.delivery.office import Office

MIDNIGHT = datetime(2025, 9, 12, tzinfo=UTC)


async def test_a_webhooks_next_try_does_not_wait_for_a_slow_mail(office: Office) -> None:
    async with mail_server() as mail:
        mail.wait = 60
        mail.data.append("451 later")
        office.add(channels=[mail.url("ada@example.org")])
        office.receiver.faults.script([Fault(FaultKind.STATUS, status=503)] * 2)
        async with office.open() as desk:
            mail.over.set()
            await desk.post()
            mail.over.clear()
            night = NightWatch(desk.runtime, lambda: MIDNIGHT, real=office.clock)
            office.clock.advance(seconds=30)
            first = asyncio.create_task(night.sweep())
            await until(lambda: bool(mail.mails))
            await until(lambda: any(part.in_doubt_count == 2 for part in desk.parts()))
            await until(lambda: "in_doubt" in desk.states())
            office.clock.advance(seconds=30)
            await night.sweep()
            assert len(office.arrived()) == 3
            assert not first.done()
            mail.over.set()
            await first
            assert set(desk.states()) == {"sent"}
    assert len(mail.mails) == 1


async def test_a_missed_night_reaches_the_webhook_though_the_mail_is_slow(office: Office) -> None:
    async with mail_server() as mail:
        mail.wait = 60
        office.add(reports={}, channels=[mail.url("ada@example.org")])
        moment = MIDNIGHT - timedelta(hours=1)
        async with office.open(patience=20) as desk:
            night = NightWatch(desk.runtime, lambda: moment, real=office.clock)
            await night.sweep()
            moment = MIDNIGHT + timedelta(hours=4)
            first = asyncio.create_task(night.sweep())
            await until(lambda: len(office.arrived()) == 2 and bool(mail.mails))
            assert not first.done()
            mail.over.set()
            postings = await first
            assert [posting.status.value for posting in postings].count("sent") == 4
            assert len(mail.mails) == 2


async def test_a_watch_that_is_cut_off_does_not_wait_for_a_slow_mail(office: Office) -> None:
    async with mail_server() as mail:
        mail.wait = 60
        office.add(reports={}, channels=[mail.url("ada@example.org")])
        moment = MIDNIGHT - timedelta(hours=1)
        async with office.open() as desk:
            night = NightWatch(desk.runtime, lambda: moment, real=office.clock)
            await night.sweep()
            moment = MIDNIGHT + timedelta(hours=4)
            first = asyncio.create_task(night.sweep())
            await until(lambda: bool(mail.mails))
            first.cancel()
            await asyncio.wait({first}, timeout=20)
            assert first.cancelled()
            await asyncio.sleep(0.1)  # calls of the ledger go on in their threads
            await until(lambda: desk.ledger.connections_in_use == 0)
