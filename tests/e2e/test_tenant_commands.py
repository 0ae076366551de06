"""/tenant link and unlink: who may, what they change, and what they ask first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.players import PlayerError
from tests.e2e.looking import id_of, message_of, parts_of, words_of
from tests.e2e.managing import (
    demote,
    link,
    press,
    press_elsewhere,
    second_chief,
    sees,
    told,
    type_key,
)

if TYPE_CHECKING:
    from tests.e2e.stage import Pack, Stage

WOLVES, FOXES = "key-of-wolves", "key-of-foxes"


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


async def test_a_link_outlives_the_process(stage: Stage) -> None:
    async with stage.bot():
        await link(stage, stage.strangers, FOXES)
    async with stage.bot() as bot:
        assert sees(bot, stage.strangers) == "foxes"


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


async def test_two_chiefs_with_two_keys_at_once_get_one_link(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        both = await asyncio.gather(
            type_key(stage, strangers, strangers.chief, WOLVES),
            type_key(stage, strangers, second_chief(stage, strangers), FOXES),
        )
        words = [told(seen) for seen in both]
        assert sum("now sees" in each for each in words) == 1, words
        (winner,) = [name for name in ("Wolves", "Foxes") if f"now sees **{name}**" in str(words)]
        assert sees(bot, strangers) == winner.lower()


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
