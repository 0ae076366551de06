"""/post: what it shows, how often it posts, and for whom it does not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.players import PlayerError
from tests.e2e.looking import content_of, id_of, message_of, parts_of, reference_in, words_of
from tests.e2e.managing import (
    demote,
    posted,
    press,
    press_elsewhere,
    second_chief,
    told,
)
from tests.e2e.posting import confirm, occasions, preview, refusal
from tests.e2e.stage import until
from tests.squadron import Squadron

if TYPE_CHECKING:
    from tests.e2e.stage import Stage

DAILY = {"report": "daily"}


async def test_whoever_may_not_manage_the_server_posts_nothing(stage: Stage) -> None:
    async with stage.bot():
        with pytest.raises(PlayerError):
            await stage.command(stage.wolves, stage.wolves.member, "post", DAILY)
        seen = await stage.command(stage.wolves, stage.wolves.member, "post", DAILY, force=True)
        assert told(seen) == "You need the permission Manage Server for that."


async def test_a_guild_without_a_squadron_is_told_how_to_link(stage: Stage) -> None:
    async with stage.bot():
        assert "`/tenant link`" in await refusal(stage, stage.strangers)


async def test_what_the_preview_shows_is_what_is_posted(stage: Stage) -> None:
    wolves = stage.wolves
    async with stage.bot() as bot:
        shown = await preview(stage, wolves)
        assert content_of(shown) == (
            "**Preview** of the Daily Summary · 2025-09-11\n"
            f"Shall I post it now? 1 message in <#{wolves.channel.id}>."
        )
        assert posted(stage) == []
        embeds = shown.body["embeds"]

        words = await confirm(stage, wolves, shown)
        (message,) = posted(stage)
        assert message.body["embeds"] == embeds
        assert message.channel_id == wolves.channel.id
        address = f"https://discord.com/channels/{wolves.guild.id}/{wolves.channel.id}/{message.id}"
        assert words == (
            "**Daily Summary** · 2025-09-11\n"
            f"✅ <#{wolves.channel.id}>: [1 message]({address}) posted"
        )
        assert await occasions(bot) == [("request", "sent")]

        await bot.keeper.run("daily")
        assert len(posted(stage, wolves.channel)) == 2, "the nightly post is another one"


@pytest.mark.parametrize(
    ("report", "title"),
    [
        ("daily", "Daily Summary"),
        ("spacecz", "Space CZ Summary"),
        ("groundcz", "Ground CZ Summary"),
    ],
)
async def test_each_report_and_period_can_be_posted(stage: Stage, report: str, title: str) -> None:
    async with stage.bot():
        shown = await preview(stage, stage.foxes, {"report": report, "period": "lm"})
        assert f"of the {title} · 2025-08-01 to 2025-08-31" in content_of(shown)
        assert "posted" in await confirm(stage, stage.foxes, shown)
    (message,) = posted(stage)
    assert message.channel_id == stage.foxes.channel.id
    assert "Fox 2" in words_of(message)


async def test_a_report_in_the_old_style_is_shown_as_it_is(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {"spacecz": {"style": "classic"}}
    stage.save()
    async with stage.bot():
        shown = await preview(stage, stage.wolves, {"report": "spacecz"})
        content, (note,) = content_of(shown), shown.body["embeds"]
        assert "Shall I post it now?" in note["description"]
        assert "posted" in await confirm(stage, stage.wolves, shown)
    (message,) = posted(stage)
    assert content_of(message) == content
    assert message.body["embeds"] == []


async def test_cancelling_posts_nothing_and_is_final(stage: Stage) -> None:
    wolves = stage.wolves
    async with stage.bot() as bot:
        shown = await preview(stage, wolves)
        button = id_of(shown, "confirm")
        seen = await press(stage, wolves.chief, shown, "cancel")
        assert told(seen) == "All right, nothing was posted."
        assert parts_of(message_of(seen)) == {}

        late = await stage.player(wolves.chief).press(shown, button, force=True)
        assert "too old" in told(await late.settled())
        assert await occasions(bot) == []


async def test_pressing_twice_at_once_posts_once(stage: Stage) -> None:
    wolves = stage.wolves
    async with stage.bot() as bot:
        shown = await preview(stage, wolves)
        button = id_of(shown, "confirm")
        player = stage.player(wolves.chief)
        seen = await asyncio.gather(*(player.press(shown, button, force=True) for _ in range(4)))
        await asyncio.gather(*(each.settled() for each in seen))
        await until(lambda: "posted" in content_of(shown))
        await until(lambda: sum(len(each.followups) for each in seen) == 3)
        assert len(posted(stage)) == 1
        assert await occasions(bot) == [("request", "sent")]


async def test_two_previews_are_two_posts(stage: Stage) -> None:
    async with stage.bot() as bot:
        for _ in range(2):
            words = await confirm(stage, stage.wolves, await preview(stage, stage.wolves))
            assert "posted" in words
        assert len(posted(stage)) == 2
        assert await occasions(bot) == [("request", "sent")] * 2


async def test_a_preview_outlives_the_process_and_keeps_its_window(stage: Stage) -> None:
    async with stage.bot():
        shown = await preview(stage, stage.wolves)
    stage.clock.now += timedelta(days=1)
    async with stage.bot():
        assert "posted" in await confirm(stage, stage.wolves, shown)
    (message,) = posted(stage)
    assert "2025-09-11" in message.body["embeds"][0]["title"]


async def test_a_preview_expires(stage: Stage) -> None:
    async with stage.bot() as bot:
        shown = await preview(stage, stage.wolves)
        stage.real.advance(minutes=15)
        assert "too old" in told(await press(stage, stage.wolves.chief, shown, "confirm"))
        assert await occasions(bot) == []


async def test_nobody_else_can_confirm_wherever_they_press(stage: Stage) -> None:
    wolves, foxes = stage.wolves, stage.foxes
    async with stage.bot() as bot:
        shown = await preview(stage, wolves)
        button = id_of(shown, "confirm")
        other = second_chief(stage, wolves)
        assert "belong to whoever asked" in told(
            await press(stage, other, shown, "confirm", force=True)
        )
        assert "too old" in told(await press_elsewhere(stage, foxes, foxes.chief, button))
        stage.sandbox.world.join(foxes.guild, wolves.chief, permissions=1 << 5)
        assert "too old" in told(await press_elsewhere(stage, foxes, wolves.chief, button))
        own = message_of(await stage.command(foxes, foxes.chief, "summary"))
        for action in ("confirm", "cancel", "period", "nothing"):
            for known in (id_of(own, "period"), button):
                forged = f"{known.rpartition(':')[0]}:{action}"
                await press_elsewhere(stage, foxes, foxes.chief, forged)
        unknown = await stage.player(wolves.chief).press(
            shown, button.replace("confirm", "other"), force=True
        )
        assert "too old" in told(await unknown.settled())
        demote(wolves)
        seen = await press(stage, wolves.chief, shown, "confirm")
        assert told(seen) == "You need the permission Manage Server for that."
        assert await occasions(bot) == []
    assert posted(stage) == []


async def test_an_empty_report_is_not_posted(stage: Stage) -> None:
    async with stage.bot() as bot:
        for options in ({"report": "daily", "period": "cd"}, {"report": "spacecz", "period": "cd"}):
            words = await refusal(stage, stage.wolves, options)
            assert "for 2025-09-12 is empty, so there is nothing to post" in words
        assert await occasions(bot) == []


async def test_a_tick_is_posted_as_it_was_shown(stage: Stage) -> None:
    async with stage.bot():
        options = {"report": "daily", "period": "lt"}
        shown = await preview(stage, stage.wolves, options)
        assert "Tick of 2025-09-03 15:00 UTC" in content_of(shown)
        assert "posted" in await confirm(stage, stage.wolves, shown)
    (message,) = posted(stage)
    assert "Tick of 2025-09-03 15:00 UTC" in message.body["embeds"][0]["title"]


async def test_a_tick_that_is_not_known_is_not_posted(stage: Stage) -> None:
    Squadron().store(f"sqlite:///{stage.folder}/empty.db")
    stage.wolves.entry["db_uri"] = f"sqlite:///{stage.folder}/empty.db"
    stage.save()
    async with stage.bot():
        words = await refusal(stage, stage.wolves, {"report": "daily", "period": "lt"})
        assert words == "🌙 I know no last tick yet, so there is nothing to post."


async def test_a_post_that_does_not_get_through_is_tried_again_by_itself(stage: Stage) -> None:
    stage.sandbox.faults.script([Fault(FaultKind.RATE_LIMIT, seconds=120)])
    async with stage.bot() as bot:
        shown = await preview(stage, stage.wolves)
        assert "I keep trying by myself" in await confirm(stage, stage.wolves, shown)
        assert "⏳" in content_of(shown)
        assert await occasions(bot) == [("request", "failed")]
    assert posted(stage) == []
    stage.real.advance(minutes=10)
    async with stage.bot() as bot, asyncio.timeout(20):
        while await occasions(bot) != [("request", "sent")]:  # noqa: ASYNC110  # knows no events
            await asyncio.sleep(0.05)
    assert len(posted(stage)) == 1


async def test_a_webhook_that_refuses_is_told_without_its_token(stage: Stage) -> None:
    stage.sandbox.faults.script([Fault(FaultKind.STATUS, status=403)])
    async with stage.bot() as bot:
        shown = await preview(stage, stage.wolves)
        assert "Discord refuses it" in await confirm(stage, stage.wolves, shown)
        assert await occasions(bot) == [("request", "broken")]
    assert stage.wolves.hook.token not in content_of(shown)


async def test_a_database_in_trouble_is_told(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot() as bot:
        shown = await preview(stage, stage.wolves)
        (stage.folder / "wolves.db").rename(stage.folder / "elsewhere.db")
        bot.runtime.databases.keep_only(())
        words = await refusal(stage, stage.wolves)
        assert reference_in(words) in caplog.text
        assert "could not be made just now" in await confirm(stage, stage.wolves, shown)
    assert posted(stage) == []
