"""Parts of which nobody knows whether they have arrived: looked for, sent again or left."""

from __future__ import annotations

import asyncio
import itertools
import socket
from typing import TYPE_CHECKING

import pytest

from bot.delivery.postings import Status
from bot.sandbox.faults import Fault, FaultKind
from tests.delivery.foreign import late, take_then
from tests.delivery.office import each_once, until

if TYPE_CHECKING:
    from tests.delivery.foreign import Foreign
    from tests.delivery.office import Office

BOTH = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)


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


async def test_a_refused_part_is_told_rather_than_one_that_was_left_in_doubt(
    office: Office,
) -> None:
    office.add()
    faults = [Fault(FaultKind.RESET, accepted=True), Fault(FaultKind.STATUS, status=400)]
    office.receiver.faults.script(faults)
    async with office.open(patience=5, in_doubt="skip") as desk:
        [posting] = await desk.post()
        assert desk.states() == ["skipped", "broken", "sent"]
    assert posting.status is Status.FAILED
    assert posting.reason.startswith("refused with 400")


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
