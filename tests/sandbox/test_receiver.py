"""The receiver answers as Discord does, judged by Discord's own description."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.faults import Fault, FaultKind, FaultPlan
from bot.sandbox.receiver import Receiver
from tests.openapi import validator
from tests.sandbox.helping import Clock, message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from multidict import CIMultiDictProxy

    from bot.sandbox.world import Hook

    Valid = Callable[[str, object], None]

EMBED = {
    "title": " Title ",
    "description": "text",
    "url": "https://example.org/",
    "color": 0xFF8800,
    "timestamp": "2025-09-12T00:00:00+00:00",
    "author": {"name": "Wolves", "icon_url": "https://example.org/logo.png"},
    "footer": {"text": "foot"},
    "image": {"url": "https://example.org/picture.png"},
    "fields": [{"name": "n", "value": " v ", "inline": True}, {"name": "m", "value": "w"}],
}


class Visitor:
    """Asks a receiver over HTTP."""

    def __init__(self, receiver: Receiver, session: aiohttp.ClientSession) -> None:
        self.receiver = receiver
        self.session = session

    async def ask(
        self, method: str, path: str, body: object = None, **options: Any
    ) -> tuple[int, Any, CIMultiDictProxy[str]]:
        """Return status, JSON and headers."""
        if body is not None:
            options["data"] = json.dumps(body)
            options["headers"] = {"Content-Type": "application/json"}
        address = self.receiver.address + path
        async with self.session.request(method, address, **options) as response:
            raw = await response.read()
            if raw:
                assert response.headers["Content-Type"] == "application/json"
            return response.status, json.loads(raw) if raw else None, response.headers

    async def post(self, hook: Hook, body: object, query: str = "?wait=true") -> tuple[int, Any]:
        """Post to a webhook."""
        status, found, _ = await self.ask("POST", hook.path + query, body)
        return status, found

    async def read(self, path: str) -> tuple[int, Any]:
        """Ask as the bot."""
        token = {"Authorization": f"Bot {self.receiver.switches.bot_token}"}
        status, found, _ = await self.ask("GET", "/api/v10" + path, headers=token)
        return status, found


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def visitor(receiver: Receiver) -> AsyncIterator[Visitor]:
    async with aiohttp.ClientSession() as session:
        yield Visitor(receiver, session)


@pytest.fixture
def valid(request: pytest.FixtureRequest) -> Valid:
    def check(schema: str, value: object) -> None:
        validator(request, schema).validate(value)

    return check


async def test_a_message_is_answered_as_described(
    receiver: Receiver, visitor: Visitor, valid: Valid
) -> None:
    hook = receiver.world.add_webhook()
    status, body = await visitor.post(hook, message(" hi ", embeds=[EMBED], flags=4096))
    assert status == 200
    valid("MessageResponse", body)
    assert body["content"] == "hi"
    assert body["embeds"][0]["fields"][0] == {"name": "n", "value": "v", "inline": True}
    assert body["flags"] == 4096
    assert body["webhook_id"] == hook.id


async def test_without_wait_a_message_is_stored_and_nothing_is_told(
    receiver: Receiver, visitor: Visitor
) -> None:
    hook = receiver.world.add_webhook()
    assert await visitor.post(hook, message(), "") == (204, None)
    assert len(receiver.messages) == 1


async def test_webhooks_messages_channels_and_threads_are_shown_as_described(
    receiver: Receiver, visitor: Visitor, valid: Valid
) -> None:
    forum = receiver.world.add_channel("forum")
    hook = receiver.world.add_webhook(forum)
    _, body = await visitor.post(hook, message(thread_name="Post", embeds=[EMBED]))
    thread_id = body["channel_id"]
    status, shown, _ = await visitor.ask("GET", hook.path)
    assert status == 200
    valid("GuildIncomingWebhookResponse", shown)
    status, shown, _ = await visitor.ask(
        "GET", f"{hook.path}/messages/{body['id']}?thread_id={thread_id}"
    )
    assert (status, shown) == (200, body)
    for path, schema in (
        (f"/channels/{forum.id}", "GuildChannelResponse"),
        (f"/channels/{thread_id}", "ThreadResponse"),
        (f"/guilds/{forum.guild_id}/threads/active", "ThreadsResponse"),
        (f"/channels/{forum.id}/threads/archived/public", "ThreadsResponse"),
    ):
        status, shown = await visitor.read(path)
        assert status == 200
        valid(schema, shown)
    status, listed = await visitor.read(f"/channels/{thread_id}/messages")
    assert status == 200
    for entry in listed:
        valid("MessageResponse", entry)


async def test_a_list_shows_no_texts_without_the_intent(
    receiver: Receiver, visitor: Visitor
) -> None:
    hook = receiver.world.add_webhook()
    await visitor.post(hook, message("secret words", embeds=[EMBED]))
    path = f"/channels/{hook.channel_id}/messages"
    [entry] = (await visitor.read(path))[1]
    assert (entry["content"], entry["embeds"], entry["webhook_id"]) == ("", [], hook.id)
    receiver.switches.content_intent = True
    [entry] = (await visitor.read(path))[1]
    assert entry["content"] == "secret words"


async def test_lists_are_newest_first_and_paged(receiver: Receiver, visitor: Visitor) -> None:
    receiver.switches.limits = False
    hook = receiver.world.add_webhook()
    ids = [(await visitor.post(hook, message(str(number))))[1]["id"] for number in range(5)]
    path = f"/channels/{hook.channel_id}/messages"
    assert [entry["id"] for entry in (await visitor.read(path))[1]] == ids[::-1]
    _, page = await visitor.read(f"{path}?limit=2&before={ids[3]}")
    assert [entry["id"] for entry in page] == [ids[2], ids[1]]
    _, page = await visitor.read(f"{path}?limit=2&after={ids[1]}")
    assert [entry["id"] for entry in page] == [ids[3], ids[2]]
    assert (await visitor.read(f"{path}?limit=101"))[0] == 400


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"content": "🐺" * 1001}, "content"),
        ({"content": 7}, "content"),
        ({"username": "x" * 81}, "username"),
        ({"username": "DisCord news"}, "username"),
        ({"username": ""}, "username"),
        ({"avatar_url": "ftp://example.org"}, "avatar_url"),
        ({"flags": "many"}, "flags"),
        ({"tts": 1}, "tts"),
        ({"applied_tags": ["1"] * 6}, "applied_tags"),
        ({"applied_tags": ["x"]}, "applied_tags"),
        ({"allowed_mentions": {"parse": ["all"]}}, "allowed_mentions"),
        ({"allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions"),
        ({"allowed_mentions": []}, "allowed_mentions"),
        ({"embeds": {}}, "embeds"),
        ({"embeds": [7]}, "embeds"),
        ({"embeds": [{"title": "t"}] * 11}, "embeds"),
        ({"embeds": [{"title": "t" * 257}]}, "embeds"),
        ({"embeds": [{"description": "t" * 4097}]}, "embeds"),
        ({"embeds": [{"title": "t", "color": 1 << 24}]}, "embeds"),
        ({"embeds": [{"title": "t", "url": "nowhere"}]}, "embeds"),
        ({"embeds": [{"title": "t", "timestamp": "soon"}]}, "embeds"),
        ({"embeds": [{"footer": {"text": "t" * 2049}}]}, "embeds"),
        ({"embeds": [{"author": {"name": " "}}]}, "embeds"),
        ({"embeds": [{"author": {"name": "a" * 257}}]}, "embeds"),
        ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, "embeds"),
        ({"embeds": [{"fields": [{"name": " ", "value": "v"}]}]}, "embeds"),
        ({"embeds": [{"fields": [{"name": "n"}]}]}, "embeds"),
        ({"embeds": [{"fields": [{"name": "n" * 257, "value": "v"}]}]}, "embeds"),
        ({"embeds": [{"fields": [{"name": "n", "value": "v" * 1025}]}]}, "embeds"),
        ({"embeds": [{"description": "t" * 3001}] * 2}, "embeds"),
    ],
)
async def test_what_discord_refuses_is_refused_by_field(
    receiver: Receiver, visitor: Visitor, valid: Valid, change: dict[str, Any], field: str
) -> None:
    hook = receiver.world.add_webhook()
    status, body = await visitor.post(hook, message() | change)
    assert (status, body["code"]) == (400, 50035)
    assert list(body["errors"]) == [field]
    # The description calls the codes of single fields numbers; in truth they are names.
    valid("Error", body)
    assert receiver.messages == []


@pytest.mark.parametrize(
    "change",
    [
        {"content": "x" * 2000},
        {"content": "x" * 2000 + "  \n"},
        {"content": None, "embeds": [{"description": "t" * 3000}] * 2},
        {"embeds": None, "allowed_mentions": None, "username": "Wolves", "tts": False},
        {"applied_tags": [1, "2"], "flags": 4096, "unheard_of": True},
    ],
)
async def test_what_just_fits_is_taken(
    receiver: Receiver, visitor: Visitor, change: dict[str, Any]
) -> None:
    hook = receiver.world.add_webhook()
    assert (await visitor.post(hook, message() | change))[0] == 200


@pytest.mark.parametrize("body", [{}, {"content": " \n"}, {"embeds": [{}]}, {"content": None}])
async def test_an_empty_message_is_refused(
    receiver: Receiver, visitor: Visitor, valid: Valid, body: dict[str, Any]
) -> None:
    status, answer = await visitor.post(receiver.world.add_webhook(), body)
    assert (status, answer["code"]) == (400, 50006)
    valid("ErrorResponse", answer)


async def test_what_is_no_json_object_is_refused(receiver: Receiver, visitor: Visitor) -> None:
    hook = receiver.world.add_webhook()
    assert (await visitor.post(hook, ["hello"]))[1]["code"] == 50035
    headers = {"Content-Type": "application/json"}
    status, body, _ = await visitor.ask("POST", hook.path, data="{", headers=headers)
    assert (status, body["code"]) == (400, 50109)
    headers = {"Content-Type": "text/plain"}
    status, body, _ = await visitor.ask("POST", hook.path, data="hello", headers=headers)
    assert (status, body["code"]) == (400, 50035)


async def test_forums_want_a_thread_or_a_name_and_some_a_tag(
    receiver: Receiver, visitor: Visitor
) -> None:
    receiver.switches.limits = False
    forum = receiver.world.add_channel("forum", require_tag=True)
    hook = receiver.world.add_webhook(forum)
    named = message(thread_name="Post")
    assert (await visitor.post(hook, message()))[1]["code"] == 220001
    assert (await visitor.post(hook, named))[1]["code"] == 40067
    status, opened = await visitor.post(hook, named | {"applied_tags": ["5"]})
    assert status == 200
    query = f"?wait=true&thread_id={opened['channel_id']}"
    assert (await visitor.post(hook, named, query))[1]["code"] == 220002
    status, second = await visitor.post(hook, message("more"), query)
    assert (status, second["channel_id"]) == (200, opened["channel_id"])
    status, lost = await visitor.post(hook, message(), "?wait=true&thread_id=1")
    assert (status, lost["code"]) == (404, 10003)


async def test_strangers_are_refused(receiver: Receiver, visitor: Visitor, valid: Valid) -> None:
    hook = receiver.world.add_webhook()
    answers = [
        await visitor.ask("POST", "/api/webhooks/1/none", message()),
        await visitor.ask("POST", f"/api/webhooks/{hook.id}/wrong", message()),
        await visitor.ask("GET", f"/api/v10/channels/{hook.channel_id}/messages"),
        await visitor.ask("GET", f"{hook.path}/messages/1"),
        await visitor.ask("GET", "/api/v10/nothing/here"),
    ]
    assert [status for status, _, _ in answers] == [404, 401, 401, 404, 404]
    assert [body["code"] for _, body, _ in answers] == [10015, 50027, 0, 10008, 0]
    for _, body, _ in answers:
        valid("ErrorResponse", body)


async def test_messages_are_edited_and_deleted_by_their_webhook(
    receiver: Receiver, visitor: Visitor, valid: Valid
) -> None:
    hook = receiver.world.add_webhook()
    _, body = await visitor.post(hook, message("first"))
    path = f"{hook.path}/messages/{body['id']}"
    status, edited, _ = await visitor.ask("PATCH", path, {"content": "second"})
    assert (status, edited["content"]) == (200, "second")
    valid("MessageResponse", edited)
    assert (await visitor.ask("DELETE", path))[0] == 204
    assert (await visitor.ask("GET", path))[0] == 404


async def test_the_sixth_message_in_two_seconds_is_limited(valid: Valid) -> None:
    clock = Clock()
    async with Receiver(clock=clock) as receiver, aiohttp.ClientSession() as session:
        visitor = Visitor(receiver, session)
        hook = receiver.world.add_webhook()
        told = []
        for _ in range(5):
            _, _, headers = await visitor.ask("POST", hook.path, message())
            told.append(headers["X-RateLimit-Remaining"])
        assert told == ["4", "3", "2", "1", "0"]
        status, body, headers = await visitor.ask("POST", hook.path, message())
        assert (status, body["retry_after"], body["global"]) == (429, 2.0, False)
        assert headers["Retry-After"] == "2"
        assert "Via" in headers
        valid("RatelimitedResponse", body)
        clock.now += 2.0
        assert (await visitor.post(hook, message()))[0] == 200


async def test_webhooks_of_a_channel_share_thirty_messages_a_minute() -> None:
    clock = Clock()
    async with Receiver(clock=clock) as receiver, aiohttp.ClientSession() as session:
        visitor = Visitor(receiver, session)
        channel = receiver.world.add_channel()
        hooks = [receiver.world.add_webhook(channel) for _ in range(7)]
        statuses = [(await visitor.post(hook, message()))[0] for hook in hooks for _ in range(5)]
        assert statuses == [200] * 30 + [429] * 5
        _, body, headers = await visitor.ask("POST", hooks[0].path, message())
        assert body["code"] == 0
        clock.now += 2.0
        _, body, headers = await visitor.ask("POST", hooks[0].path, message())
        assert headers["X-RateLimit-Scope"] == "shared"
        assert body["retry_after"] == 58.0


async def test_a_ban_of_the_address_has_no_via(receiver: Receiver, visitor: Visitor) -> None:
    hook = receiver.world.add_webhook()
    receiver.faults.script([Fault(FaultKind.RATE_LIMIT, seconds=30, via=False), None])
    status, _, headers = await visitor.ask("POST", hook.path, message())
    assert status == 429
    assert "Via" not in headers
    assert (await visitor.post(hook, message()))[0] == 200


async def test_nobody_is_pinged_unless_the_message_allows_it(
    receiver: Receiver, visitor: Visitor
) -> None:
    hook = receiver.world.add_webhook()
    _, quiet = await visitor.post(hook, message("@everyone"))
    _, loud = await visitor.post(hook, {"content": "@everyone"})
    assert (quiet["mention_everyone"], loud["mention_everyone"]) == (False, True)


def test_random_faults_are_the_same_for_the_same_seed() -> None:
    drawn = []
    for _ in range(2):
        plan = FaultPlan()
        plan.apply({"script": [{"kind": "reset", "accepted": True}, None]})
        plan.apply({"random": {"seed": 4, "rate": 0.5, "kinds": ["hang"], "hang_seconds": 3}})
        drawn.append([plan.next() for _ in range(50)])
    assert drawn[0] == drawn[1]
    assert drawn[0][:2] == [Fault(FaultKind.RESET, accepted=True), None]
    assert {fault.seconds for fault in drawn[0][2:] if fault} == {3.0}


@pytest.mark.parametrize("raw", [{"kind": "flood"}, {"kind": "reset", "speed": 3}, {}])
def test_an_unknown_fault_is_refused(raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"flood|speed|''"):
        Fault.from_mapping(raw)
