"""Parts on their way to servers that ask to wait, refuse or are away."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.delivery.ledger import PartState
from bot.delivery.messenger import Messenger
from bot.delivery.outcomes import RateLimited, Scope
from bot.delivery.postings import Status
from bot.sandbox.faults import Fault, FaultKind
from tests.delivery.foreign import say
from tests.delivery.office import each_once, until

if TYPE_CHECKING:
    from bot.delivery.outcomes import Outcome
    from tests.delivery.foreign import Foreign
    from tests.delivery.office import Office

BOTH = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)
HOUR = 3600.0


async def test_a_short_limit_is_waited_out_in_one_run(office: Office) -> None:
    office.add()
    office.receiver.faults.script([None, Fault(FaultKind.RATE_LIMIT, seconds=0.3)])
    async with office.open(patience=5) as desk:
        [posting] = await desk.post()
    assert posting.status is Status.SENT
    assert each_once(office.arrived())


@BOTH
async def test_a_long_limit_of_a_webhook_holds_for_the_next_run_too(
    office: Office, backend_name: str
) -> None:
    office.add()
    other = office.add("foxes")["discord_webhooks"]["shoutout"]
    office.receiver.faults.script([Fault(FaultKind.RATE_LIMIT, seconds=HOUR)])
    async with office.open(patience=5) as desk:
        [posting] = await desk.post()
    assert posting.status is Status.FAILED
    async with office.open(patience=5) as desk:
        [posting] = await desk.post()
        assert posting.status is Status.FAILED
        assert len(office.receiver.arrivals) == 1, "nothing is asked while the limit holds"
        assert (await desk.post(name="foxes"))[0].status is Status.SENT
    assert each_once(office.arrived(other))
    office.clock.advance(seconds=HOUR + 1)
    async with office.open() as desk:
        assert (await desk.publisher.resume())[0].status is Status.SENT
    assert len(office.arrived()) == 6


@BOTH
async def test_a_ban_of_the_address_stops_all_sending_in_every_process(
    office: Office, foreign: Foreign, backend_name: str
) -> None:
    office.add(webhook=foreign.webhook(1))
    office.add("foxes", webhook=foreign.webhook(2))
    foreign.script = [say(429)]
    async with office.open(patience=5) as first, office.open(patience=5) as second:
        assert (await first.post())[0].status is Status.FAILED
        assert (await second.post())[0].status is Status.FAILED
        assert (await second.post(name="foxes"))[0].status is Status.FAILED
        assert (await first.post(name="foxes"))[0].status is Status.FAILED
        assert foreign.requests == ["1"]
    office.clock.advance(minutes=9)
    async with office.open(patience=5) as third:
        assert (await third.post())[0].status is Status.FAILED
        assert await third.publisher.resume() == []
    assert foreign.requests == ["1"]
    office.clock.advance(minutes=1, seconds=1)
    async with office.open() as third:
        assert {posting.status for posting in await third.publisher.resume()} == {Status.SENT}
    assert len(foreign.messages) == 6


async def test_a_ban_learnt_while_another_process_waits_to_write_stops_it(
    office: Office,
) -> None:
    office.add()
    async with office.open(patience=0.5) as desk:
        [posting] = await desk.post()
        before = len(office.receiver.arrivals)
        desk.ledger.pause("address", office.clock().replace(year=2999))
        [posting] = await desk.post(request="again")
    assert posting.status is Status.FAILED
    assert len(office.receiver.arrivals) == before


class BusyMessenger(Messenger):
    """Sends to a service that asks for an hour's pause, as one that is added might."""

    async def send(self, *args: Any, before_write: Any, **options: Any) -> Outcome:
        """Begin the request, and be asked to wait."""
        await before_write()
        return RateLimited(HOUR, Scope.WEBHOOK)


async def test_another_service_that_asks_to_wait_is_asked_again_after_that(office: Office) -> None:
    office.add(discord_webhooks={}, channels=["json://127.0.0.1:1"])
    async with office.open(messenger=BusyMessenger()) as desk:
        assert (await desk.post())[0].status is Status.FAILED
        [part] = desk.parts()
    assert part.state is PartState.FAILED
    assert part.next_attempt_at is not None
    assert part.next_attempt_at > office.clock() + timedelta(minutes=59)


async def test_a_refused_connection_is_no_doubt(office: Office) -> None:
    office.add()
    address = office.receiver.address
    await office.receiver.stop()
    async with office.open(patience=0.1, in_doubt="skip") as desk:
        [posting] = await desk.post()
        assert posting.status is Status.FAILED
        assert desk.states() == ["failed", "pending", "pending"]
        assert desk.ledger.unsettled()[0].attempts >= 1, "the ledger tells that it was tried"
        await office.receiver.start(port=int(address.rpartition(":")[2]))
        [posting] = await desk.post()
        assert posting.status is Status.SENT
    assert each_once(office.arrived())


async def test_a_bad_request_breaks_its_own_message_only(office: Office) -> None:
    office.add()
    office.receiver.faults.script([None, Fault(FaultKind.STATUS, status=400)])
    async with office.open() as desk:
        [posting] = await desk.post()
        assert posting.status is Status.FAILED
        assert desk.states() == ["sent", "broken", "sent"]
        assert (await desk.post())[0].status is Status.FAILED
    assert len(office.receiver.arrivals) == 3, "a bad request is not made again"


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refused_webhook_is_never_used_again(office: Office, status: int) -> None:
    office.add()
    office.receiver.faults.script([Fault(FaultKind.STATUS, status=status)])
    async with office.open(patience=5) as desk:
        [posting] = await desk.post()
        assert posting.status is Status.FAILED
        assert str(status) in posting.reason
        assert "put a new one into the tenant file" in posting.reason
        assert desk.states() == ["broken"] * 3
    async with office.open(patience=5) as desk:
        assert (await desk.post("daily"))[0].status is Status.FAILED
        assert (await desk.post(request="by hand"))[0].status is Status.FAILED
        assert set(desk.states()) == {"broken"}
    assert len(office.receiver.arrivals) == 1


async def test_a_thread_that_is_gone_is_not_asked_for_again(office: Office) -> None:
    hook = office.webhook()
    office.add(webhook=[{"url": hook, "thread_id": "123456789012345678"}, hook])
    async with office.open() as desk:
        gone, well = sorted(await desk.post(), key=lambda posting: posting.status)
        assert (gone.status, well.status) == (Status.FAILED, Status.SENT)
        asked = len(office.receiver.arrivals)
        await desk.post("daily")
    assert asked == 4, "one for the thread, three for the channel"
    assert len(office.receiver.arrivals) == asked + 1
    assert len(office.arrived(hook)) == 4


async def test_what_fails_for_too_long_is_given_up_until_somebody_retries(
    office: Office,
) -> None:
    office.add()
    address = office.receiver.address
    await office.receiver.stop()
    async with office.open(retry_hours=6) as desk:
        await desk.post()
        office.clock.advance(hours=5)
        await desk.publisher.resume()
        assert desk.states()[0] == "failed"
        office.clock.advance(hours=1, minutes=1)
        [posting] = await desk.publisher.resume()
        assert posting.status is Status.FAILED
        assert desk.states()[0] == "gave_up"
        await office.receiver.start(port=int(address.rpartition(":")[2]))
        assert (await desk.post())[0].status is Status.FAILED
        assert (await desk.publisher.retry())[0].status is Status.SENT
    assert each_once(office.arrived())


async def test_stale_parts_are_given_up_by_a_later_run_and_not_sent(office: Office) -> None:
    office.add()
    async with office.open() as desk:
        desk.publisher.stop()
        await desk.post()
    async with office.open() as desk:
        key = desk.parts()[0].key if desk.parts() else None
    assert key is None, "a run that stops plans nothing"
    await office.receiver.stop()
    async with office.open() as desk:
        await desk.post()
    await office.receiver.start()
    office.clock.advance(hours=37)
    async with office.open() as desk:
        await desk.publisher.resume()
        assert desk.states() == ["gave_up"] * 3
    assert office.arrived() == []


async def test_a_stop_leaves_no_doubt_about_what_was_not_written(office: Office) -> None:
    office.add()
    async with office.open(in_doubt="skip", patience=5) as desk:
        posting = asyncio.create_task(desk.post())
        await until(lambda: bool(desk.parts()))
        desk.publisher.stop()
        await posting
        assert set(desk.states()) <= {"pending", "sent"}
        sent = desk.states().count("sent")
        assert len(office.arrived()) == sent
    async with office.open(in_doubt="skip", patience=5) as desk:
        assert (await desk.post())[0].messages == 3 - sent
    assert each_once(office.arrived())


async def test_no_token_and_no_address_reaches_ledger_or_log(
    office: Office, foreign: Foreign, caplog: pytest.LogCaptureFixture
) -> None:
    hook = foreign.webhook()
    office.add(webhook=hook)
    token = hook.rpartition("/")[2]
    echo = f'{{"message": "no such thing {hook} {token}", "code": 0}}'
    foreign.script = [say(400, text=echo), say(500, text=echo), say(404, text=echo)]
    with caplog.at_level("DEBUG"):
        async with office.open(patience=5) as desk:
            [posting] = await desk.post()
            told = [posting.reason, *(part.error or "" for part in desk.parts())]
            told += [broken.detail for broken in desk.ledger.broken_webhooks()]
    assert any("no such thing" in text for text in told)
    assert token not in " ".join([*told, caplog.text])
