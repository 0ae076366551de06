"""The bot reads what it may read, and the page that it asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.people import (
    ADMINISTRATOR,
    ATTACH_FILES,
    BOT_PERMISSIONS,
    READ_MESSAGE_HISTORY,
    VIEW_CHANNEL,
)
from tests.sandbox.exchanges import assert_by_the_book
from tests.sandbox.hand import Hand, handed
from tests.sandbox.test_bot_messages import form, messages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with handed(limits=False) as hand:
        yield hand


@pytest.mark.parametrize(
    ("limit", "around", "wanted"),
    [
        (1, 2, [2]),
        (2, 2, [3, 2]),
        (3, 2, [3, 2, 1]),
        (3, 5, [5, 4, 3]),
        (3, 0, [1, 0]),
        (100, 2, [5, 4, 3, 2, 1, 0]),
    ],
)
async def test_a_page_may_lie_around_a_message(
    hand: Hand, limit: int, around: int, wanted: list[int], request: pytest.FixtureRequest
) -> None:
    ids = []
    for number in range(6):
        _, written = await hand.ask("POST", messages(hand), {"content": str(number)})
        ids.append(written["id"])
    query = f"?limit={limit}&around={ids[around]}"
    status, page = await hand.ask("GET", messages(hand) + query)
    assert (status, [ids.index(entry["id"]) for entry in page]) == (200, wanted)
    assert_by_the_book(hand.sandbox.exchanges, request)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=-1", "limit"),
        ("before=x", "before"),
        ("after=1.5", "after"),
        ("around=x", "around"),
        ("around=²", "around"),
    ],
)
async def test_a_page_that_is_none_is_refused_by_field(hand: Hand, query: str, field: str) -> None:
    status, body = await hand.ask("GET", f"{messages(hand)}?{query}")
    assert (status, body["code"], list(body["errors"])) == (400, 50035, [field])


async def test_without_the_right_to_read_back_nothing_is_shown(hand: Hand) -> None:
    _, written = await hand.ask("POST", messages(hand), {"content": "x"})
    one = f"{messages(hand)}/{written['id']}"
    hand.channel.history = False
    assert (await hand.ask("GET", one))[1]["code"] == 50001
    assert await hand.ask("GET", messages(hand)) == (200, [])
    hand.channel.history = True
    hand.guild.bot_permissions &= ~READ_MESSAGE_HISTORY
    assert (await hand.ask("GET", one))[1]["code"] == 50001
    assert await hand.ask("GET", messages(hand)) == (200, [])


async def test_what_is_denied_in_the_whole_guild_is_denied_in_its_channels(hand: Hand) -> None:
    _, written = await hand.ask("POST", messages(hand), {"content": "x"})
    one = f"{messages(hand)}/{written['id']}"
    hand.guild.bot_permissions = BOT_PERMISSIONS & ~ATTACH_FILES
    for method, path in (("POST", messages(hand)), ("PATCH", one)):
        data = form({"content": "x"}, ("files[0]", "a.txt", b"x"))
        assert (await hand.ask(method, path, data=data))[1]["code"] == 50013
    hand.guild.bot_permissions = BOT_PERMISSIONS & ~VIEW_CHANNEL
    place = f"/channels/{hand.channel.id}"
    active = f"/guilds/{hand.guild.id}/threads/active"
    for path in (place, messages(hand), one, active):
        assert (await hand.ask("GET", path))[1]["code"] == 50001
    assert (await hand.ask("POST", messages(hand), {"content": "x"}))[1]["code"] == 50001


async def test_nothing_is_denied_to_an_administrator(hand: Hand) -> None:
    hand.guild.bot_permissions = ADMINISTRATOR
    hand.channel.readable = hand.channel.writable = hand.channel.history = False
    data = form({"content": "x"}, ("files[0]", "a.txt", b"x"))
    assert (await hand.ask("POST", messages(hand), data=data))[0] == 200
    assert len((await hand.ask("GET", messages(hand)))[1]) == 1


async def test_channels_tell_their_topic_that_they_have_none(hand: Hand) -> None:
    forum = hand.sandbox.world.add_channel("forum", guild_id=hand.guild.id)
    for channel in (hand.channel, forum):
        _, shown = await hand.ask("GET", f"/channels/{channel.id}")
        assert shown["topic"] is None
