"""What was there when somebody asked, and is gone when the answer comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.people import SEND_MESSAGES_IN_THREADS
from tests.e2e.looking import content_of, id_of, message_of, note_of
from tests.e2e.managing import posted
from tests.e2e.mishaps import locked
from tests.e2e.posting import preview
from tests.e2e.pressing import ask, posted_by, press
from tests.e2e.stage import until

if TYPE_CHECKING:
    import pytest

    from bot.sandbox.world import Channel
    from tests.e2e.stage import Stage

GONE = "Somebody has deleted my message"


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged as if the bot had failed."""
    return [
        each.getMessage()
        for each in caplog.records
        if getattr(each, "action", "") == "interaction_failed"
    ]


async def test_who_deletes_the_answer_while_it_is_made_is_told_so(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot():
        player = stage.player(stage.wolves.member)
        with locked(stage, "wolves"):
            seen = await player.command(stage.wolves.guild.id, stage.wolves.channel.id, "summary")
            stage.sandbox.world.delete(message_of(seen))
        await until(lambda: bool(seen.followups))

    assert GONE in content_of(note_of(seen))
    assert complaints(caplog) == []


async def test_who_presses_under_a_message_that_is_gone_is_told_so(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot():
        message = await ask(stage)
        menu = id_of(message, "period")
        stage.sandbox.world.delete(message)
        player = stage.player(stage.wolves.member)
        seen = await player.select(message, menu, ["all"], force=True)
        await until(lambda: bool(seen.followups))

    assert GONE in content_of(note_of(seen))
    assert complaints(caplog) == []


async def test_a_post_that_is_confirmed_is_made_though_its_preview_is_dismissed(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot():
        shown = await preview(stage, stage.wolves)
        confirm = id_of(shown, "confirm")
        stage.sandbox.world.delete(shown)
        player = stage.player(stage.wolves.chief)
        seen = await player.press(shown, confirm, force=True)
        await until(lambda: bool(seen.followups))

    assert len(posted(stage)) == 1
    assert "1 message](" in content_of(note_of(seen))
    assert complaints(caplog) == []


async def test_a_channel_that_is_gone_gets_no_report(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot():
        message = await ask(stage, private=True)
        plan = stage.sandbox.faults_for("channel_message")
        plan.script([Fault(FaultKind.STATUS, status=404)])
        seen = await press(stage, message, "post")

    assert "takes no posts" in content_of(note_of(seen))
    assert complaints(caplog) == []


def thread_of(stage: Stage) -> Channel:
    """Open a thread in the channel of the wolves."""
    return stage.sandbox.world.add_thread(stage.wolves.channel, "campaign")


async def test_a_report_is_posted_to_the_thread_it_was_asked_for_in(stage: Stage) -> None:
    thread = thread_of(stage)
    async with stage.bot():
        player = stage.player(stage.wolves.member)
        asked = await player.command(
            stage.wolves.guild.id, thread.id, "spacecz", {"period": "ld", "private": True}
        )
        message = message_of(await asked.settled())
        await press(stage, message, "post")

    assert [each.channel_id for each in posted_by(stage)] == [thread.id]


async def test_in_a_thread_the_bot_asks_for_the_right_that_counts_there(stage: Stage) -> None:
    thread = thread_of(stage)
    async with stage.bot():
        player = stage.player(stage.wolves.member)
        asked = await player.command(
            stage.wolves.guild.id, thread.id, "spacecz", {"period": "ld", "private": True}
        )
        message = message_of(await asked.settled())
        stage.wolves.guild.bot_permissions &= ~SEND_MESSAGES_IN_THREADS
        seen = await press(stage, message, "post")

    assert "Send Messages in Threads" in content_of(note_of(seen))
    assert posted_by(stage) == []
