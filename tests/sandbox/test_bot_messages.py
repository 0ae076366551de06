"""The bot's own messages in channels, and what it may know of guilds."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.attachments import MOST_BYTES
from bot.sandbox.people import BOT_PERMISSIONS, MANAGE_WEBHOOKS, SEND_MESSAGES
from tests.sandbox.exchanges import assert_by_the_book
from tests.sandbox.hand import Hand, handed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with handed(limits=False) as hand:
        yield hand


BYTES = "application/octet-stream"


def messages(hand: Hand) -> str:
    """Return the path of the channel's messages."""
    return f"/channels/{hand.channel.id}/messages"


async def test_messages_are_written_listed_changed_and_deleted(
    hand: Hand, request: pytest.FixtureRequest
) -> None:
    status, written = await hand.ask("POST", messages(hand), {"content": "hi", "flags": 4096})
    assert (status, written["flags"]) == (200, 4096)
    one = f"{messages(hand)}/{written['id']}"
    assert await hand.ask("GET", one) == (200, written)
    assert await hand.ask("GET", messages(hand)) == (200, [written])
    status, changed = await hand.ask("PATCH", one, {"embeds": [{"title": "t"}]})
    assert (status, changed["content"], len(changed["embeds"])) == (200, "hi", 1)
    assert (await hand.ask("PATCH", one, {"content": ""}))[0] == 200
    assert (await hand.ask("PATCH", one, {"embeds": []}))[1]["code"] == 50006
    assert (await hand.ask("DELETE", one))[0] == 204
    assert (await hand.ask("GET", one))[1]["code"] == 10008
    assert hand.sandbox.messages[0].deleted
    assert_by_the_book(hand.sandbox.exchanges, request)


async def test_the_same_nonce_gives_the_same_message_for_some_minutes(hand: Hand) -> None:
    body = {"content": "hi", "nonce": "part-1", "enforce_nonce": True}
    _, first = await hand.ask("POST", messages(hand), body)
    _, second = await hand.ask("POST", messages(hand), body)
    assert first["nonce"] == "part-1"
    assert first["id"] == second["id"]
    _, other = await hand.ask("POST", messages(hand), {**body, "enforce_nonce": False})
    assert other["id"] != first["id"]
    hand.clock.now += 400
    _, late = await hand.ask("POST", messages(hand), body)
    assert late["id"] not in (first["id"], other["id"])


@pytest.mark.parametrize("nonce", ["x" * 26, ["x"]])
async def test_a_nonce_has_25_characters_at_most(hand: Hand, nonce: object) -> None:
    status, body = await hand.ask("POST", messages(hand), {"content": "x", "nonce": nonce})
    assert (status, list(body["errors"])) == (400, ["nonce"])


async def test_only_answers_to_interactions_are_private(hand: Hand) -> None:
    status, body = await hand.ask("POST", messages(hand), {"content": "x", "flags": 64})
    assert (status, list(body["errors"])) == (400, ["flags"])
    hook = hand.sandbox.world.add_webhook(hand.channel)
    path = f"/webhooks/{hook.id}/{hook.token}"
    status, body = await hand.ask("POST", path, {"content": "x", "flags": 64})
    assert (status, list(body["errors"])) == (400, ["flags"])


async def test_permissions_are_asked_for(hand: Hand) -> None:
    hook = hand.sandbox.world.add_webhook(hand.channel)
    _, foreign = await hand.ask(
        "POST", f"/webhooks/{hook.id}/{hook.token}?wait=1", {"content": "x"}
    )
    one = f"{messages(hand)}/{foreign['id']}"
    assert (await hand.ask("PATCH", one, {"content": "y"}))[1]["code"] == 50005
    assert (await hand.ask("DELETE", one))[1]["code"] == 50013
    hand.guild.bot_permissions = BOT_PERMISSIONS & ~SEND_MESSAGES
    assert (await hand.ask("POST", messages(hand), {"content": "x"}))[1]["code"] == 50013
    hand.guild.bot_permissions = BOT_PERMISSIONS
    hand.channel.writable = False
    assert (await hand.ask("POST", messages(hand), {"content": "x"}))[1]["code"] == 50013
    hand.channel.readable = False
    assert (await hand.ask("POST", messages(hand), {"content": "x"}))[1]["code"] == 50001
    forum = hand.sandbox.world.add_channel("forum", guild_id=hand.guild.id)
    path = f"/channels/{forum.id}/messages"
    assert (await hand.ask("POST", path, {"content": "x"}))[1]["code"] == 50008


async def test_foreign_words_are_hidden_and_own_ones_shown(hand: Hand) -> None:
    hook = hand.sandbox.world.add_webhook(hand.channel)
    await hand.ask("POST", f"/webhooks/{hook.id}/{hook.token}", {"content": "foreign"})
    await hand.ask("POST", messages(hand), {"content": "own"})
    _, listed = await hand.ask("GET", messages(hand))
    assert [entry["content"] for entry in listed] == ["own", ""]


@pytest.mark.parametrize(
    ("allowed", "everyone", "people", "roles"),
    [
        (None, True, 1, 1),
        ({"parse": []}, False, 0, 0),
        ({"parse": ["users"]}, False, 1, 0),
        ({"users": ["ADA"], "roles": ["5"]}, False, 1, 1),
        ({"parse": ["everyone", "roles"]}, True, 0, 1),
    ],
)
async def test_it_is_told_whom_a_text_pings(
    hand: Hand, allowed: Any, everyone: bool, people: int, roles: int
) -> None:
    content = f"@here <@{hand.ada.id}> <@!7> <@&5> <@{hand.ada.id}>"
    named = json.loads(json.dumps(allowed).replace("ADA", hand.ada.id))
    body = {"content": content, "allowed_mentions": named}
    _, written = await hand.ask("POST", messages(hand), body)
    assert written["mention_everyone"] is everyone
    assert [user["id"] for user in written["mentions"]] == [hand.ada.id] * people
    assert written["mention_roles"] == ["5"] * roles
    one = f"{messages(hand)}/{written['id']}"
    _, edited = await hand.ask("PATCH", one, {"content": content})
    assert edited["mention_everyone"]


def form(payload: object, *files: tuple[str, str, bytes]) -> aiohttp.FormData:
    """Return a form with JSON and files."""
    found = aiohttp.FormData()
    found.add_field("payload_json", json.dumps(payload), content_type="application/json")
    for slot, name, data in files:
        found.add_field(slot, io.BytesIO(data), filename=name, content_type=BYTES)
    return found


async def test_files_are_kept_described_and_served(
    hand: Hand, request: pytest.FixtureRequest
) -> None:
    payload = {
        "embeds": [{"title": "t", "image": {"url": "attachment://a.png"}}],
        "attachments": [{"id": 0, "description": "A chart"}, {"id": 1}],
    }
    data = form(payload, ("files[0]", "a.png", b"picture"), ("files[1]", "b.csv", b"1,2"))
    status, written = await hand.ask("POST", messages(hand), data=data)
    assert status == 200
    first, second = written["attachments"]
    assert (first["description"], first["size"], first["content_type"]) == (
        "A chart",
        7,
        "image/png",
    )
    assert second["filename"] == "b.csv"
    assert written["embeds"][0]["image"]["url"] == first["url"]
    async with aiohttp.ClientSession() as session, session.get(first["url"]) as response:
        assert await response.read() == b"picture"
    one = f"{messages(hand)}/{written['id']}"
    kept = {"attachments": [{"id": second["id"]}]}
    _, changed = await hand.ask("PATCH", one, kept)
    assert [entry["id"] for entry in changed["attachments"]] == [second["id"]]
    status, body = await hand.ask("PATCH", one, {"attachments": [{"id": first["id"]}]})
    assert (status, list(body["errors"])) == (400, ["attachments"])
    assert hand.sandbox.exchanges[0].files == ["a.png", "b.csv"]
    assert_by_the_book(hand.sandbox.exchanges, request)


async def test_a_file_alone_makes_a_message_and_a_large_one_none(hand: Hand) -> None:
    just = form({}, ("files[0]", "a.bin", bytes(MOST_BYTES)))
    assert (await hand.ask("POST", messages(hand), data=just))[0] == 200
    large = form({}, ("files[0]", "a.bin", bytes(MOST_BYTES + 1)))
    status, body = await hand.ask("POST", messages(hand), data=large)
    assert (status, body["code"]) == (413, 40005)
    many = form({}, *((f"files[{number}]", "a.txt", b"x") for number in range(11)))
    assert (await hand.ask("POST", messages(hand), data=many))[0] == 400


async def test_webhooks_and_interactions_take_files_too(hand: Hand) -> None:
    hook = hand.sandbox.world.add_webhook(hand.channel)
    interaction = hand.happen()
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
    original = f"/webhooks/{hand.sandbox.bot.id}/{interaction.token}/messages/@original"
    answer: dict[str, Any] = {"type": 4, "data": {"attachments": [{"id": 0}]}}
    for method, path, payload in (
        ("POST", f"/webhooks/{hook.id}/{hook.token}", {}),
        ("POST", callback, answer),
        ("PATCH", original, {"content": "x"}),
    ):
        data = form(payload, ("files[0]", "a.txt", b"x"))
        assert (await hand.ask(method, path, data=data))[0] in (200, 204)
    assert [len(message.body["attachments"]) for message in hand.sandbox.messages] == [1, 2]


async def test_guilds_members_and_webhooks_are_told(
    hand: Hand, request: pytest.FixtureRequest
) -> None:
    guild = f"/guilds/{hand.guild.id}"
    hook = hand.sandbox.world.add_webhook(hand.channel)
    webhooks = (
        f"{guild}/webhooks",
        f"/channels/{hand.channel.id}/webhooks",
        f"/webhooks/{hook.id}",
    )
    for path in webhooks:
        assert (await hand.ask("GET", path))[1]["code"] == 50013
    hand.guild.bot_permissions |= MANAGE_WEBHOOKS
    for path in webhooks:
        status, body = await hand.ask("GET", path)
        assert status == 200
        assert (body if isinstance(body, dict) else body[0])["guild_id"] == hand.guild.id
    assert (await hand.ask("GET", "/webhooks/7"))[1]["code"] == 10015
    for path in (
        guild,
        f"{guild}?with_counts=true",
        f"{guild}/channels",
        f"{guild}/members/{hand.sandbox.bot.id}",
        f"{guild}/members/{hand.ada.id}",
        "/users/@me/guilds",
        "/gateway",
        "/gateway/bot",
    ):
        assert (await hand.ask("GET", path))[0] == 200
    stranger = hand.sandbox.world.add_user("Bob")
    assert (await hand.ask("GET", f"{guild}/members/{stranger.id}"))[1]["code"] == 10007
    assert (await hand.ask("GET", f"{guild}/members/7"))[1]["code"] == 10013
    assert (await hand.ask("DELETE", f"/users/@me{guild}"))[0] == 204
    assert (await hand.ask("GET", guild))[1]["code"] == 10004
    assert (await hand.ask("GET", messages(hand)))[1]["code"] == 50001
    assert_by_the_book(hand.sandbox.exchanges, request)
