"""Services that take long to answer, or never do: who waits, and who gets copies."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.delivery.messenger import Messenger
from bot.delivery.outcomes import NotSent, Sent
from bot.delivery.postings import Status
from bot.tenants import Channel
from tests.delivery.office import until
from tests.delivery.receivers import HANG, RESET, http_service, mail_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.delivery.office import Desk, Office
    from tests.delivery.receivers import HttpService, MailServer

ADA = "ada@example.org"
LETTER = {"title": "Title", "body": "Body", "format": "text"}


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    async with http_service() as running:
        yield running


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


async def night(office: Office, desk: Desk, hours: float = 12) -> None:
    """Let a night pass, a sweep every minute, as the schedule does."""
    for _ in range(int(hours * 60)):
        if all(part.state.settled for part in desk.parts()):
            return
        office.clock.advance(minutes=1)
        await desk.publisher.resume()


async def test_a_mail_server_that_takes_its_time_gets_one_copy(
    office: Office, mail: MailServer
) -> None:
    mail.wait = 2.5
    office.add(discord_webhooks={}, channels=[mail.url(ADA)])
    async with office.open(lease=1.5) as desk:
        assert [each.status for each in await desk.post()] == [Status.SENT]
        [part] = desk.parts()
        assert part.in_doubt_count == 0
    assert len(mail.mails) == 1


async def test_a_slow_mail_server_holds_up_no_webhook_and_no_other_channel(
    office: Office, mail: MailServer, service: HttpService
) -> None:
    mail.wait = 60
    office.add(channels=[mail.url(ADA), service.url()])
    office.add("foxes", discord_webhooks={}, channels=[service.url(path="foxes/t0ken-1234567")])
    async with office.open() as desk:
        posting = asyncio.create_task(desk.post())
        await until(lambda: bool(mail.mails))
        await desk.post(name="foxes")
        await until(lambda: len(office.arrived()) == 3 and len(service.received) == 2)
        assert not posting.done()
        posting.cancel()


async def test_many_slow_mail_servers_leave_room_for_others(mail: MailServer) -> None:
    mail.wait = 60
    messenger = Messenger(gap=0)

    async def send(url: str, scheme: str) -> object:
        channel = Channel(url, scheme)
        return await messenger.send(channel, LETTER, timeout=60, max_wait=1, before_write=_yes)

    slow = [
        asyncio.create_task(send(mail.url(f"p{number}@example.org"), "mailto"))
        for number in range(12)
    ]
    await until(lambda: len(mail.mails) == 12)
    async with http_service() as service:
        assert await send(service.url(), "json") == Sent(None)
    assert isinstance(await send(mail.url("p0@example.org"), "mailto"), NotSent)
    for task in slow:
        task.cancel()
    messenger.close()


async def test_a_stop_does_not_wait_for_a_slow_mail_server(
    office: Office, mail: MailServer
) -> None:
    mail.wait = 60
    office.add(discord_webhooks={}, channels=[mail.url(ADA)])
    async with office.open(lease=1.5) as desk:
        posting = asyncio.create_task(desk.post())
        await until(lambda: bool(mail.mails))
        desk.publisher.stop()
        [ended] = await asyncio.wait_for(posting, 20)
        assert "stopped before an answer came" in ended.reason
        assert desk.states() == ["in_doubt"]


@pytest.mark.parametrize("answer", [RESET, HANG])
async def test_who_never_answers_gets_a_handful_of_copies(
    office: Office, service: HttpService, answer: str
) -> None:
    service.answers.extend([answer] * 200)
    office.add(discord_webhooks={}, channels=[service.url()])
    lease = 0.6 if answer == HANG else 30.0
    async with office.open(lease=lease) as desk:
        await desk.post()
        await night(office, desk)
        assert desk.states() == ["gave_up"]
    assert 4 <= len(service.paths) <= 8


async def test_the_pauses_grow_and_neither_a_restart_nor_a_new_run_cuts_them_short(
    office: Office, service: HttpService
) -> None:
    service.answers.extend([RESET] * 200)
    office.add(discord_webhooks={}, channels=[service.url()])
    pauses = []
    async with office.open() as desk:
        await desk.post()
        for _ in range(6):
            [part] = desk.parts()
            assert part.next_attempt_at is not None
            left = part.next_attempt_at - office.clock()
            pauses.append(round(left.total_seconds() / 60))
            before = len(service.paths)
            if pauses[-1] >= 5:
                async with office.open() as other:
                    assert "in doubt" in (await other.post())[0].reason
                assert len(service.paths) == before
            office.clock.advance(seconds=left.total_seconds() + 0.1)
            await desk.publisher.resume()
            assert len(service.paths) == before + 1
    assert pauses == [0, 0, 5, 20, 80, 320]


async def test_an_outage_with_errors_ends_in_a_prompt_post(
    office: Office, service: HttpService
) -> None:
    service.answers.extend([500] * 12 + [RESET] + [502] * 3)
    office.add(discord_webhooks={}, channels=[service.url()])
    async with office.open() as desk:
        await desk.post()
        await night(office, desk, hours=2)
        assert desk.states() == ["sent"]


async def test_a_person_may_have_it_sent_at_once(office: Office, service: HttpService) -> None:
    service.answers.extend([RESET] * 5)
    office.add(discord_webhooks={}, channels=[service.url()])
    async with office.open() as desk:
        await desk.post()
        await night(office, desk, hours=1)
        service.answers.clear()
        await desk.publisher.retry()
        assert desk.states() == ["sent"]


async def _yes() -> bool:
    return True
