"""Answers to interactions follow Discord's rules, asked by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.interactions.records import Kind
from tests.sandbox.exchanges import assert_by_the_book
from tests.sandbox.hand import Hand, handed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ORIGINAL = "/messages/@original"
MODAL = {
    "custom_id": "m",
    "title": "Link",
    "components": [
        {
            "type": 1,
            "components": [{"type": 4, "custom_id": "k", "label": "Key", "style": 1}],
        }
    ],
}


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with handed() as hand:
        yield hand


def told(status_and_body: tuple[int, Any]) -> tuple[int, int]:
    """Return status and error code."""
    status, body = status_and_body
    return status, body["code"]


async def test_the_response_is_told_if_asked_for(
    hand: Hand, request: pytest.FixtureRequest
) -> None:
    interaction = hand.happen()
    status, body = await hand.answer(interaction, 4, {"content": "hi"}, "?with_response=true")
    assert status == 200
    assert body["resource"]["message"]["content"] == "hi"
    assert body["interaction"]["response_message_id"] == body["resource"]["message"]["id"]
    assert not body["interaction"]["response_message_loading"]
    assert (await hand.answer(hand.happen(), 5))[0] == 204
    status, body = await hand.answer(hand.happen(), 5, {"flags": 64}, "?with_response=1")
    assert body["interaction"]["response_message_loading"]
    assert body["interaction"]["response_message_ephemeral"]
    assert "resource" not in body
    assert_by_the_book(hand.sandbox.exchanges, request)


async def test_a_second_answer_is_refused(hand: Hand) -> None:
    interaction = hand.happen()
    await hand.answer(interaction, 4, {"content": "hi"})
    assert told(await hand.answer(interaction, 4, {"content": "hi"})) == (400, 40060)


async def test_after_three_seconds_it_is_unknown(hand: Hand) -> None:
    interaction = hand.happen()
    hand.clock.now += 3.1
    assert told(await hand.answer(interaction, 4, {"content": "hi"})) == (404, 10062)
    just = hand.happen()
    hand.clock.now += 2.9
    assert (await hand.answer(just, 4, {"content": "hi"}))[0] == 204


async def test_a_wrong_token_or_id_is_unknown(hand: Hand) -> None:
    interaction = hand.happen()
    path = f"/interactions/{interaction.id}/wrong/callback"
    assert told(await hand.ask("POST", path, {"type": 5})) == (404, 10062)
    path = f"/interactions/1/{interaction.token}/callback"
    assert told(await hand.ask("POST", path, {"type": 5})) == (404, 10062)


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        (Kind.COMMAND, {1, 6, 7, 8, 99}),
        (Kind.AUTOCOMPLETE, {1, 4, 5, 6, 7, 9}),
        (Kind.COMPONENT, {1, 8}),
        (Kind.MODAL, {1, 6, 7, 8, 9}),
    ],
)
async def test_what_does_not_fit_is_no_answer(hand: Hand, kind: Kind, answers: set[int]) -> None:
    message = await hand.panel() if kind is Kind.COMPONENT else None
    for answer in answers:
        interaction = hand.happen(kind, message)
        status, body = await hand.answer(interaction, answer, MODAL | {"content": "x"})
        assert (status, list(body["errors"])) == (400, ["type"])
        assert interaction.answer is None


async def test_a_modal_from_a_component_may_change_its_message(hand: Hand) -> None:
    message = await hand.panel()
    pressed = hand.happen(Kind.COMPONENT, message)
    assert (await hand.answer(pressed, 9, MODAL))[0] == 204
    sent = hand.happen(Kind.MODAL, message, pressed)
    assert (await hand.answer(sent, 7, {"content": "linked", "components": []}))[0] == 204
    assert (message.body["content"], message.body["components"]) == ("linked", [])


async def test_the_original_is_shown_changed_and_deleted(
    hand: Hand, request: pytest.FixtureRequest
) -> None:
    interaction = hand.happen()
    await hand.answer(interaction, 5)
    status, shown = await hand.webhook("GET", interaction, ORIGINAL)
    assert (status, shown["flags"], shown["content"]) == (200, 128, "")
    status, filled = await hand.webhook("PATCH", interaction, ORIGINAL, {"content": "done"})
    assert (status, filled["flags"], filled["id"]) == (200, 0, shown["id"])
    assert filled["edited_timestamp"] is None
    status, edited = await hand.webhook(
        "PATCH", interaction, ORIGINAL, {"embeds": [{"title": "t"}]}
    )
    assert (edited["content"], len(edited["embeds"])) == ("done", 1)
    assert edited["edited_timestamp"] is not None
    assert told(await hand.webhook("PATCH", interaction, ORIGINAL, {"flags": 64})) == (400, 50035)
    emptied = {"content": "", "embeds": []}
    assert told(await hand.webhook("PATCH", interaction, ORIGINAL, emptied)) == (400, 50006)
    assert (await hand.webhook("DELETE", interaction, ORIGINAL))[0] == 204
    assert told(await hand.webhook("GET", interaction, ORIGINAL)) == (404, 10008)
    assert_by_the_book(hand.sandbox.exchanges, request)


async def test_follow_ups_are_written_shown_changed_and_deleted(
    hand: Hand, request: pytest.FixtureRequest
) -> None:
    interaction = hand.happen()
    await hand.answer(interaction, 4, {"content": "first", "flags": 64})
    status, written = await hand.webhook("POST", interaction, "", {"content": "more"})
    assert (status, written["flags"]) == (200, 0)
    status, private = await hand.webhook("POST", interaction, "", {"content": "x", "flags": 64})
    assert (status, private["flags"]) == (200, 64)
    place = f"/messages/{written['id']}"
    assert (await hand.webhook("GET", interaction, place))[1] == written
    status, changed = await hand.webhook("PATCH", interaction, place, {"content": "changed"})
    assert (status, changed["content"]) == (200, "changed")
    assert (await hand.webhook("DELETE", interaction, place))[0] == 204
    assert told(await hand.webhook("GET", interaction, place)) == (404, 10008)
    assert_by_the_book(hand.sandbox.exchanges, request)


@pytest.mark.parametrize(("flags", "expected"), [(0, 64), (64, 64)])
async def test_the_first_follow_up_is_as_private_as_its_note(
    hand: Hand, flags: int, expected: int
) -> None:
    interaction = hand.happen()
    await hand.answer(interaction, 5, {"flags": 64})
    _, written = await hand.webhook("POST", interaction, "", {"content": "x", "flags": flags})
    assert written["flags"] == expected
    assert interaction.original is not None
    assert written["id"] == interaction.original.id


async def test_private_messages_are_in_no_list(hand: Hand) -> None:
    interaction = hand.happen()
    await hand.answer(interaction, 4, {"content": "psst", "flags": 64})
    assert interaction.original is not None
    place = f"/channels/{hand.channel.id}/messages"
    assert await hand.ask("GET", place) == (200, [])
    assert told(await hand.ask("GET", f"{place}/{interaction.original.id}")) == (404, 10008)


async def test_its_webhook_is_unknown_before_the_answer_and_stale_after_a_quarter_hour(
    hand: Hand,
) -> None:
    interaction = hand.happen()
    assert told(await hand.webhook("POST", interaction, "", {"content": "x"})) == (404, 10015)
    assert told(await hand.webhook("GET", interaction, ORIGINAL)) == (404, 10015)
    await hand.answer(interaction, 5)
    hand.clock.now += 899
    assert (await hand.webhook("PATCH", interaction, ORIGINAL, {"content": "x"}))[0] == 200
    hand.clock.now += 2
    assert told(await hand.webhook("POST", interaction, "", {"content": "x"})) == (401, 50027)


async def test_suggestions_have_their_limits(hand: Hand) -> None:
    async def suggest(choices: Any) -> int:
        return (await hand.answer(hand.happen(Kind.AUTOCOMPLETE), 8, {"choices": choices}))[0]

    one = {"name": "n", "value": "v"}
    many = [{"name": f"n{number}", "value": "v"} for number in range(25)]
    assert await suggest([]) == 204
    assert await suggest(many) == 204
    for bad in (
        [*many, one],
        5,
        [7],
        [{"name": "", "value": "v"}],
        [{"name": "n" * 101, "value": "v"}],
        [{"name": "n", "value": "v" * 101}],
        [{"name": "n"}],
        [{"name": "n", "value": 7}],
        [one, one],
    ):
        assert await suggest(bad) == 400


async def test_what_is_wrong_is_told_by_field_under_data(hand: Hand) -> None:
    status, body = await hand.answer(hand.happen(), 4, {"embeds": [{"title": "t" * 257}]})
    assert status == 400
    [problem] = body["errors"]["data"]["embeds"]["0"]["title"]["_errors"]
    assert problem["code"] == "BASE_TYPE_MAX_LENGTH"
    assert told(await hand.answer(hand.happen(), 4, {})) == (400, 50006)
    assert told(await hand.answer(hand.happen(), 4, [7])) == (400, 50035)
    assert told(await hand.answer(hand.happen(), 4, {"content": "x", "flags": 128})) == (400, 50035)
    assert told(await hand.answer(hand.happen(), 5, {"flags": 1})) == (400, 50035)
    interaction = hand.happen()
    path = f"/interactions/{interaction.id}/{interaction.token}/callback"
    assert told(await hand.ask("POST", path, {})) == (400, 50035)
    assert told(await hand.ask("POST", path, [1])) == (400, 50035)
    assert told(await hand.ask("POST", path, data="{", headers={})) == (400, 50035)
