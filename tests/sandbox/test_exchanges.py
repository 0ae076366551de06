"""The book that judges a bot and the sandbox finds what is wrong."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import discord
import pytest

from bot.sandbox.exchanges import Exchange
from bot.sandbox.people import MANAGE_WEBHOOKS
from tests.sandbox.exchanges import assert_by_the_book

if TYPE_CHECKING:
    from tests.sandbox.conftest import Stage


def exchange(**changes: Any) -> Exchange:
    facts: dict[str, Any] = {
        "at": 0.0,
        "method": "POST",
        "path": "/channels/1/messages",
        "route": "/channels/{channel_id}/messages",
        "query": {},
        "headers": {},
        "request_json": {"content": "hello"},
        "status": 400,
        "response_json": {"code": 50035, "message": "Invalid Form Body"},
        **changes,
    }
    return Exchange(**facts)


def _file(name: str) -> discord.File:
    return discord.File(io.BytesIO(b"text"), name)


def test_a_good_exchange_passes(request: pytest.FixtureRequest) -> None:
    assert_by_the_book([exchange(request_json={"content": "x", "sticker_ids": [7]})], request)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": None},
        {"status": 200, "whole": False},
        {"status": 502},
        {"status": 429, "response_json": {"message": "banned"}},
        {"response_json": {"code": 1, "message": "m", "errors": {"a": {"_errors": ["x"]}}}},
    ],
)
def test_what_the_description_lacks_is_not_held_against_an_answer(
    request: pytest.FixtureRequest, changes: dict[str, Any]
) -> None:
    assert_by_the_book([exchange(**changes)], request)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"route": None}, "no such request"),
        ({"request_json": {"content": 7}}, "content"),
        ({"request_json": {"content": "x" * 4001}}, "content"),
        ({"request_json": {"embeds": [{"title": "t" * 257}]}}, "embeds/0/title"),
        ({"request_json": {"components": [{"type": 1, "components": []}]}}, "components"),
        (
            {
                "route": "/webhooks/{webhook_id}/{webhook_token}",
                "request_json": {"content": "x", "username": "n" * 81},
            },
            "username",
        ),
        ({"query": {"wait": "true"}}, "no parameter"),
        ({"method": "GET", "request_json": None, "query": {"limit": "101"}}, "cannot be"),
        ({"method": "GET"}, "there should be none"),
        ({"status": 200, "response_json": {"id": "1"}}, "required"),
        (
            {"status": 429, "response_headers": {"Via": "1.1 google"}},
            "retry_after",
        ),
        ({"status": 204, "response_json": None}, "not described"),
        ({"response_json": {"code": "x", "message": ""}}, "code"),
    ],
)
def test_a_bad_exchange_is_found(
    request: pytest.FixtureRequest, changes: dict[str, Any], word: str
) -> None:
    with pytest.raises(AssertionError, match=word):
        assert_by_the_book([exchange(**changes)], request)


async def test_all_that_a_bot_and_the_sandbox_say_is_by_the_book(
    stage: Stage, request: pytest.FixtureRequest
) -> None:
    ada = stage.ada
    first = (await stage.use("answers now", text="panel")).message
    assert first is not None
    await (await stage.use("answers later", private=True)).settled()
    await (await stage.use("answers follow")).settled()
    await (await stage.use("answers withdraw")).settled()
    await stage.use("answers fail")
    await stage.ada.autocomplete(
        stage.guild.id, stage.channel.id, "summary", {"period": "ld"}, focused=("system", "Ka")
    )
    await ada.press(first, "count")
    await (await ada.press(first, "slow")).settled()
    await ada.select(first, "period", ["ld"])
    await ada.submit(await ada.press(first, "ask"), {"word": "tick"})
    robot = stage.robot
    await robot.application_info()
    await robot.tree.fetch_commands()
    guild = await robot.fetch_guild(int(stage.guild.id))
    await guild.fetch_channels()
    await guild.fetch_member(int(ada.user.id))
    await robot.fetch_channel(int(stage.channel.id))
    message = await stage.place.send("hello", nonce="once", files=[_file("a.txt")])
    await message.edit(content="hi", attachments=[*message.attachments, _file("b.txt")])
    await stage.place.fetch_message(message.id)
    assert [entry async for entry in stage.place.history(limit=5)]
    await message.delete()
    with pytest.raises(discord.Forbidden):
        await stage.place.webhooks()
    stage.guild.bot_permissions |= MANAGE_WEBHOOKS
    hook = stage.sandbox.world.add_webhook(stage.channel)
    await stage.place.webhooks()
    await guild.webhooks()
    await robot.fetch_webhook(int(hook.id))
    assert len({entry.route for entry in stage.sandbox.exchanges}) > 12
    assert_by_the_book(stage.sandbox.exchanges, request)
