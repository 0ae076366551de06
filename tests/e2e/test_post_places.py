"""Where /post posts: to the webhooks of the guild that asks, and nowhere else."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.e2e.looking import content_of
from tests.e2e.managing import (
    follow_file,
    link,
    posted,
    press,
    told,
)
from tests.e2e.posting import another_webhook, confirm, occasions, preview, refusal, send_to

if TYPE_CHECKING:
    from tests.e2e.stage import Stage

DAILY = {"report": "daily"}


async def test_a_guild_that_sees_another_squadron_meanwhile_posts_nothing(stage: Stage) -> None:
    strangers = stage.strangers
    send_to(stage, stage.wolves, another_webhook(stage, strangers))
    async with stage.bot() as bot:
        await link(stage, strangers, "key-of-wolves")
        shown = await preview(stage, strangers)
        stage.foxes.entry["guild_ids"].append(strangers.guild.id)
        await follow_file(stage, bot)
        assert "too old" in told(await press(stage, strangers.chief, shown, "confirm"))
        assert await occasions(bot) == []


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("elsewhere", "is posted to another server"),
        ("deleted", "Discord refuses the webhook of the Daily Summary"),
        ("silent", "does not tell me just now"),
        ("none", "There is no webhook for the Daily Summary yet"),
        ("off", "The Daily Summary is switched off for this squadron"),
    ],
)
async def test_a_report_that_goes_nowhere_here_is_refused_with_the_reason(
    stage: Stage, case: str, words: str
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        match case:
            case "elsewhere":
                send_to(stage, stage.wolves, another_webhook(stage, stage.foxes))
            case "deleted":
                del stage.sandbox.world.hooks[stage.wolves.hook.id]
            case "silent":
                send_to(stage, stage.wolves, f"http://{host}/api/webhooks/123456789012345678/abc")
            case "none":
                send_to(stage, stage.wolves)
            case "off":
                stage.wolves.entry["reports"] = {"daily": {"enabled": False}}
                stage.save()
        hosts = f"{host},{stage.sandbox.address.partition('://')[2]}"
        async with stage.bot(WEBHOOK_HOSTS=hosts) as bot:
            assert words in await refusal(stage, stage.wolves)
            assert await occasions(bot) == []
    assert posted(stage) == []


async def test_only_the_webhooks_of_this_guild_get_the_post(stage: Stage) -> None:
    wolves, strangers = stage.wolves, stage.strangers
    own = stage.sandbox.url_of(wolves.hook)
    send_to(stage, wolves, own, another_webhook(stage, wolves), another_webhook(stage, strangers))
    async with stage.bot() as bot:
        shown = await preview(stage, wolves)
        assert "2 messages in <#" in content_of(shown)
        assert content_of(shown).endswith("-# Left out: 1 in another server.")
        assert "posted" in await confirm(stage, wolves, shown)
        assert content_of(shown).count("✅") == 2
        guilds = [stage.sandbox.world.channels[each.channel_id].guild_id for each in posted(stage)]
        assert guilds == [wolves.guild.id] * 2

        await link(stage, strangers, "key-of-wolves")
        theirs = await preview(stage, strangers)
        assert "1 message in <#" in content_of(theirs)
        assert content_of(theirs).endswith("-# Left out: 2 in another server.")
        assert "posted" in await confirm(stage, strangers, theirs)
        assert len(await occasions(bot)) == 3
    last = posted(stage)[-1]
    assert stage.sandbox.world.channels[last.channel_id].guild_id == strangers.guild.id


async def test_a_webhook_is_looked_at_again_before_anything_is_posted(stage: Stage) -> None:
    target = another_webhook(stage, stage.wolves)
    send_to(stage, stage.wolves, target)
    async with stage.bot() as bot:
        shown = await preview(stage, stage.wolves)
        hook = stage.sandbox.world.hooks[target.split("/")[-2]]
        stage.sandbox.world.channels[hook.channel_id].guild_id = stage.foxes.guild.id
        seen = await press(stage, stage.wolves.chief, shown, "confirm")
        assert "is posted to another server" in told(seen)
        assert await occasions(bot) == []


async def test_a_webhook_that_came_after_the_preview_gets_nothing(stage: Stage) -> None:
    wolves = stage.wolves
    async with stage.bot() as bot:
        shown = await preview(stage, wolves)
        own = stage.sandbox.url_of(wolves.hook)
        send_to(stage, wolves, own, another_webhook(stage, wolves))
        await follow_file(stage, bot)
        assert "posted" in await confirm(stage, wolves, shown)
        assert len(posted(stage)) == 1

        shown = await preview(stage, wolves)
        assert "2 messages" in content_of(shown)
        send_to(stage, wolves, another_webhook(stage, wolves))
        await follow_file(stage, bot)
        seen = await press(stage, wolves.chief, shown, "confirm")
        assert "have changed since that preview" in told(seen)
        assert len(posted(stage)) == 1


async def test_posts_to_threads_are_shown_and_linked_there(stage: Stage) -> None:
    wolves, world = stage.wolves, stage.sandbox.world
    thread = world.add_thread(wolves.channel)
    forum = another_webhook(stage, wolves, "forum")
    send_to(
        stage,
        wolves,
        {"url": stage.sandbox.url_of(wolves.hook), "thread_id": thread.id},
        {"url": forum, "thread_name": "Report of {date}"},
    )
    async with stage.bot():
        shown = await preview(stage, wolves)
        assert f"2 messages in <#{thread.id}>, a new post of <#" in content_of(shown)
        assert (await confirm(stage, wolves, shown)).count("✅") == 2
    in_thread, in_forum = sorted(posted(stage), key=lambda each: each.channel_id != thread.id)
    for message in (in_thread, in_forum):
        address = f"channels/{wolves.guild.id}/{message.channel_id}/{message.id}"
        assert address in content_of(shown)
    assert in_forum.channel_id == in_forum.id
