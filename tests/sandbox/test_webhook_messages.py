"""What webhooks may write and change is judged as in channels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.sandbox.exchanges import assert_by_the_book
from tests.sandbox.hand import Hand, handed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LINKS = [
    {
        "type": 1,
        "components": [{"type": 2, "style": 5, "label": "Go", "url": "https://example.org/"}],
    }
]
FULL = {"content": "hi", "embeds": [{"title": "t"}]}


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with handed(limits=False) as hand:
        yield hand


def hook_of(hand: Hand) -> str:
    """Return the path of a new webhook."""
    hook = hand.sandbox.world.add_webhook(hand.channel)
    return f"/webhooks/{hook.id}/{hook.token}"


async def write(hand: Hand, path: str, body: dict[str, Any], query: str = "") -> str:
    """Write a message; return its path."""
    status, written = await hand.ask("POST", f"{path}?wait=true{query}", body)
    assert status == 200
    return f"{path}/messages/{written['id']}"


@pytest.mark.parametrize("change", [{"content": ""}, {"content": None}, {"embeds": []}])
async def test_an_edit_may_empty_one_half_of_a_message(
    hand: Hand, change: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    one = await write(hand, hook_of(hand), FULL)
    status, changed = await hand.ask("PATCH", one, change)
    assert (status, bool(changed["content"]), bool(changed["embeds"])) == (
        200,
        "embeds" in change,
        "content" in change,
    )
    status, body = await hand.ask("PATCH", one, {"content": "", "embeds": None})
    assert (status, body["code"]) == (400, 50006)
    assert_by_the_book(hand.sandbox.exchanges, request)


async def test_a_message_with_a_file_may_lose_its_text(hand: Hand) -> None:
    path = hook_of(hand)
    data = aiohttp.FormData()
    data.add_field("payload_json", json.dumps({"content": "hi"}))
    data.add_field("files[0]", b"x", filename="a.txt")
    _, written = await hand.ask("POST", path + "?wait=true", data=data)
    one = f"{path}/messages/{written['id']}"
    assert (await hand.ask("PATCH", one, {"content": None}))[0] == 200
    status, body = await hand.ask("PATCH", one, {"attachments": []})
    assert (status, body["code"]) == (400, 50006)


async def test_an_edit_hides_and_shows_embeds_and_keeps_other_flags(
    hand: Hand, request: pytest.FixtureRequest
) -> None:
    path = hook_of(hand)
    silent = {**FULL, "flags": 4096}
    _, written = await hand.ask("POST", f"/channels/{hand.channel.id}/messages", silent)
    own = f"/channels/{hand.channel.id}/messages/{written['id']}"
    for one in (await write(hand, path, silent), own):
        for wanted, flags in ((4, 4100), (4100, 4100), (4096, 4096), (None, 4096), (0, 4096)):
            status, changed = await hand.ask("PATCH", one, {"content": "x", "flags": wanted})
            assert (status, changed["flags"]) == (200, flags)
        status, body = await hand.ask("PATCH", one, {"flags": 64})
        assert (status, list(body["errors"])) == (400, ["flags"])
    assert_by_the_book(hand.sandbox.exchanges, request)


async def test_a_private_answer_may_be_told_that_it_is_private(hand: Hand) -> None:
    interaction = hand.happen()
    await hand.answer(interaction, 4, {"content": "x", "flags": 64})
    change = {"content": "y", "flags": 68}
    status, changed = await hand.webhook("PATCH", interaction, "/messages/@original", change)
    assert (status, changed["flags"]) == (200, 68)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"attachments": 5}, "attachments"),
        ({"attachments": [[]]}, "attachments"),
        ({"attachments": [{"id": "0"}]}, "attachments"),
        ({"attachments": [{"id": []}]}, "attachments"),
        ({"components": "none"}, "components"),
        ({"components": [[]] * 41}, "components"),
    ],
)
async def test_webhooks_pass_the_checks_of_channels(
    hand: Hand, change: dict[str, Any], field: str
) -> None:
    path = hook_of(hand)
    one = await write(hand, path, FULL)
    for method, place in (("POST", path), ("PATCH", one)):
        status, body = await hand.ask(method, place, {**FULL, **change})
        assert (status, body["code"], list(body["errors"])) == (400, 50035, [field])


async def test_a_webhook_takes_ten_files_and_knows_them(hand: Hand) -> None:
    path = hook_of(hand)
    for count, named, status in ((10, 9, 200), (11, 0, 400), (1, 7, 400)):
        data = aiohttp.FormData()
        data.add_field("payload_json", json.dumps({"attachments": [{"id": named}]}))
        for number in range(count):
            data.add_field(f"files[{number}]", b"x", filename="a.txt")
        assert (await hand.ask("POST", path + "?wait=true", data=data))[0] == status


async def test_links_may_stand_alone_and_be_changed_if_asked_for(hand: Hand) -> None:
    path = hook_of(hand)
    status, body = await hand.ask("POST", path, {"components": LINKS})
    assert (status, body["code"]) == (400, 50006)
    shown = "?with_components=true"
    one = await write(hand, path, {"components": LINKS}, "&with_components=true")
    status, body = await hand.ask("PATCH", one + shown, {"components": []})
    assert (status, body["code"]) == (400, 50006)
    status, changed = await hand.ask("PATCH", one, {"content": "x", "components": []})
    assert (status, len(changed["components"])) == (200, 1)
    status, changed = await hand.ask("PATCH", one + shown, {"components": []})
    assert (status, changed["components"]) == (200, [])


async def test_a_refusal_tells_the_limit_that_it_used_up() -> None:
    async with handed() as hand:
        path = hook_of(hand)
        left = []
        for _ in range(5):
            assert (await hand.ask("POST", path, {"content": ""}))[0] == 400
            left.append(hand.headers["X-RateLimit-Remaining"])
        assert left == ["4", "3", "2", "1", "0"]
        assert (await hand.ask("POST", path, {"content": ""}))[0] == 429
