"""Messages may answer others, and consist of components only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.interactions.records import Kind
from tests.sandbox.exchanges import assert_by_the_book
from tests.sandbox.hand import Hand, handed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROWS = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "A", "custom_id": "a"}]}]


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with handed(limits=False) as hand:
        yield hand


def messages(hand: Hand) -> str:
    """Return the path of the channel's messages."""
    return f"/channels/{hand.channel.id}/messages"


async def test_components_alone_make_a_message(hand: Hand, request: pytest.FixtureRequest) -> None:
    status, written = await hand.ask("POST", messages(hand), {"components": ROWS})
    assert (status, len(written["components"])) == (200, 1)
    interaction = hand.happen()
    assert (await hand.answer(interaction, 4, {"components": ROWS}))[0] == 204
    assert (await hand.webhook("POST", interaction, "", {"components": ROWS}))[0] == 200
    one = f"{messages(hand)}/{written['id']}"
    status, body = await hand.ask("PATCH", one, {"components": []})
    assert (status, body["code"]) == (400, 50006)
    assert_by_the_book(hand.sandbox.exchanges[:3], request)


async def test_a_message_may_answer_another(hand: Hand, request: pytest.FixtureRequest) -> None:
    _, first = await hand.ask("POST", messages(hand), {"content": "first"})
    for reference in ({"message_id": first["id"]}, {"message_id": int(first["id"]), "type": 0}):
        body = {"content": "second", "message_reference": reference}
        status, second = await hand.ask("POST", messages(hand), body)
        assert (status, second["type"]) == (200, 19)
        assert second["message_reference"] == {
            "type": 0,
            "message_id": first["id"],
            "channel_id": hand.channel.id,
            "guild_id": hand.guild.id,
        }
    assert_by_the_book(hand.sandbox.exchanges, request)


@pytest.mark.parametrize(
    "reference",
    [
        5,
        {},
        {"message_id": "1"},
        {"message_id": []},
        {"message_id": "1", "type": 1},
        {"message_id": "1", "channel_id": "2"},
        {"message_id": "1", "fail_if_not_exists": "no"},
    ],
)
async def test_a_message_that_is_not_there_cannot_be_answered(hand: Hand, reference: Any) -> None:
    body = {"content": "x", "message_reference": reference}
    status, answer = await hand.ask("POST", messages(hand), body)
    assert (status, answer["code"], list(answer["errors"])) == (400, 50035, ["message_reference"])


async def test_an_answer_may_do_without_its_question(hand: Hand) -> None:
    reference = {"message_id": "1", "fail_if_not_exists": False}
    body = {"content": "x", "message_reference": reference}
    status, written = await hand.ask("POST", messages(hand), body)
    assert (status, written["type"], written.get("message_reference")) == (200, 0, None)


async def test_who_may_not_read_back_may_not_answer(hand: Hand) -> None:
    _, first = await hand.ask("POST", messages(hand), {"content": "first"})
    hand.channel.history = False
    body = {"content": "x", "message_reference": {"message_id": first["id"]}}
    status, answer = await hand.ask("POST", messages(hand), body)
    assert (status, answer["code"]) == (403, 160002)


@pytest.mark.parametrize(
    ("stickers", "status"), [(["1", "2", "3"], 200), (["1"] * 4, 400), (["x"], 400), (5, 400)]
)
async def test_a_message_has_three_stickers_at_most(hand: Hand, stickers: Any, status: int) -> None:
    body = {"content": "x", "sticker_ids": stickers}
    assert (await hand.ask("POST", messages(hand), body))[0] == status


@pytest.mark.parametrize("data", [{"choices": None}, {}])
async def test_nothing_may_be_suggested(
    hand: Hand, data: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    interaction = hand.happen(Kind.AUTOCOMPLETE)
    assert (await hand.answer(interaction, 8, data))[0] == 204
    assert interaction.choices == []
    assert_by_the_book(hand.sandbox.exchanges, request)
