"""The menu and the buttons under a report: in place, after a restart, for the asker only."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.periods import Period
from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.people import EMBED_LINKS
from bot.sandbox.players import PlayerError
from tests.e2e.looking import (
    content_of,
    id_of,
    marked_period,
    message_of,
    note_of,
    parts_of,
    reference_in,
    title_of,
    words_of,
)
from tests.e2e.mishaps import locked
from tests.e2e.stage import until
from tests.squadron import Squadron

if TYPE_CHECKING:
    from bot.sandbox.interactions.views import InteractionView
    from bot.sandbox.world import StoredMessage
    from tests.e2e.stage import Stage


async def ask(stage: Stage, *, private: bool = False, period: str = "ld") -> StoredMessage:
    """Return the space CZs of the wolves, as their member sees them."""
    options = {"period": period, "private": private}
    return message_of(await stage.command(stage.wolves, stage.wolves.member, "spacecz", options))


async def press(
    stage: Stage, message: StoredMessage, action: str, *, force: bool = False
) -> InteractionView:
    """Let the asker press a button."""
    player = stage.player(stage.wolves.member)
    custom_id = id_of(message, "period").replace(":period", f":{action}")
    return await (await player.press(message, custom_id, force=force)).settled()


async def choose(stage: Stage, message: StoredMessage, period: str) -> InteractionView:
    """Let the asker choose a period."""
    player = stage.player(stage.wolves.member)
    return await (await player.select(message, id_of(message, "period"), [period])).settled()


def posted_by(stage: Stage) -> list[StoredMessage]:
    """Return what the bot itself posted to the channel, answers to commands aside."""
    return [
        message
        for message in stage.sandbox.messages
        if message.own and message.interaction_id is None
    ]


def settle_many(stage: Stage, systems: int = 600) -> None:
    """Give the wolves so many systems that a report takes several pages."""
    squadron = Squadron()
    for index in range(systems):
        event = squadron.event("2025-09-11T18:00:00Z", "Wolf", starsystem=f"Lupus {index:03}")
        squadron.cz("low", None, event)
    squadron.replace(f"sqlite:///{stage.folder}/wolves.db")


async def test_the_menu_changes_the_period_in_place(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage)
        for period in Period:
            seen = await choose(stage, message, period.value)

            assert seen.kind == "update"
            assert message_of(seen) is message
            assert marked_period(message) == period.value

    assert len([each for each in stage.sandbox.messages if each.own]) == 1


async def test_an_empty_period_keeps_the_menu_and_leads_back(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage)
        await choose(stage, message, "cd")
        assert message.body["embeds"] == []
        assert "No space CZs (2025-09-12). Try **This week**." in content_of(message)

        await choose(stage, message, "cw")
        assert content_of(message) == ""
        assert title_of(message).endswith("2025-09-08 to 2025-09-14")


async def test_buttons_page_through_a_long_report(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        pages = int(parts_of(message)["here"]["label"].partition("/")[2])
        assert pages > 2
        seen_systems = set()
        for page in range(1, pages + 1):
            assert title_of(message).endswith(f"({page}/{pages})")
            assert parts_of(message)["here"]["label"] == f"{page}/{pages}"
            seen_systems |= {name for name in _systems() if name in words_of(message)}
            if page < pages:
                await press(stage, message, "next")
        assert len(seen_systems) == 600
        for action, page in (("back", pages - 1), ("first", 1), ("last", pages)):
            await press(stage, message, action)
            assert title_of(message).endswith(f"({page}/{pages})")


async def test_there_is_no_way_beyond_the_ends(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        for action in ("first", "back", "here"):
            with pytest.raises(PlayerError, match="disabled"):
                await press(stage, message, action)
        await press(stage, message, "back", force=True)
        assert "(1/" in title_of(message)

        await press(stage, message, "last")
        assert {name for name, part in parts_of(message).items() if part["disabled"]} == {
            "here",
            "next",
            "last",
        }


async def test_another_period_begins_at_its_first_page(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        await press(stage, message, "last")
        await choose(stage, message, "lt")
        await choose(stage, message, "all")

        assert "(1/" in title_of(message)


async def test_buttons_live_on_after_a_restart(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage, private=True)
        await press(stage, message, "next")
    async with stage.bot():
        await press(stage, message, "next")
        assert "(3/" in title_of(message)
        await choose(stage, message, "cd")

    assert marked_period(message) == "cd"
    assert message.ephemeral_for == stage.wolves.member.id


async def test_a_report_that_shrank_meanwhile_shows_its_last_page(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        await press(stage, message, "last")
    settle_many(stage, systems=250)
    async with stage.bot():
        await press(stage, message, "back")

    page, _, pages = parts_of(message)["here"]["label"].partition("/")
    assert page == pages


async def test_pages_of_one_report_fit_together_while_events_arrive(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        settle_many(stage, systems=10)
        await press(stage, message, "next")

        assert "(2/" in title_of(message)


async def test_the_names_stay_when_the_period_changes(stage: Stage) -> None:
    async with stage.bot():
        options = {"period": "ld", "system": "Lupus 1"}
        seen = await stage.command(stage.wolves, stage.wolves.member, "spacecz", options)
        message = message_of(seen)
        await choose(stage, message, "all")

    assert content_of(message) == "-# Only system Lupus 1"
    assert "Lupus 0" not in words_of(message)


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


async def test_of_presses_at_once_one_counts_wholly(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot() as bot:
        message = await ask(stage)
        view_id = id_of(message, "period").split(":")[2]
        for period in ("all", "ld", "lw", "ld"):
            seen = await asyncio.gather(
                *(press(stage, message, "next", force=True) for _ in range(2)),
                press(stage, message, "last", force=True),
                choose(stage, message, period),
            )
            assert all(view.kind == "update" for view in seen)

            stored = bot.runtime.guilds.view(view_id)
            assert stored is not None
            assert stored.state["period"] == marked_period(message)
            pager = parts_of(message).get("here", {"label": "1/1"})
            assert pager["label"].startswith(f"{stored.state['page'] + 1}/")


async def test_a_change_that_discord_refuses_is_not_kept(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        plan = stage.sandbox.faults_for("original")
        plan.script([Fault(FaultKind.STATUS, status=400)])
        failed = await press(stage, message, "next")
        reference_in(content_of(note_of(failed)))
        assert "(1/" in title_of(message)

        await press(stage, message, "next")
        assert "(2/" in title_of(message)


async def test_what_was_ended_while_it_was_computed_is_not_shown(stage: Stage) -> None:
    async with stage.bot() as bot:
        message = await ask(stage)
        player = stage.player(stage.wolves.member)
        with locked(stage, "wolves"):
            seen = await player.select(message, id_of(message, "period"), ["all"])
            assert seen.kind == "deferred_update"
            assert bot.runtime.guilds.end_views(int(stage.wolves.guild.id)) == 1
        await until(lambda: bool(seen.followups))

    assert "too old" in content_of(note_of(seen))
    assert marked_period(message) == "ld"


async def test_a_press_that_fails_leaves_the_message_as_it_was(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot():
        message = await ask(stage)
        before = words_of(message)
        (stage.folder / "wolves.db").unlink()
        seen = await choose(stage, message, "all")

    assert words_of(message) == before
    assert f"reference {reference_in(content_of(note_of(seen)))}" in caplog.text


async def test_who_presses_too_often_is_slowed(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage)
        for _ in range(10):
            await choose(stage, message, "lw")
            await choose(stage, message, "lm")
        seen = await choose(stage, message, "all")

    assert seen.ephemeral
    assert "Easy, CMDR!" in content_of(message_of(seen))
    assert marked_period(message) == "lm"


async def test_a_report_that_was_switched_off_meanwhile_is_refused(stage: Stage) -> None:
    async with stage.bot() as bot:
        message = await ask(stage)
        stage.wolves.entry["reports"] = {"spacecz": {"enabled": False}}
        stage.save()
        bot.registry.reload()
        seen = await choose(stage, message, "all")

    assert "switched off" in content_of(message_of(seen))
    assert marked_period(message) == "ld"


async def test_a_period_that_there_is_not_is_refused(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage)
        player = stage.player(stage.wolves.member)
        for values in (["week"], [], ["ld", "lw"]):
            seen = await player.select(message, id_of(message, "period"), values, force=True)
            await seen.settled()
            assert seen.ephemeral

    assert marked_period(message) == "ld"


async def test_nobody_else_can_use_the_buttons(stage: Stage) -> None:
    async with stage.bot():
        message = await ask(stage)
        player = stage.player(stage.wolves.chief)
        seen = await player.select(message, id_of(message, "period"), ["all"])
        await seen.settled()

    assert seen.ephemeral
    assert "belong to whoever asked" in content_of(message_of(seen))
    assert marked_period(message) == "ld"


async def test_a_custom_id_is_of_no_use_in_another_guild(stage: Stage) -> None:
    async with stage.bot():
        mine = await ask(stage, private=True)
        seen = await stage.command(stage.foxes, stage.foxes.member, "spacecz", {"period": "ld"})
        theirs = message_of(seen)
        stage.sandbox.world.join(stage.foxes.guild, stage.wolves.member)
        for user in (stage.foxes.member, stage.wolves.member):
            player = stage.player(user)
            for action in ("period", "post", "next"):
                forged = id_of(mine, "period").replace(":period", f":{action}")
                answer = await (await player.select(theirs, forged, ["all"], force=True)).settled()
                assert answer.ephemeral
                assert "Wolf" not in words_of(message_of(answer))

    assert "Wolf" not in words_of(theirs)


def _systems() -> list[str]:
    return [f"Lupus {index:03}" for index in range(600)]
