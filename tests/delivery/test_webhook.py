"""Sending to a receiver that answers as Discord does."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING

import pytest

from bot.delivery.outcomes import InDoubt, Lost, NotSent, RateLimited, Rejected, Scope, Sent
from bot.delivery.webhook import ReadError, WebhookClient
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.receiver import Receiver
from bot.tenants import parse_webhook_url
from tests.sandbox.helping import Clock, allow, message, send, webhook_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

QUICK = [kind for kind in FaultKind if kind is not FaultKind.HANG]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def client() -> AsyncIterator[WebhookClient]:
    async with WebhookClient() as client:
        yield client


async def test_a_sent_message_is_stored_once_and_its_id_is_known(
    receiver: Receiver, client: WebhookClient
) -> None:
    hook, webhook = webhook_of(receiver)
    outcome = await send(client, webhook, "Grüße 🐺")
    [stored] = receiver.messages
    assert outcome == Sent(stored.id, hook.channel_id)
    assert stored.payload == message("Grüße 🐺")


async def test_the_request_says_who_sends_and_waits_for_the_message(
    receiver: Receiver, client: WebhookClient
) -> None:
    _, webhook = webhook_of(receiver)
    await send(client, webhook)
    [arrival] = receiver.arrivals
    assert arrival.query == {"wait": "true"}
    assert arrival.headers["Content-Type"] == "application/json"
    assert arrival.headers["User-Agent"].startswith("DiscordBot (https://")


async def test_options_of_the_url_are_kept_and_the_thread_is_added(
    receiver: Receiver, client: WebhookClient
) -> None:
    hook, _ = webhook_of(receiver)
    thread = receiver.world.add_thread(receiver.world.channels[hook.channel_id])
    webhook = parse_webhook_url(receiver.url_of(hook) + "?with_components=true&wait=false")
    outcome = await client.send(
        webhook, message(), thread_id=thread.id, timeout=5.0, before_write=allow
    )
    assert isinstance(outcome, Sent)
    assert outcome.channel_id == thread.id
    assert receiver.arrivals[0].query == {
        "with_components": "true",
        "wait": "true",
        "thread_id": thread.id,
    }


async def test_a_forum_post_tells_the_thread_that_it_opened(
    receiver: Receiver, client: WebhookClient
) -> None:
    _, webhook = webhook_of(receiver, receiver.world.add_channel("forum"))
    payload = message(thread_name="Report of today")
    outcome = await client.send(webhook, payload, timeout=5.0, before_write=allow)
    assert isinstance(outcome, Sent)
    assert outcome.channel_id == outcome.message_id
    assert receiver.world.channels[outcome.channel_id or ""].name == "Report of today"


async def test_nothing_is_sent_when_the_claim_is_lost(
    receiver: Receiver, client: WebhookClient
) -> None:
    async def deny() -> bool:
        return False

    _, webhook = webhook_of(receiver)
    outcome = await client.send(webhook, message(), timeout=5.0, before_write=deny)
    assert outcome == Lost()
    assert receiver.arrivals == []
    assert isinstance(await send(client, webhook), Sent)


async def test_what_the_last_question_raises_comes_out_and_nothing_is_sent(
    receiver: Receiver, client: WebhookClient
) -> None:
    async def fail() -> bool:
        raise TimeoutError("the ledger is locked")

    _, webhook = webhook_of(receiver)
    with pytest.raises(TimeoutError, match="the ledger is locked"):
        await client.send(webhook, message(), timeout=5.0, before_write=fail)
    assert receiver.arrivals == []
    assert isinstance(await send(client, webhook), Sent)


async def test_the_time_that_the_last_question_takes_is_not_the_requests(
    receiver: Receiver, client: WebhookClient
) -> None:
    async def slowly() -> bool:
        await asyncio.sleep(1.2)
        return True

    _, webhook = webhook_of(receiver)
    outcome = await client.send(webhook, message(), timeout=1.0, before_write=slowly)
    assert isinstance(outcome, Sent)


@pytest.mark.parametrize(
    ("fault", "stored", "expected"),
    [
        (Fault(FaultKind.STATUS, status=500), 0, InDoubt),
        (Fault(FaultKind.STATUS, status=502, accepted=True), 1, InDoubt),
        (Fault(FaultKind.STATUS, status=503), 0, InDoubt),
        (Fault(FaultKind.RESET), 0, InDoubt),
        (Fault(FaultKind.RESET, accepted=True), 1, InDoubt),
        (Fault(FaultKind.HANG, seconds=60), 0, InDoubt),
        (Fault(FaultKind.HANG, seconds=60, accepted=True), 1, InDoubt),
        (Fault(FaultKind.TRUNCATE, accepted=True), 1, Sent),
        (Fault(FaultKind.LATENCY, seconds=0.05), 1, Sent),
        (Fault(FaultKind.STATUS, status=408), 0, NotSent),
        (Fault(FaultKind.STATUS, status=425), 0, NotSent),
        (Fault(FaultKind.STATUS, status=302), 0, Rejected),
        (Fault(FaultKind.STATUS, status=404), 0, Rejected),
        (Fault(FaultKind.RATE_LIMIT, seconds=1.0), 0, RateLimited),
    ],
    ids=lambda value: (
        f"{value.kind}-{value.status}-{value.accepted}" if isinstance(value, Fault) else ""
    ),
)
async def test_every_fault_costs_one_request_and_is_named_for_what_is_known(
    receiver: Receiver, client: WebhookClient, fault: Fault, stored: int, expected: type
) -> None:
    _, webhook = webhook_of(receiver)
    receiver.faults.script([fault])
    patience = 0.5 if fault.kind is FaultKind.HANG else 30.0
    outcome = await client.send(webhook, message(), timeout=patience, before_write=allow)
    assert isinstance(outcome, expected)
    assert len(receiver.arrivals) == 1
    assert len(receiver.messages) == stored


async def test_a_truncated_success_is_a_success_without_an_id(
    receiver: Receiver, client: WebhookClient
) -> None:
    _, webhook = webhook_of(receiver)
    receiver.faults.script([Fault(FaultKind.TRUNCATE, accepted=True)])
    assert await send(client, webhook) == Sent(None)


@pytest.mark.parametrize(
    ("scope", "via", "expected"),
    [
        ("user", True, Scope.WEBHOOK),
        ("shared", True, Scope.CHANNEL),
        ("global", True, Scope.GLOBAL),
        ("user", False, Scope.ADDRESS),
    ],
)
async def test_a_rate_limit_tells_its_scope(
    receiver: Receiver, client: WebhookClient, scope: str, via: bool, expected: Scope
) -> None:
    _, webhook = webhook_of(receiver)
    receiver.faults.script([Fault(FaultKind.RATE_LIMIT, seconds=7.0, scope=scope, via=via)])
    assert await send(client, webhook) == RateLimited(7.0, expected)


async def test_a_webhook_waits_before_it_runs_into_its_limit(receiver: Receiver) -> None:
    clock = Clock()
    _, webhook = webhook_of(receiver)
    async with WebhookClient(clock=clock, sleep=clock.sleep) as client:
        outcomes = [await send(client, webhook, str(number)) for number in range(5)]
        assert clock.slept == []
        assert all(isinstance(outcome, Sent) for outcome in outcomes)
        receiver.switches.limits = False
        await send(client, webhook, "5")
    assert 0 < clock.slept[0] <= 2
    assert [stored.payload["content"] for stored in receiver.messages] == list("012345")


async def test_a_wait_too_long_is_an_outcome_and_nothing_is_written(
    receiver: Receiver, client: WebhookClient
) -> None:
    _, webhook = webhook_of(receiver)
    receiver.faults.script([Fault(FaultKind.RATE_LIMIT, seconds=500.0)])
    await send(client, webhook)
    outcome = await send(client, webhook)
    assert isinstance(outcome, RateLimited)
    assert not outcome.asked
    assert 400 < outcome.retry_after <= 500
    assert len(receiver.arrivals) == 1


async def test_a_ban_of_the_address_holds_back_every_webhook(
    receiver: Receiver, client: WebhookClient
) -> None:
    _, first = webhook_of(receiver)
    _, second = webhook_of(receiver)
    receiver.faults.script([Fault(FaultKind.RATE_LIMIT, seconds=300.0, via=False)])
    await send(client, first)
    outcome = await send(client, second)
    assert isinstance(outcome, RateLimited)
    assert (outcome.scope, outcome.asked) == (Scope.ADDRESS, False)


async def test_webhooks_of_one_channel_share_its_pause(
    receiver: Receiver, client: WebhookClient
) -> None:
    channel = receiver.world.add_channel()
    _, first = webhook_of(receiver, channel)
    _, second = webhook_of(receiver, channel)
    _, other = webhook_of(receiver)
    for webhook in (first, second, other):
        assert isinstance(await send(client, webhook), Sent)
    receiver.faults.script([Fault(FaultKind.RATE_LIMIT, seconds=300.0, scope="shared")])
    await send(client, first)
    held = await send(client, second)
    assert isinstance(held, RateLimited)
    assert held.scope is Scope.CHANNEL
    assert isinstance(await send(client, other), Sent)


async def test_messages_of_one_webhook_arrive_in_the_order_of_the_calls(
    receiver: Receiver, client: WebhookClient
) -> None:
    receiver.switches.limits = False
    _, webhook = webhook_of(receiver)
    receiver.faults.script([Fault(FaultKind.LATENCY, seconds=0.05), None])
    await asyncio.gather(*(send(client, webhook, str(number)) for number in range(8)))
    assert [stored.payload["content"] for stored in receiver.messages] == list("01234567")


async def test_a_cancelled_send_holds_nobody_up(receiver: Receiver, client: WebhookClient) -> None:
    _, webhook = webhook_of(receiver)
    receiver.faults.script([Fault(FaultKind.HANG, seconds=60.0)])
    written = asyncio.Event()

    async def tell() -> bool:
        written.set()
        return True

    hanging = asyncio.create_task(client.send(webhook, message(), timeout=60.0, before_write=tell))
    waiting = asyncio.create_task(send(client, webhook))
    await written.wait()
    waiting.cancel()
    hanging.cancel()
    await asyncio.gather(hanging, waiting, return_exceptions=True)
    assert isinstance(await send(client, webhook), Sent)


@pytest.mark.parametrize(
    ("payload", "thread_id", "code"),
    [
        (message(""), None, 50006),
        (message("x" * 2001), None, 50035),
        (message(), "123", 10003),
        (message(thread_name="no forum"), None, 220003),
    ],
)
async def test_a_message_refused_for_itself_breaks_no_webhook(
    receiver: Receiver,
    client: WebhookClient,
    payload: dict[str, object],
    thread_id: str | None,
    code: int,
) -> None:
    _, webhook = webhook_of(receiver)
    outcome = await client.send(
        webhook, payload, thread_id=thread_id, timeout=5.0, before_write=allow
    )
    assert isinstance(outcome, Rejected)
    assert outcome.code == code
    assert not outcome.breaks_webhook
    assert outcome.breaks_route is (code in (10003, 220003))
    assert receiver.messages == []


async def test_a_refusal_names_the_field(receiver: Receiver, client: WebhookClient) -> None:
    _, webhook = webhook_of(receiver)
    payload = {"embeds": [{"title": "t", "fields": [{"name": "n", "value": " "}]}]}
    outcome = await client.send(webhook, payload, timeout=5.0, before_write=allow)
    assert isinstance(outcome, Rejected)
    assert "embeds[0].fields[0].value: This field is required" in outcome.detail


async def test_a_webhook_that_is_gone_is_broken(receiver: Receiver, client: WebhookClient) -> None:
    _, webhook = webhook_of(receiver)
    receiver.world.hooks.clear()
    outcome = await send(client, webhook)
    assert isinstance(outcome, Rejected)
    assert outcome.breaks_webhook
    assert not outcome.breaks_route


async def test_a_wrong_token_breaks_the_webhook_and_is_not_repeated(
    receiver: Receiver, client: WebhookClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hook, _ = webhook_of(receiver)
    webhook = parse_webhook_url(f"{receiver.address}/api/webhooks/{hook.id}/wrong-secret")
    outcome = await send(client, webhook)
    assert isinstance(outcome, Rejected)
    assert outcome.breaks_webhook
    assert "wrong-secret" not in f"{outcome!r}{caplog.text}"


async def test_a_webhook_reads_its_own_messages_back(
    receiver: Receiver, client: WebhookClient
) -> None:
    hook, webhook = webhook_of(receiver)
    outcome = await send(client, webhook, "  hello ")
    assert isinstance(outcome, Sent)
    found = await client.fetch_message(webhook, outcome.message_id or "")
    assert found is not None
    assert found["content"] == "hello"
    assert await client.fetch_message(webhook, "1") is None
    assert (await client.info(webhook))["channel_id"] == hook.channel_id


async def test_reading_from_a_webhook_that_is_gone_says_so_without_its_token(
    receiver: Receiver, client: WebhookClient
) -> None:
    hook, webhook = webhook_of(receiver)
    receiver.world.hooks.clear()
    with pytest.raises(ReadError) as caught:
        await client.info(webhook)
    assert (caught.value.status, caught.value.code) == (404, 10015)
    assert hook.token not in str(caught.value)
    with pytest.raises(ReadError):
        await client.fetch_message(webhook, "1")


async def test_random_faults_never_store_a_message_that_was_called_not_sent(
    receiver: Receiver,
) -> None:
    clock = Clock()
    receiver.switches.limits = False
    receiver.faults.apply({"random": {"seed": 3, "rate": 0.7, "kinds": QUICK}})
    _, webhook = webhook_of(receiver)
    outcomes = {}
    async with WebhookClient(clock=clock, sleep=clock.sleep) as client:
        for number in range(60):
            outcomes[str(number)] = await client.send(
                webhook, message(str(number)), timeout=30.0, before_write=allow, max_wait=1e9
            )
    stored = [json.loads(json.dumps(entry.payload))["content"] for entry in receiver.messages]
    assert len(stored) == len(set(stored))
    for text, outcome in outcomes.items():
        if isinstance(outcome, Sent):
            assert text in stored
        elif not isinstance(outcome, InDoubt):
            assert text not in stored
    assert len(receiver.arrivals) == 60
