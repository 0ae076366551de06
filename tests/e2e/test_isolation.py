"""Two squadrons at the same time: neither gets at the other's data in any way."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING

import pytest

from bot.periods import Period
from bot.sandbox.people import MANAGE_GUILD
from tests.e2e.looking import parts_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sandbox.interactions.views import InteractionView
    from bot.sandbox.people import User
    from bot.sandbox.server import Sandbox
    from bot.sandbox.world import StoredMessage
    from tests.e2e.stage import Pack, Stage

SECRETS = {
    "wolves": ("Wolf", "Wolves", "Lupus", "key-of-wolves"),
    "foxes": ("Fox", "Foxes", "Vulpes", "key-of-foxes"),
}


def seen_by(sandbox: Sandbox, pack: Pack) -> Iterator[str]:
    """Everything that the bot ever said in a squadron's guild, in whatever form."""
    channels = {
        channel.id
        for channel in sandbox.world.channels.values()
        if channel.guild_id == pack.guild.id
    }
    for message in sandbox.messages:
        if message.channel_id in channels:
            yield json.dumps(message.payload, ensure_ascii=False)
            yield words_of(message)
    for interaction in sandbox.desk.interactions.values():
        if interaction.guild.id == pack.guild.id:
            yield json.dumps([interaction.choices, interaction.modal], ensure_ascii=False)


def assert_apart(stage: Stage) -> None:
    for pack, other in itertools.permutations((stage.wolves, stage.foxes)):
        said = list(seen_by(stage.sandbox, pack))
        assert said, "a test in which nothing was said proves nothing"
        for secret in SECRETS[other.id]:
            assert [text for text in said if secret in text] == []


def newcomer(stage: Stage, pack: Pack) -> User:
    """Let somebody join who may do everything and has asked for nothing yet."""
    user = stage.sandbox.world.add_user(f"member-{len(pack.guild.members)}")
    stage.sandbox.world.join(pack.guild, user, permissions=MANAGE_GUILD)
    return user


async def ask_everything(stage: Stage, pack: Pack, about: Pack) -> list[StoredMessage]:
    """Use every command in all its ways, with the other squadron's names in the options."""
    messages = []
    theirs = {"wolves": "Lupus 0", "foxes": "Vulpes 0"}[about.id]
    cmdr = {"wolves": "Wolf 0", "foxes": "Fox 0"}[about.id]
    asks: list[tuple[str, dict[str, object]]] = [("help", {}), ("tenant show", {})]
    asks += [("summary", {"period": period.value}) for period in Period]
    asks += [
        (command, {"period": period.value, **more})
        for command in ("spacecz", "groundcz")
        for period in (Period.ALL_TIME, Period.YESTERDAY)
        for more in ({}, {"system": theirs}, {"cmdr": cmdr}, {"private": True})
    ]
    asks.append(("groundcz", {"period": "all", "settlement": f"{theirs[:-2]} Base 0"}))
    for name, options in asks:
        seen = await stage.command(pack, newcomer(stage, pack), name, options)
        messages += [message for message in (seen.message, *seen.followups) if message]
    return messages


async def type_everything(stage: Stage, pack: Pack) -> list[str]:
    """Type into every option that suggests names, also what only the other has."""
    found: list[str] = []
    player = stage.player(pack.member)
    for command, options in (("spacecz", ("system", "cmdr")), ("groundcz", ("settlement",))):
        for option, typed in itertools.product(
            options, ("", "Wolf", "Lup", "Fox", "Vul", "%", "0")
        ):
            choices = await player.autocomplete(
                pack.guild.id, pack.channel.id, command, {"period": "all"}, focused=(option, typed)
            )
            found += [choice["name"] for choice in choices]
    return found


async def test_commands_and_suggestions_know_the_own_squadron_only(stage: Stage) -> None:
    async with stage.bot():
        for pack, other in itertools.permutations((stage.wolves, stage.foxes)):
            messages, names = await asyncio.gather(
                ask_everything(stage, pack, other), type_everything(stage, pack)
            )
            own = SECRETS[pack.id][0]
            assert any(own in words_of(message) for message in messages)
            assert any(own in name or SECRETS[pack.id][2] in name for name in names)
    texts = [
        text
        for pack, other in itertools.permutations((stage.wolves, stage.foxes))
        for text in seen_by(stage.sandbox, pack)
        if any(secret in text for secret in SECRETS[other.id])
    ]
    # What a member typed is shown again where it found nothing; it came from the member.
    assert [text for text in texts if "🌙 No " not in text or "key-of" in text] == []


async def test_what_was_not_typed_never_shows_the_other_squadron(stage: Stage) -> None:
    async with stage.bot():
        for pack in (stage.wolves, stage.foxes):
            for name in ("summary", "spacecz", "groundcz"):
                for period in Period:
                    asker = newcomer(stage, pack)
                    await stage.command(pack, asker, name, {"period": period.value})
            await stage.command(pack, pack.chief, "tenant show")
            await type_everything(stage, pack)
    assert_apart(stage)


@pytest.mark.parametrize("where", ["own guild", "a guild of strangers"])
async def test_buttons_of_another_guild_show_nothing(stage: Stage, where: str) -> None:
    async with stage.bot():
        for victim, thief in itertools.permutations((stage.wolves, stage.foxes)):
            place = thief if where == "own guild" else stage.strangers
            actor = thief.member if where == "own guild" else stage.strangers.chief
            theirs = await stage.command(
                victim, victim.member, "spacecz", {"period": "all", "private": True}
            )
            assert theirs.message is not None
            carrier = await stage.command(place, actor, "help")
            assert carrier.message is not None
            before = words_of(theirs.message)
            for part in parts_of(theirs.message).values():
                seen = await steal(stage, actor.id, carrier.message, part)
                assert "too old" in told(seen)
            assert words_of(theirs.message) == before
    assert_apart(stage)


async def test_buttons_of_a_message_are_for_its_asker_only(stage: Stage) -> None:
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary", {"period": "all"})
        assert seen.message is not None
        before = words_of(seen.message)
        for part in parts_of(seen.message).values():
            pressed = await steal(stage, stage.wolves.chief.id, seen.message, part)
            assert "belong to whoever asked" in told(pressed)
        assert words_of(seen.message) == before


async def test_a_guild_that_moves_to_another_squadron_leaves_its_buttons_behind(
    stage: Stage,
) -> None:
    async with stage.bot() as bot:
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary", {"period": "all"})
        assert seen.message is not None
        stage.wolves.entry["guild_ids"], stage.foxes.entry["guild_ids"] = (
            [],
            [
                stage.wolves.guild.id,
                stage.foxes.guild.id,
            ],
        )
        stage.save()
        assert bot.registry.refresh()
        for part in parts_of(seen.message).values():
            pressed = await steal(stage, stage.wolves.member.id, seen.message, part)
            assert "too old" in told(pressed)
        fresh = await stage.command(stage.wolves, stage.wolves.member, "summary", {"period": "all"})
        assert fresh.message is not None
        assert "Fox" in words_of(fresh.message)
        assert "Wolf" not in words_of(fresh.message)


async def steal(
    stage: Stage, user_id: str, carrier: StoredMessage, part: dict[str, object]
) -> InteractionView:
    """Press or choose what may not even be on the message."""
    player = stage.sandbox.player(user_id)
    custom_id = str(part["custom_id"])
    if part["type"] == 2:
        seen = await player.press(carrier, custom_id, force=True)
    else:
        seen = await player.select(carrier, custom_id, ["all"], force=True)
    return await seen.settled()


def told(seen: InteractionView) -> str:
    """What the presser is told, privately."""
    notes = [message for message in (*seen.followups, seen.message) if message is not None]
    private = [note for note in notes if note.ephemeral_for == seen.interaction.user.id]
    assert private, seen
    return str(private[0].body["content"])
