"""/tenant link, unlink and show: who may, what they change, and what they never give away."""

from __future__ import annotations

import asyncio
import json
import logging
import unicodedata
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.players import PlayerError
from tests.e2e.looking import id_of, message_of, parts_of, reference_in, words_of
from tests.e2e.managing import (
    demote,
    fields_of,
    forge_form,
    link,
    press,
    press_elsewhere,
    second_chief,
    told,
    type_key,
)

if TYPE_CHECKING:
    from bot.client import ReportBot
    from tests.e2e.stage import Pack, Stage

WOLVES, FOXES = "key-of-wolves", "key-of-foxes"


def sees(bot: ReportBot, pack: Pack) -> str | None:
    """The tenant that a guild sees."""
    tenant = bot.directory.tenant_of(int(pack.guild.id))
    return None if tenant is None else tenant.id


def without_guild(stage: Stage, pack: Pack) -> None:
    """Take a guild out of the tenant file before the bot starts."""
    pack.entry["guild_ids"] = []
    stage.save()


@pytest.mark.parametrize("name", ["tenant link", "tenant unlink", "tenant show"])
async def test_whoever_may_not_manage_the_server_is_refused_even_if_forged(
    stage: Stage, name: str
) -> None:
    async with stage.bot():
        for pack in (stage.wolves, stage.strangers):
            with pytest.raises(PlayerError):
                await stage.command(pack, pack.member, name)
            seen = await stage.command(pack, pack.member, name, force=True)
            assert told(seen) == "You need the permission Manage Server for that."


async def test_a_forged_form_links_nothing_without_the_permission(stage: Stage) -> None:
    async with stage.bot() as bot:
        seen = await forge_form(stage, stage.strangers, stage.strangers.member, WOLVES)
        assert told(seen) == "You need the permission Manage Server for that."
        assert sees(bot, stage.strangers) is None


async def test_a_forged_form_changes_no_guild_of_the_file(stage: Stage) -> None:
    async with stage.bot() as bot:
        seen = await forge_form(stage, stage.foxes, stage.foxes.chief, WOLVES)
        assert "cannot be linked or unlinked" in told(seen)
        assert sees(bot, stage.foxes) == "foxes"


async def test_a_form_of_another_shape_is_a_wrong_key(stage: Stage) -> None:
    async with stage.bot():
        for value in ("", None, 5, ["key-of-wolves"], {"value": WOLVES}):
            seen = await forge_form(stage, stage.strangers, stage.strangers.chief, value)
            assert "No squadron here has that key" in told(seen)


async def test_the_right_key_links_the_guild_and_stays_secret(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("bot", "cogs"):
        caplog.set_level(logging.DEBUG, logger=name)
    strangers = stage.strangers
    async with stage.bot() as bot:
        before = await stage.command(strangers, strangers.member, "summary")
        assert "`/tenant link`" in told(before)

        seen = await type_key(stage, strangers, strangers.chief, f"  {WOLVES}\n")
        assert "This server now sees **Wolves**." in told(seen)
        assert sees(bot, strangers) == "wolves"
        summary = await stage.command(strangers, strangers.member, "summary")
        assert "Wolf 2" in words_of(message_of(summary))
    sent = json.dumps([each.request_json for each in stage.sandbox.exchanges])
    assert WOLVES not in sent
    assert WOLVES not in caplog.text
    assert WOLVES not in (stage.folder / "state.db").read_bytes().decode("latin-1")


async def test_a_link_outlives_the_process(stage: Stage) -> None:
    async with stage.bot():
        await link(stage, stage.strangers, FOXES)
    async with stage.bot() as bot:
        assert sees(bot, stage.strangers) == "foxes"


@pytest.mark.parametrize(
    "typed",
    ["wolves", "key-of-wolve", "key-of-wolves2", "KEY-OF-WOLVES", "\ud800", "k" * 4000, "🔑"],
    ids=["name", "shorter", "longer", "capitals", "half a sign", "very long", "emoji"],
)
async def test_a_wrong_key_links_nothing_and_is_not_told_to_anybody(
    stage: Stage, typed: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot() as bot:
        seen = await type_key(stage, stage.strangers, stage.strangers.chief, typed)
        assert told(seen).startswith("No squadron here has that key.")
        assert sees(bot, stage.strangers) is None
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "key", ["ключ лисиц 🔑🦊", "cle\u0301-e\u0301", "\u202egiant", "a\u200bb-key"]
)
async def test_a_key_may_be_any_text_and_counts_as_it_is_written(stage: Stage, key: str) -> None:
    stage.foxes.entry["link_key"] = key
    stage.save()
    async with stage.bot() as bot:
        other = unicodedata.normalize("NFC", key) + ("" if "\u0301" in key else "x")
        wrong = await type_key(stage, stage.strangers, stage.strangers.chief, other)
        assert "No squadron here has that key" in told(wrong)
        former = await type_key(stage, stage.strangers, stage.strangers.chief, FOXES)
        assert "No squadron here has that key" in told(former), "link_key takes its place"
        await link(stage, stage.strangers, key)
        assert sees(bot, stage.strangers) == "foxes"


async def test_a_key_that_two_squadrons_have_links_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.foxes.entry["link_key"] = WOLVES
    stage.save()
    async with stage.bot() as bot:
        seen = await type_key(stage, stage.strangers, stage.strangers.chief, WOLVES)
        assert "No squadron here has that key" in told(seen)
        assert sees(bot, stage.strangers) is None
    assert "wolves, foxes have the same link key" in caplog.text
    assert WOLVES not in caplog.text


async def test_a_squadron_that_only_its_place_tells_from_another_cannot_be_linked(
    stage: Stage,
) -> None:
    stage.foxes.entry["name"] = "Wolves"
    stage.save()
    async with stage.bot() as bot:
        for key in (WOLVES, FOXES):
            seen = await type_key(stage, stage.strangers, stage.strangers.chief, key)
            assert "two squadrons in the tenant file have that name" in told(seen)
        assert sees(bot, stage.strangers) is None


async def test_the_key_of_a_squadron_that_is_off_links_nothing(stage: Stage) -> None:
    stage.foxes.entry["enabled"] = False
    stage.save()
    async with stage.bot():
        seen = await type_key(stage, stage.strangers, stage.strangers.chief, FOXES)
        assert "No squadron here has that key" in told(seen)


async def test_after_too_many_wrong_keys_the_right_one_has_to_wait(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        for _ in range(5):
            await type_key(stage, strangers, strangers.chief, "guess")
        seen = await type_key(stage, strangers, strangers.chief, WOLVES)
        assert "You can try again <t:" in told(seen)
        assert sees(bot, strangers) is None

        other = second_chief(stage, strangers)
        assert "now sees" in told(await type_key(stage, strangers, other, WOLVES))
        stage.real.advance(minutes=15)
        seen = await type_key(stage, strangers, strangers.chief, WOLVES)
        assert "already" in told(seen)


async def test_the_right_key_lets_its_user_begin_anew(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot():
        for _ in range(2):
            for _ in range(4):
                await type_key(stage, strangers, strangers.chief, "guess")
            seen = await type_key(stage, strangers, strangers.chief, WOLVES)
            assert "Wolves" in told(seen)


@pytest.mark.parametrize("state", ["in use", "switched off", "faulty"])
async def test_a_guild_of_the_file_is_neither_linked_nor_unlinked_by_command(
    stage: Stage, state: str
) -> None:
    if state == "switched off":
        stage.foxes.entry["enabled"] = False
    elif state == "faulty":
        stage.foxes.entry["db_uri"] = 5
    stage.save()
    async with stage.bot():
        for name in ("tenant link", "tenant unlink"):
            seen = await stage.command(stage.foxes, stage.foxes.chief, name)
            assert "cannot be linked or unlinked by command" in told(seen)
        reason = {"in use": "", "switched off": "switched off for now", "faulty": "has faults"}
        for name in ("tenant show", "summary"):
            seen = await stage.command(stage.foxes, stage.foxes.chief, name)
            assert reason[state] in words_of(message_of(seen))


async def test_linking_to_another_squadron_asks_first(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        await link(stage, strangers, WOLVES)
        asked = await type_key(stage, strangers, strangers.chief, FOXES)
        assert "linked to **Wolves** now: shall it see **Foxes** instead?" in told(asked)
        assert sees(bot, strangers) == "wolves"

        changed = await press(stage, strangers.chief, message_of(asked), "replace")
        assert changed.kind == "update"
        assert "now sees **Foxes**. It saw Wolves before." in told(changed)
        assert parts_of(message_of(changed)) == {}
        assert sees(bot, strangers) == "foxes"


async def test_saying_no_changes_nothing_and_ends_the_question(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        await link(stage, strangers, WOLVES)
        message = message_of(await type_key(stage, strangers, strangers.chief, FOXES))
        yes = id_of(message, "replace")
        seen = await press(stage, strangers.chief, message, "keep")
        assert told(seen) == "All right, nothing has changed."

        late = await stage.player(strangers.chief).press(message, yes, force=True)
        assert "too old" in told(await late.settled())
        assert sees(bot, strangers) == "wolves"


async def test_pressing_yes_twice_at_once_changes_the_link_once(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        await link(stage, strangers, WOLVES)
        message = message_of(await type_key(stage, strangers, strangers.chief, FOXES))
        both = await asyncio.gather(
            *(press(stage, strangers.chief, message, "replace") for _ in range(2))
        )
        followups = [each for seen in both for each in seen.followups]
        assert ["too old" in each.body["content"] for each in followups] == [True]
        assert sees(bot, strangers) == "foxes"


async def test_a_question_works_after_a_restart_but_not_for_ever(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot():
        await link(stage, strangers, WOLVES)
        first = message_of(await type_key(stage, strangers, strangers.chief, FOXES))
    async with stage.bot() as bot:
        await press(stage, strangers.chief, first, "replace")
        assert sees(bot, strangers) == "foxes"
        second = message_of(await type_key(stage, strangers, strangers.chief, WOLVES))
        stage.real.advance(minutes=10)
        assert "too old" in told(await press(stage, strangers.chief, second, "replace"))
        assert sees(bot, strangers) == "foxes"


async def test_only_whoever_asked_may_answer_and_only_there(stage: Stage) -> None:
    strangers, foxes = stage.strangers, stage.foxes
    without_guild(stage, foxes)
    async with stage.bot() as bot:
        for pack in (strangers, foxes):
            await link(stage, pack, WOLVES)
        message = message_of(await type_key(stage, strangers, strangers.chief, FOXES))
        yes = id_of(message, "replace")

        other = second_chief(stage, strangers)
        seen = await press(stage, other, message, "replace", force=True)
        assert "belong to whoever asked" in told(seen)
        assert "too old" in told(await press_elsewhere(stage, foxes, foxes.chief, yes))
        stage.sandbox.world.join(foxes.guild, strangers.chief, permissions=1 << 5)
        assert "too old" in told(await press_elsewhere(stage, foxes, strangers.chief, yes))
        unheard = yes.replace("replace", "other")
        seen = await stage.player(strangers.chief).press(message, unheard, force=True)
        assert "too old" in told(await seen.settled())
        demote(strangers)
        seen = await press(stage, strangers.chief, message, "replace")
        assert told(seen) == "You need the permission Manage Server for that."
        assert {sees(bot, strangers), sees(bot, foxes)} == {"wolves"}


async def test_a_question_ends_with_the_link_that_it_asks_about(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        await link(stage, strangers, WOLVES)
        message = message_of(await type_key(stage, strangers, strangers.chief, FOXES))
        await stage.command(strangers, strangers.chief, "tenant unlink")
        assert "too old" in told(await press(stage, strangers.chief, message, "replace"))
        assert sees(bot, strangers) is None


async def test_the_same_squadron_again_is_told_so(stage: Stage) -> None:
    async with stage.bot():
        await link(stage, stage.strangers, WOLVES)
        seen = await type_key(stage, stage.strangers, stage.strangers.chief, WOLVES)
        assert told(seen) == "✅ This server is linked to **Wolves** already."


@pytest.mark.parametrize("state", ["switched off", "gone"])
async def test_a_link_to_nothing_is_told_replaced_at_once_and_unlinked(
    stage: Stage, state: str
) -> None:
    strangers = stage.strangers
    async with stage.bot():
        await link(stage, strangers, WOLVES)
    if state == "gone":
        stage.entries.remove(stage.wolves.entry)
    else:
        stage.wolves.entry["enabled"] = False
    stage.save()
    async with stage.bot() as bot:
        for name in ("tenant show", "spacecz"):
            options = {"period": "ld"} if name == "spacecz" else {}
            seen = await stage.command(strangers, strangers.chief, name, options)
            assert state in told(seen)
        seen = await type_key(stage, strangers, strangers.chief, FOXES)
        assert "now sees **Foxes**" in told(seen)
        assert sees(bot, strangers) == "foxes"


async def test_a_link_to_a_squadron_that_is_gone_can_be_ended(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot():
        await link(stage, strangers, WOLVES)
    stage.entries.remove(stage.wolves.entry)
    stage.save()
    async with stage.bot():
        seen = await stage.command(strangers, strangers.chief, "tenant unlink")
        assert "no longer linked to **Wolves**" in told(seen)
        seen = await stage.command(strangers, strangers.chief, "tenant unlink")
        assert told(seen).startswith("This server is not linked")


async def test_unlinking_ends_the_link_and_all_buttons(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        await link(stage, strangers, WOLVES)
        report = message_of(await stage.command(strangers, strangers.member, "summary"))
        seen = await stage.command(strangers, strangers.chief, "tenant unlink")
        assert "no longer linked to **Wolves**" in told(seen)
        assert sees(bot, strangers) is None

        menu = await stage.player(strangers.member).select(report, id_of(report, "period"), ["lw"])
        assert "too old" in str((await menu.settled()).followups or message_of(menu).body)
        refused = await stage.command(strangers, strangers.member, "summary")
        assert "not linked to a squadron" in told(refused)
        await link(stage, strangers, WOLVES)
        menu = await stage.player(strangers.member).select(report, id_of(report, "period"), ["lw"])
        assert "too old" in str((await menu.settled()).followups or message_of(menu).body)


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
    assert "Webhooks in trouble" not in fields


async def test_show_links_to_the_messages_of_this_guild_only(stage: Stage) -> None:
    strangers, wolves = stage.strangers, stage.wolves
    async with stage.bot() as bot:
        await link(stage, strangers, WOLVES)
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
    troubled = [each for each in shown if "Webhooks in trouble" in fields_of(each)]
    (message,) = troubled
    assert fields_of(message)["Webhooks in trouble"].startswith("⚠️ shoutout since <t:")
    assert "❌ refused by Discord" in fields_of(message)["Last posts"]
    for pack in (stage.wolves, stage.foxes):
        assert pack.hook.token not in words_of(message)


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


async def test_a_failure_after_the_key_was_typed_does_not_log_it(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot() as bot:
        form = await stage.command(stage.strangers, stage.strangers.chief, "tenant link")
        bot.runtime.guilds.database.dispose()
        (stage.folder / "state.db").unlink()
        player = stage.player(stage.strangers.chief)
        seen = await (await player.submit(form, {"key": "my-other-secret"})).settled()
        assert reference_in(told(seen)) in caplog.text
    assert "my-other-secret" not in caplog.text
