"""/tenant show: what it tells, and what it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.faults import Fault, FaultKind
from tests.delivery.receivers import http_service
from tests.e2e.looking import message_of, reference_in, words_of
from tests.e2e.managing import fields_of, link

if TYPE_CHECKING:
    import pytest

    from tests.e2e.stage import Stage


async def test_show_tells_what_the_guild_sees(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {"groundcz": {"enabled": False}, "spacecz": {"webhook": "bgs"}}
    stage.save()
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.chief, "tenant show")
    assert seen.ephemeral
    message = message_of(seen)
    fields = fields_of(message)
    assert message.body["embeds"][0]["title"] == "Wolves"
    assert fields["Faction"] == "Wolves of Lupus"
    assert fields["This server"] == "set by the bot's admin"
    assert fields["Newest event"] == "<t:1757613720:f> (<t:1757613720:R>)"
    daily, spacecz = fields["Next posts"].split("\n")
    assert daily.startswith("Daily Summary: <t:")
    assert spacecz == "Space CZ Summary: no webhook to post it to"
    assert fields["Last posts"] == "none yet"
    assert "In trouble" not in fields


async def test_show_links_to_the_messages_of_this_guild_only(stage: Stage) -> None:
    strangers, wolves = stage.strangers, stage.wolves
    async with stage.bot() as bot:
        await link(stage, strangers, "key-of-wolves")
        await bot.keeper.run("daily")
        at_home = await stage.command(wolves, wolves.chief, "tenant show")
        away = await stage.command(strangers, strangers.chief, "tenant show")
    post = next(each for each in stage.sandbox.messages if each.webhook_id == wolves.hook.id)
    address = f"https://discord.com/channels/{wolves.guild.id}/{wolves.channel.id}/{post.id}"
    line = f"[Daily Summary · 2025-09-11]({address})\n-# ✅ posted <t:"
    assert line in fields_of(message_of(at_home))["Last posts"]
    elsewhere = fields_of(message_of(away))
    assert elsewhere["This server"] == "linked with `/tenant link`"
    assert elsewhere["Last posts"].startswith("Daily Summary · 2025-09-11\n-# ✅ posted <t:")
    assert wolves.hook.token not in words_of(message_of(at_home)) + words_of(message_of(away))


async def test_show_names_webhooks_that_discord_refuses_without_their_tokens(
    stage: Stage,
) -> None:
    wolves = stage.wolves
    stage.sandbox.faults.script([Fault(FaultKind.STATUS, status=404)])
    async with stage.bot() as bot:
        await bot.keeper.run("daily")
        seen = await stage.command(wolves, wolves.chief, "tenant show")
        others = await stage.command(stage.foxes, stage.foxes.chief, "tenant show")
    shown = (message_of(seen), message_of(others))
    troubled = [each for each in shown if "In trouble" in fields_of(each)]
    (message,) = troubled
    assert fields_of(message)["In trouble"].startswith("⚠️ shoutout since <t:")
    assert "❌ refused for good" in fields_of(message)["Last posts"]
    for pack in (stage.wolves, stage.foxes):
        assert pack.hook.token not in words_of(message)


async def test_show_names_channels_that_a_service_refuses(stage: Stage) -> None:
    async with http_service() as service:
        stage.wolves.entry["channels"] = [service.url()]
        stage.save()
        service.answers.append(410)
        async with stage.bot() as bot:
            await bot.keeper.run("daily")
            seen = await stage.command(stage.wolves, stage.wolves.chief, "tenant show")
    fields = fields_of(message_of(seen))
    assert fields["In trouble"].startswith("⚠️ json since <t:")
    assert "❌ refused for good" in fields["Last posts"]
    assert "s3cr3t" not in words_of(message_of(seen))


async def test_show_goes_on_without_the_database(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot() as bot:
        await bot.keeper.run("daily")
        (stage.folder / "wolves.db").rename(stage.folder / "elsewhere.db")
        bot.runtime.databases.keep_only(())
        seen = await stage.command(stage.wolves, stage.wolves.chief, "tenant show")
    fields = fields_of(message_of(seen))
    assert "can't read your squadron's database" in fields["Newest event"]
    assert reference_in(fields["Newest event"]) in caplog.text
    assert "posted" in fields["Last posts"]
    assert fields["Next posts"].count("<t:") == 3
