"""Looking for a message in doubt, against a receiver that answers as Discord does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.delivery.lookup import CannotLook, Found, LookFailed, Lookup, NotFound
from bot.delivery.outcomes import InDoubt, Sent
from bot.delivery.webhook import WebhookClient
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.receiver import Receiver
from tests.sandbox.helping import TOKEN, Clock, allow, message, raw_server, send, webhook_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Sequence

    from bot.delivery.lookup import Look
    from bot.sandbox.world import Hook, StoredMessage
    from bot.tenants import WebhookUrl

EMBED = {
    "title": " Daily Summary ",
    "description": "for *the* wolves\n",
    "color": 255,
    "fields": [{"name": "Missions", "value": "🥇 Ada :rocket: 12\n🥈 Brann 7 ", "inline": False}],
    "footer": {"text": "newest event 23:59", "icon_url": ""},
    "author": {"name": "Wolves", "icon_url": "https://example.org/logo.png"},
    "timestamp": "2025-09-12T00:00:00Z",
}


class Bench:
    """A receiver, a client on a clock of its own, and what the ledger knows."""

    def __init__(self, receiver: Receiver, client: WebhookClient) -> None:
        self.receiver = receiver
        self.client = client
        self.known: set[str] = set()
        self.lookup = Lookup(receiver.api_base, receiver.switches.bot_token, client)

    def store(self, hook: Hook, payload: dict[str, Any], **more: Any) -> StoredMessage:
        """Store a message as if it had been sent."""
        return self.receiver.world.accept(hook, payload, more.get("thread"), 0.0)

    async def find(self, webhook: WebhookUrl, payload: dict[str, Any], **more: Any) -> Look:
        """Look for a message of the last minute."""
        more.setdefault("since", datetime.now(UTC) - timedelta(minutes=1))
        return await self.lookup.find(webhook, payload, known=self._known, **more)

    async def _known(self, ids: Sequence[str]) -> set[str]:
        return self.known & set(ids)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    clock = Clock()
    async with (
        Receiver(limits=False) as receiver,
        WebhookClient(clock=clock, sleep=clock.sleep) as client,
    ):
        yield Bench(receiver, client)


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.HANG, FaultKind.STATUS])
async def test_a_message_that_was_accepted_before_the_trouble_is_found(
    bench: Bench, kind: FaultKind
) -> None:
    _, webhook = webhook_of(bench.receiver)
    bench.receiver.faults.script([Fault(kind, accepted=True, seconds=60.0)])
    outcome = await bench.client.send(webhook, message(), timeout=0.5, before_write=allow)
    assert isinstance(outcome, InDoubt)
    [stored] = bench.receiver.messages
    assert await bench.find(webhook, message()) == Found(stored.id)


async def test_a_message_that_was_not_accepted_is_not_found(bench: Bench) -> None:
    _, webhook = webhook_of(bench.receiver)
    bench.receiver.faults.script([Fault(FaultKind.RESET)])
    assert isinstance(await send(bench.client, webhook), InDoubt)
    assert await bench.find(webhook, message()) == NotFound()


async def test_an_embed_is_known_again_after_discord_has_altered_it(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    payload = {"embeds": [EMBED], "allowed_mentions": {"parse": []}}
    stored = bench.store(hook, payload)
    stored.body["embeds"].append({"type": "link", "url": "https://example.org/logo.png"})
    text = stored.body["embeds"][0]["fields"][0]["value"]
    stored.body["embeds"][0]["fields"][0]["value"] = text.replace(":rocket:", "🚀")
    assert await bench.find(webhook, payload) == Found(stored.id)


@pytest.mark.parametrize(
    "other",
    [
        message("hell"),
        message("hello", embeds=[EMBED]),
        {"embeds": [{"description": "hello"}]},
        message("hello 2"),
    ],
)
async def test_another_message_of_the_webhook_is_not_taken_for_it(
    bench: Bench, other: dict[str, Any]
) -> None:
    hook, webhook = webhook_of(bench.receiver)
    bench.store(hook, other)
    assert await bench.find(webhook, message("hello")) == NotFound()


async def test_figures_tell_messages_apart(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    bench.store(hook, message("Ada -12 of 30"))
    assert await bench.find(webhook, message("Ada 12 of 30")) == NotFound()


async def test_a_message_that_the_ledger_knows_is_another_parts(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    first = bench.store(hook, message())
    bench.known.add(first.id)
    assert await bench.find(webhook, message()) == NotFound()
    second = bench.store(hook, message())
    assert await bench.find(webhook, message()) == Found(second.id)


async def test_messages_of_other_webhooks_and_deleted_ones_do_not_count(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    channel = bench.receiver.world.channels[hook.channel_id]
    other, _ = webhook_of(bench.receiver, channel)
    bench.store(other, message())
    bench.store(hook, message()).deleted = True
    assert await bench.find(webhook, message()) == NotFound()


async def test_a_message_from_long_before_does_not_count(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    bench.store(hook, message())
    later = datetime.now(UTC) + timedelta(hours=2)
    assert await bench.find(webhook, message(), since=later) == NotFound()


async def test_a_message_is_found_behind_many_of_other_programs(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    other, _ = webhook_of(bench.receiver, bench.receiver.world.channels[hook.channel_id])
    wanted = bench.store(hook, message())
    for number in range(250):
        bench.store(other, message(str(number)))
    assert await bench.find(webhook, message()) == Found(wanted.id)


async def test_more_messages_than_one_can_look_through_are_not_called_none(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    for number in range(300):
        bench.store(hook, message(str(number)))
    assert isinstance(await bench.find(webhook, message()), CannotLook)


async def test_a_thread_is_looked_through_instead_of_its_channel(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    thread = bench.receiver.world.add_thread(bench.receiver.world.channels[hook.channel_id])
    bench.store(hook, message())
    assert await bench.find(webhook, message(), thread_id=thread.id) == NotFound()
    stored = bench.store(hook, message(), thread=thread)
    found = await bench.find(webhook, message(), thread_id=thread.id)
    assert found == Found(stored.id, thread.id)


@pytest.mark.parametrize("archived", [False, True])
async def test_a_forum_post_is_found_by_the_thread_it_opened(bench: Bench, archived: bool) -> None:
    forum = bench.receiver.world.add_channel("forum")
    hook, webhook = webhook_of(bench.receiver, forum)
    payload = message("the report", thread_name="Report of today")
    assert await bench.find(webhook, payload) == NotFound()
    bench.store(hook, message("something else", thread_name="Report of today"))
    stored = bench.store(hook, payload)
    bench.receiver.world.channels[stored.channel_id].archived = archived
    assert await bench.find(webhook, payload) == Found(stored.id, stored.channel_id)


async def test_a_forum_post_that_the_ledger_knows_is_another_parts(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver, bench.receiver.world.add_channel("forum"))
    payload = message("the report", thread_name="Report")
    bench.known.add(bench.store(hook, payload).id)
    assert await bench.find(webhook, payload) == NotFound()


async def test_of_two_like_forum_posts_the_one_of_that_name_is_found(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver, bench.receiver.world.add_channel("forum"))
    bench.store(hook, message("the report", thread_name="Old"))
    wanted = bench.store(hook, message("the report", thread_name="New"))
    bench.store(hook, message("the report", thread_name="Newer"))
    found = await bench.find(webhook, message("the report", thread_name="New"))
    assert found == Found(wanted.id, wanted.channel_id)


async def test_without_the_right_to_see_the_channel_nobody_can_look(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    bench.store(hook, message())
    bench.receiver.world.channels[hook.channel_id].readable = False
    assert isinstance(await bench.find(webhook, message()), CannotLook)


async def test_a_history_that_may_not_be_read_is_not_taken_for_an_empty_one(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    bench.store(hook, message())
    bench.receiver.world.channels[hook.channel_id].history = False
    assert isinstance(await bench.find(webhook, message()), CannotLook)


async def test_a_wrong_bot_token_means_nobody_can_look_and_is_asked_once(bench: Bench) -> None:
    _, webhook = webhook_of(bench.receiver)
    bench.receiver.switches.bot_token = "another"
    outcomes = [await bench.find(webhook, message()) for _ in range(3)]
    assert all(isinstance(outcome, CannotLook) for outcome in outcomes)
    assert "sandbox-bot-token" not in f"{outcomes!r}"


async def test_a_webhook_that_is_gone_cannot_be_looked_at(bench: Bench) -> None:
    hook, webhook = webhook_of(bench.receiver)
    bench.receiver.world.hooks.clear()
    outcome = await bench.find(webhook, message())
    assert isinstance(outcome, CannotLook)
    assert hook.token not in outcome.reason


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\n\r\n{"],
    ids=["502", "closed", "broken off"],
)
async def test_trouble_that_may_pass_is_tried_again_and_then_no_verdict(
    bench: Bench, answer: bytes
) -> None:
    async def converse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    async with raw_server(converse) as (server, webhook):
        outcome = await bench.find(webhook, message())
    assert isinstance(outcome, LookFailed)
    assert TOKEN not in outcome.reason
    assert len(server.requests) == 3


async def test_a_server_with_ids_of_its_own_and_no_pages_is_understood(bench: Bench) -> None:
    # No snowflakes, no times, oldest first, and the same page for every question.
    hook_info = b'{"id": "42", "channel_id": 7}'
    stored = b'{"id": "m-2", "webhook_id": 42, "content": "hello\\n", "embeds": []}'
    page = b'[{"id": "m-1", "webhook_id": "41"}, ' + stored + b"]"

    async def converse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = server.requests[-1].split()[1]
        body = hook_info
        if path.startswith(b"/api/v10/channels/7/messages"):
            body = page
        elif path.endswith(b"/messages/m-2"):
            body = stored
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async with raw_server(converse) as (server, webhook):
        bench.lookup = Lookup(f"http://{webhook.host}/api/v10/", "bot", bench.client)
        assert await bench.find(webhook, message("hello")) == Found("m-2")


async def test_every_message_in_doubt_is_told_truly_after_any_fault(bench: Bench) -> None:
    _, webhook = webhook_of(bench.receiver)
    quick = [kind for kind in FaultKind if kind is not FaultKind.HANG]
    bench.receiver.faults.apply({"random": {"seed": 11, "rate": 0.8, "kinds": quick}})
    checked = 0
    for number in range(40):
        text = f"message {number}"
        outcome = await bench.client.send(
            webhook, message(text), timeout=30.0, before_write=allow, max_wait=1e9
        )
        if isinstance(outcome, Sent) and outcome.message_id:
            bench.known.add(outcome.message_id)
        elif isinstance(outcome, InDoubt):
            arrived = [entry for entry in bench.receiver.messages if text == entry.body["content"]]
            expected = Found(arrived[0].id) if arrived else NotFound()
            assert await bench.find(webhook, message(text)) == expected
            checked += 1
    assert checked > 5
