"""A private report is posted to the channel: once, by who may, where the bot may."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.people import EMBED_LINKS
from tests.e2e.looking import (
    content_of,
    marked_period,
    message_of,
    note_of,
    parts_of,
    title_of,
)
from tests.e2e.pressing import ask, choose, posted_by, press, settle_many

if TYPE_CHECKING:
    from tests.e2e.stage import Stage


async def test_a_private_report_is_posted_to_the_channel_once(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage, private=True)
        seen = await press(stage, message, "post")
        assert message_of(seen) is message
        assert parts_of(message)["post"]["disabled"]

        (posted,) = posted_by(stage)
        assert posted.ephemeral_for is None
        assert posted.body["embeds"] == message.body["embeds"]
        assert posted.payload["allowed_mentions"] == {"parse": []}
        again = await press(stage, message, "post", force=True)
        assert "in the channel already" in content_of(note_of(again))

        await choose(stage, posted, "lw")
        assert marked_period(posted) == "lw"
        assert marked_period(message) == "ld"
        assert "post" not in parts_of(posted)
        await choose(stage, message, "all")
        assert not parts_of(message)["post"]["disabled"]


async def test_the_page_that_is_shown_is_the_one_that_is_posted(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage, private=True)
        await press(stage, message, "next")
        await press(stage, message, "post")
        (posted,) = posted_by(stage)
        await press(stage, posted, "next")

        assert "(3/" in title_of(posted)
        assert "(2/" in title_of(message)


async def test_two_presses_at_once_post_once(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage, private=True)
        seen = await asyncio.gather(*(press(stage, message, "post") for _ in range(4)))

    assert len(posted_by(stage)) == 1
    refused = [view for view in seen if view.followups or message_of(view) is not message]
    assert len(refused) == 3
    for view in refused:
        assert "in the channel already" in content_of(note_of(view))


@pytest.mark.parametrize("status", [500, 502])
async def test_a_post_whose_answer_was_lost_is_not_posted_again(stage: Stage, status: int) -> None:
    async with stage.bot():
        message = await ask(stage, private=True)
        plan = stage.sandbox.faults_for("channel_message")
        plan.script([Fault(FaultKind.STATUS, status=status, accepted=True)])
        await press(stage, message, "post")

    assert parts_of(message)["post"]["disabled"]
    assert len(posted_by(stage)) == 1


async def test_a_post_that_broke_off_after_it_was_taken_is_not_posted_again(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage, private=True)
        plan = stage.sandbox.faults_for("channel_message")
        plan.script([Fault(FaultKind.RESET, accepted=True)])
        await press(stage, message, "post")

    assert len(posted_by(stage)) == 1


async def test_a_post_that_discord_forbids_can_be_tried_again(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage, private=True)
        plan = stage.sandbox.faults_for("channel_message")
        plan.script([Fault(FaultKind.STATUS, status=403)])
        seen = await press(stage, message, "post")
        assert "Embed Links" in content_of(note_of(seen))

        await press(stage, message, "post")
        assert len(posted_by(stage)) == 1


async def test_nothing_is_posted_where_the_bot_may_not(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage, private=True)
        stage.wolves.guild.bot_permissions &= ~EMBED_LINKS
        seen = await press(stage, message, "post")

    assert "Embed Links" in content_of(note_of(seen))


async def test_an_empty_report_cannot_be_posted(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage, private=True, period="cd")
        assert "post" not in parts_of(message)
        seen = await press(stage, message, "post", force=True)

    assert "nothing in it" in content_of(note_of(seen))
