"""The menu and the buttons under a report: in place, after a restart, for the asker only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.periods import Period
from tests.e2e.looking import (
    content_of,
    id_of,
    marked_period,
    message_of,
    note_of,
    reference_in,
    title_of,
    words_of,
)
from tests.e2e.mishaps import locked
from tests.e2e.pressing import ask, choose, press, settle_many
from tests.e2e.stage import until

if TYPE_CHECKING:
    import pytest

    from tests.e2e.stage import Stage


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


async def test_the_names_stay_when_the_period_changes(stage: Stage) -> None:
    async with stage.bot():
        options = {"period": "ld", "system": "Lupus 1"}
        seen = await stage.command(stage.wolves, stage.wolves.member, "spacecz", options)
        message = message_of(seen)
        await choose(stage, message, "all")

    assert content_of(message) == "-# Only system Lupus 1"
    assert "Lupus 0" not in words_of(message)


async def test_what_was_ended_while_it_was_computed_is_not_shown(stage: Stage) -> None:
    async with stage.bot() as bot:
        message = await ask(stage)
        player = stage.player(stage.wolves.member)
        with locked(stage, "wolves"):
            seen = await player.select(message, id_of(message, "period"), ["all"])
            assert seen.kind == "deferred_update"
            view_id = id_of(message, "period").split(":")[-2]
            assert bot.runtime.guilds.end_view(view_id)
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
