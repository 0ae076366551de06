"""Requests may come as forms, with JSON in them or with plain fields."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.receiver import MAX_BODY
from tests.sandbox.exchanges import assert_by_the_book
from tests.sandbox.hand import Hand, handed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with handed(limits=False) as hand:
        yield hand


def urlencoded(**fields: str) -> dict[str, Any]:
    """Return the options of a request with a form."""
    return {"data": fields}


def multipart(**fields: str) -> dict[str, Any]:
    """Return the options of a request with a form in parts."""
    found = aiohttp.FormData(default_to_multipart=True)
    for name, text in fields.items():
        found.add_field(name, text)
    return {"data": found}


@pytest.mark.parametrize("form", [urlencoded, multipart])
async def test_every_message_may_come_in_a_form(
    hand: Hand, form: Any, request: pytest.FixtureRequest
) -> None:
    hook = hand.sandbox.world.add_webhook(hand.channel)
    interaction = hand.happen()
    posts = f"/webhooks/{hook.id}/{hook.token}"
    callback = f"/interactions/{interaction.id}/{interaction.token}/callback"
    original = f"/webhooks/{hand.sandbox.bot.id}/{interaction.token}/messages/@original"
    words = {"content": "hello"}
    for method, path, payload in (
        ("POST", posts, words),
        ("POST", f"/channels/{hand.channel.id}/messages", words),
        ("POST", callback, {"type": 4, "data": words}),
        ("PATCH", original, {"content": "hello"}),
    ):
        options = form(payload_json=json.dumps(payload))
        assert (await hand.ask(method, path, **options))[0] in (200, 204)
    assert [message.content for message in hand.sandbox.messages] == ["hello"] * 3
    assert_by_the_book(hand.sandbox.exchanges, request)


@pytest.mark.parametrize("form", [urlencoded, multipart])
async def test_plain_fields_are_read_by_their_kind(hand: Hand, form: Any) -> None:
    hook = hand.sandbox.world.add_webhook(hand.channel)
    path = f"/webhooks/{hook.id}/{hook.token}?wait=true"
    options = form(content="5", username="7", tts="true", flags="4096")
    status, written = await hand.ask("POST", path, **options)
    assert (status, written["content"], written["author"]["username"]) == (200, "5", "7")
    assert (written["tts"], written["flags"]) == (True, 4096)
    status, body = await hand.ask("POST", path, **form(content="x", flags="many"))
    assert (status, list(body["errors"])) == (400, ["flags"])


async def test_a_form_beside_a_file_may_have_plain_fields(hand: Hand) -> None:
    data = aiohttp.FormData()
    data.add_field("content", "look")
    data.add_field("files[0]", b"x", filename="a.txt")
    status, written = await hand.ask("POST", f"/channels/{hand.channel.id}/messages", data=data)
    assert (status, written["content"], len(written["attachments"])) == (200, "look", 1)


async def test_commands_do_not_come_in_forms(hand: Hand) -> None:
    path = f"/applications/{hand.sandbox.bot.id}/commands"
    command = json.dumps({"name": "summary", "description": "A summary"})
    status, body = await hand.ask("POST", path, **urlencoded(payload_json=command))
    assert (status, body["code"]) == (400, 50035)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("multipart/form-data", b"no parts"),
        ("multipart/form-data; boundary=x", b"no parts"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data"),
        ("application/x-www-form-urlencoded", b"payload_json=%ff"),
        ("application/json", b"[" * 100_000),
        ("application/json", b'{"content": NaN}'),
        ("application/json", b'{"content": 1e999}'),
        ("application/json", b'"\xff'),
    ],
)
async def test_what_cannot_be_read_is_refused(hand: Hand, kind: str, data: bytes) -> None:
    path = f"/channels/{hand.channel.id}/messages"
    headers = {"Authorization": f"Bot {hand.sandbox.switches.bot_token}", "Content-Type": kind}
    status, body = await hand.ask("POST", path, data=data, headers=headers)
    assert (status, body["code"]) == (400, 50109)


async def test_what_is_too_large_is_refused_in_form(hand: Hand) -> None:
    path = f"/channels/{hand.channel.id}/messages"
    token = f"Bot {hand.sandbox.switches.bot_token}"
    headers = {"Authorization": token, "Content-Type": "application/json"}
    large = io.BytesIO(bytes(MAX_BODY + 1))
    status, body = await hand.ask("POST", path, data=large, headers=headers)
    assert (status, body["code"]) == (413, 40005)


async def test_there_are_no_default_sounds(hand: Hand, request: pytest.FixtureRequest) -> None:
    assert await hand.ask("GET", "/soundboard-default-sounds") == (200, [])
    assert_by_the_book(hand.sandbox.exchanges, request)
