"""Parts on their way to servers that misbehave."""

from __future__ import annotations

import asyncio
import itertools
import socket
from typing import TYPE_CHECKING

import pytest

from bot.delivery.postings import Status
from bot.sandbox.faults import Fault, FaultKind
from tests.delivery.foreign import Foreign, late, say, take_then
from tests.delivery.office import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.delivery.office import Office

BOTH = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)
HOUR = 3600.0


@pytest.fixture
async def foreign(office: Office) -> AsyncIterator[Foreign]:
    async with Foreign() as server:
        office.hosts.append(server.address)
        yield server


def each_once(texts: list[str], parts: int = 3) -> bool:
    """Whether a night's messages are all there, each once, in order."""
    return len(texts) == parts == len(set(texts)) and texts == sorted(texts, key=_part_number)


def _part_number(text: str) -> int:
    return int(text.partition("Part ")[2].partition(" ")[0])


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


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [
        *itertools.product([FaultKind.STATUS, FaultKind.RESET, FaultKind.HANG], [False, True]),
        (FaultKind.TRUNCATE, True),
    ],
)
async def test_with_a_token_every_doubt_ends_in_one_message(
    office: Office, kind: FaultKind, accepted: bool
) -> None:
    office.add()
    fault = Fault(kind, accepted=accepted, seconds=60)
    office.receiver.faults.script([None, fault])
    async with office.open(token=True, lease=1.2, patience=20) as desk:
        [posting] = await desk.post()
        assert posting.status is Status.SENT, posting.reason
        assert all(part.message_id for part in desk.parts())
        assert desk.ledger.totals().resent_in_doubt == 0
    assert each_once(office.arrived())


async def test_without_a_token_a_part_in_doubt_is_sent_again_and_counted(office: Office) -> None:
    office.add()
    office.receiver.faults.script([None, Fault(FaultKind.STATUS, status=502, accepted=True)])
    async with office.open(patience=5) as desk:
        assert (await desk.post())[0].status is Status.SENT
        assert desk.ledger.totals().resent_in_doubt == 1
    assert len(office.arrived()) == 4


async def test_with_skip_a_part_in_doubt_is_left_and_the_rest_goes_on(office: Office) -> None:
    office.add()
    office.receiver.faults.script([None, Fault(FaultKind.RESET, accepted=True)])
    async with office.open(patience=5, in_doubt="skip") as desk:
        [posting] = await desk.post()
        assert posting.status is Status.SKIPPED
        assert "in doubt" in posting.reason
        assert desk.states() == ["sent", "skipped", "sent"]
    assert each_once(office.arrived())


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


@BOTH
async def test_while_looking_fails_nothing_is_sent_again(
    office: Office, foreign: Foreign, backend_name: str
) -> None:
    office.add(webhook=foreign.webhook())
    foreign.script = [take_then(502)]
    foreign.lists = 503
    api = f"{foreign.address}/api/v10"
    async with office.open(token=True, api_base=api, patience=2) as desk:
        [posting] = await desk.post()
        assert posting.status is Status.FAILED
        assert foreign.requests == ["7"]
    foreign.lists = 200
    async with office.open(token=True, api_base=api, patience=15) as desk:
        [posting] = await desk.post()
        assert posting.status is Status.SENT
        assert [part.message_id for part in desk.parts()] == ["1", "2", "3"]
    assert len(foreign.messages) == 3


async def test_where_nobody_may_look_the_setting_decides(office: Office, foreign: Foreign) -> None:
    office.add(webhook=foreign.webhook())
    foreign.script = [take_then(502)]
    foreign.lists = 403
    api = f"{foreign.address}/api/v10"
    async with office.open(token=True, api_base=api, patience=10) as desk:
        assert (await desk.post())[0].status is Status.SENT
        assert desk.ledger.totals().resent_in_doubt == 1
    assert len(foreign.messages) == 4


async def test_a_message_taken_after_the_sender_has_gone_is_found(
    office: Office, foreign: Foreign
) -> None:
    office.add(webhook=foreign.webhook())
    foreign.script = [late(2.0)]
    api = f"{foreign.address}/api/v10"
    async with office.open(token=True, api_base=api, lease=1.5, patience=20, late=3) as desk:
        assert (await desk.post())[0].status is Status.SENT
    assert len(foreign.messages) == 3


async def test_a_server_that_answers_nothing_but_204_gets_each_part_once(
    office: Office, foreign: Foreign
) -> None:
    office.add(webhook=foreign.webhook())
    foreign.script = [take_then(204), take_then(204), take_then(502)]
    api = f"{foreign.address}/api/v10"
    async with office.open(token=True, api_base=api, patience=10) as desk:
        assert (await desk.post())[0].status is Status.SENT
        assert [part.message_id for part in desk.parts()] == ["1", "2", "3"]
    assert len(foreign.messages) == 3


@pytest.mark.parametrize(
    ("stripped", "with_hook_ids", "reads_back"),
    [(True, True, True), (False, True, False), (False, False, False)],
)
async def test_a_part_in_doubt_is_found_on_servers_that_tell_less(
    office: Office, foreign: Foreign, stripped: bool, with_hook_ids: bool, reads_back: bool
) -> None:
    foreign.stripped, foreign.with_hook_ids = stripped, with_hook_ids
    foreign.reads_back = reads_back
    office.add(webhook=foreign.webhook())
    foreign.script = [take_then(500)]
    api = f"{foreign.address}/api/v10"
    async with office.open(token=True, api_base=api, patience=10) as desk:
        assert (await desk.post())[0].status is Status.SENT
        assert (await desk.post("daily"))[0].status is Status.SENT
    assert len(foreign.messages) == 4


async def test_equal_ids_in_two_channels_are_two_messages(office: Office, foreign: Foreign) -> None:
    office.add(webhook=foreign.webhook(1))
    office.add("foxes", webhook=foreign.webhook(2))
    api = f"{foreign.address}/api/v10"
    async with office.open(token=True, api_base=api, patience=10) as desk:
        foreign.script = [take_then(502)]
        assert (await desk.post("daily"))[0].status is Status.SENT
        assert (await desk.post("daily", "foxes"))[0].status is Status.SENT
        assert desk.states() == ["sent", "sent"]
        foreign.script = [take_then(502)]
        assert (await desk.post("daily", "foxes", request="again"))[0].status is Status.SENT
        assert await desk.publisher.resume(due_only=False) == []
    assert len(foreign.messages) == 3


async def test_ids_that_begin_anew_disturb_no_earlier_post(
    office: Office, foreign: Foreign
) -> None:
    office.add(webhook=foreign.webhook())
    api = f"{foreign.address}/api/v10"
    async with office.open(token=True, api_base=api, patience=10) as desk:
        foreign.script = [take_then(502)]
        assert (await desk.post("daily"))[0].status is Status.SENT
        foreign.messages.clear()
        office.clock.advance(hours=1)
        assert (await desk.post())[0].status is Status.SENT
        assert set(desk.states()) == {"sent"}
    assert len(foreign.messages) == 3


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


async def test_a_part_in_doubt_that_was_given_up_is_looked_for_by_a_retry(
    office: Office, foreign: Foreign
) -> None:
    office.add(webhook=foreign.webhook())
    foreign.script = [take_then(502)]
    foreign.lists = 503
    api = f"{foreign.address}/api/v10"
    async with office.open(token=True, api_base=api, patience=0.1) as desk:
        await desk.post("daily")
        office.clock.advance(hours=7)
        await desk.publisher.resume()
        assert desk.states() == ["gave_up"]
        foreign.lists = 200
        await desk.publisher.retry()
        assert desk.states() == ["sent"]
    assert len(foreign.messages) == 1


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


async def test_a_stop_while_looking_gives_the_part_back_in_doubt(
    office: Office, foreign: Foreign
) -> None:
    office.add(webhook=foreign.webhook())
    foreign.script = [take_then(502)]
    silent = socket.create_server(("127.0.0.1", 0))
    nobody = f"http://127.0.0.1:{silent.getsockname()[1]}/api/v10"
    async with office.open(token=True, api_base=nobody, patience=60) as desk:
        posting = asyncio.create_task(desk.post("daily"))
        await until(lambda: bool(foreign.requests))
        await asyncio.sleep(1.5)
        desk.publisher.stop()
        [ended] = await asyncio.wait_for(posting, 5)
        assert ended.status is Status.FAILED
        assert desk.states() == ["in_doubt"]
    silent.close()
    api = f"{foreign.address}/api/v10"
    async with office.open(token=True, api_base=api, patience=10) as desk:
        assert (await desk.post("daily"))[0].reason == "already sent"
    assert len(foreign.messages) == 1


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
