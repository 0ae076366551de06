"""Players use a bot on the real discord.py client."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
import pytest

from bot.sandbox.players import PlayerError

if TYPE_CHECKING:
    from tests.sandbox.conftest import Stage


async def test_a_command_is_answered_at_once(stage: Stage) -> None:
    seen = await stage.use("answers now", text="hello")
    assert (seen.kind, seen.ephemeral) == ("message", False)
    assert seen.message is not None
    assert seen.message.body["content"] == "hello"
    assert seen.message.body["author"]["id"] == stage.sandbox.bot.id


async def test_an_ephemeral_answer_is_seen_by_its_user_only(stage: Stage) -> None:
    seen = await stage.use("answers now", text="psst", private=True)
    assert seen.ephemeral
    assert seen.message is not None
    assert seen.message.ephemeral_for == stage.ada.user.id
    assert seen.message.body["flags"] & 64
    with pytest.raises(PlayerError, match="not there"):
        await stage.enter("Bob").press(seen.message, "count")


async def test_a_deferred_answer_is_filled_in_with_a_file_and_followed_up(stage: Stage) -> None:
    seen = await stage.use("answers later")
    assert seen.kind in ("deferred", "message")
    await seen.settled()
    assert seen.kind == "message"
    assert seen.message is not None
    [attachment] = seen.message.body["attachments"]
    assert (attachment["filename"], attachment["size"]) == ("chart.png", 24)
    assert attachment["content_type"] == "image/png"
    assert seen.message.body["embeds"][0]["image"]["url"] == attachment["url"]
    assert not seen.message.thinking
    while not seen.followups:
        await seen.interaction.changed()
    assert seen.followups[0].ephemeral_for == stage.ada.user.id


async def test_the_first_follow_up_to_a_public_note_is_public(stage: Stage) -> None:
    seen = await (await stage.use("answers follow")).settled()
    assert seen.message is not None
    assert seen.message.body["content"] == "public after all"
    assert (seen.ephemeral, seen.followups) == (False, [])
    assert seen.message.body["flags"] == 0


async def test_a_withdrawn_answer_is_gone_and_its_reason_private(stage: Stage) -> None:
    seen = await (await stage.use("answers withdraw")).settled()
    while not seen.followups:
        await seen.interaction.changed()
    assert seen.message is None
    assert seen.interaction.original is not None
    assert seen.interaction.original.deleted
    assert seen.followups[0].ephemeral_for == stage.ada.user.id


async def test_an_error_is_told_by_the_bots_own_handler(stage: Stage) -> None:
    seen = await stage.use("answers fail")
    assert seen.message is not None
    assert seen.message.body["content"] == "Something went wrong."
    assert "error CommandInvokeError" in stage.robot.log


async def test_no_answer_within_three_seconds_is_nothing(stage: Stage) -> None:
    seen = await stage.use("answers silence")
    assert (seen.kind, seen.message, seen.acknowledged_after) == ("nothing", None, None)


async def test_suggestions_come_for_the_option_that_is_typed_into(stage: Stage) -> None:
    choices = await stage.ada.autocomplete(
        stage.guild.id, stage.channel.id, "summary", {"period": "ld"}, focused=("system", "Ka")
    )
    assert choices == [{"name": "Ka! (ld)", "value": "Ka"}]


async def test_components_change_answer_and_ask(stage: Stage) -> None:
    first = (await stage.use("answers now", text="panel")).message
    assert first is not None
    pressed = await stage.ada.press(first, "count")
    assert (pressed.kind, first.body["content"]) == ("update", "counted")
    assert pressed.message is first
    slow = await (await stage.ada.press(first, "slow")).settled()
    assert (slow.kind, first.body["content"]) == ("update", "slow is done")
    chosen = await stage.ada.select(first, "period", ["ld"])
    assert chosen.message is not None
    assert chosen.message.body["content"] == "chose ld"
    asked = await stage.ada.press(first, "ask")
    assert asked.modal is not None
    assert asked.modal["title"] == "A question"


async def test_a_modal_is_filled_in_and_sent(stage: Stage) -> None:
    asked = await stage.use("answers ask")
    assert asked.kind == "modal"
    sent = await stage.ada.submit(asked, {"word": "tick", "colour": "red"})
    assert sent.message is not None
    assert sent.message.body["content"] == "typed tick"
    assert sent.ephemeral


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("nothing", {}, "no command"),
        ("answers", {}, "needs a subcommand"),
        ("answers never", {}, "no command"),
        ("answers now", {}, "required"),
        ("answers now", {"text": "x" * 21}, "too large"),
        ("answers now", {"text": 7}, "wrong type"),
        ("answers now", {"text": ""}, "nothing was typed"),
        ("answers now", {"text": "x", "private": "yes"}, "wrong type"),
        ("answers now", {"text": "x", "colour": "red"}, "no option"),
        ("summary", {"period": "Yesterday"}, "none of its choices"),
    ],
)
async def test_discords_client_would_not_send_it(
    stage: Stage, name: str, options: dict[str, object], reason: str
) -> None:
    with pytest.raises(PlayerError, match=reason):
        await stage.use(name, **options)


async def test_a_forged_client_sends_what_it_likes(stage: Stage) -> None:
    bob = stage.enter("Bob")
    place = (stage.guild.id, stage.channel.id)
    with pytest.raises(PlayerError, match="may not use"):
        await bob.command(*place, "summary", {"period": "ld"})
    seen = await bob.command(*place, "summary", {"period": "forged"}, force=True)
    assert seen.message is not None
    assert seen.message.body["content"] == "forged"
    with pytest.raises(PlayerError, match="custom id"):
        await bob.press(seen.message, "count")
    pressed = await bob.press(seen.message, "count", force=True)
    assert pressed.kind == "update"


async def test_disabled_buttons_and_unknown_options_cannot_be_used(stage: Stage) -> None:
    message = (await stage.use("answers now", text="panel")).message
    assert message is not None
    for custom_id, reason in (("off", "disabled"), ("period", "no button")):
        with pytest.raises(PlayerError, match=reason):
            await stage.ada.press(message, custom_id)
    for custom_id, values, reason in (
        ("count", ["ld"], "no menu"),
        ("period", ["lw"], "not all among"),
        ("period", [], "too few"),
    ):
        with pytest.raises(PlayerError, match=reason):
            await stage.ada.select(message, custom_id, values)


async def test_forms_are_checked_before_they_are_sent(stage: Stage) -> None:
    asked = await stage.use("answers ask")
    for values, reason in (
        ({}, "too little"),
        ({"word": "x" * 11}, "too much"),
        ({"word": "x", "colour": "y"}, "too little"),
        ({"nothing": "x"}, "no field"),
    ):
        with pytest.raises(PlayerError, match=reason):
            await stage.ada.submit(asked, values)
    with pytest.raises(PlayerError, match="no form"):
        await stage.enter("Bob").submit(asked, {"word": "x"})


async def test_strangers_and_absent_bots_do_nothing(stage: Stage) -> None:
    eve = stage.sandbox.player(stage.sandbox.world.add_user("Eve").id)
    with pytest.raises(PlayerError, match="not in that guild"):
        await eve.command(stage.guild.id, stage.channel.id, "answers silence")
    stage.sandbox.world.move_bot(stage.guild, inside=False)
    with pytest.raises(PlayerError, match="bot is not"):
        await stage.use("answers silence")


async def test_what_discord_tells_of_a_user_reaches_the_bot(stage: Stage) -> None:
    seen = await stage.use("answers now", text="hello")
    [event] = [entry for entry in stage.robot.seen if entry.id == int(seen.interaction.id)]
    assert event.user.display_name == "Ada"
    assert event.permissions.manage_guild
    assert event.app_permissions.send_messages
    assert event.guild is not None
    assert event.guild.name == "Wolves"
    assert event.guild.me.id == stage.robot.application_id
    assert event.is_guild_integration()
    assert event.channel is not None
    assert event.channel.id == int(stage.channel.id)


async def test_members_and_channels_are_chosen_by_their_ids(stage: Stage) -> None:
    bob = stage.enter("Bob").user
    seen = await stage.use("answers who", member=bob.id, channel=stage.channel.id, times=2)
    assert seen.message is not None
    assert seen.message.content == "Bob in reports x2"


async def test_nothing_is_suggested_for_an_option_without_suggestions(stage: Stage) -> None:
    with pytest.raises(PlayerError, match="nothing is suggested"):
        await stage.ada.autocomplete(
            stage.guild.id, stage.channel.id, "answers now", focused=("text", "he")
        )


async def test_a_forged_client_uses_the_command_of_another_guild(stage: Stage) -> None:
    foxes = stage.sandbox.world.add_guild("Foxes")
    den = stage.sandbox.world.add_channel(guild_id=foxes.id, name="den")
    stage.sandbox.world.join(foxes, stage.ada.user)
    robot = stage.robot
    await robot.until(lambda: robot.get_guild(int(foxes.id)) is not None)
    robot.tree.copy_global_to(guild=discord.Object(stage.guild.id))
    robot.tree.clear_commands(guild=None)
    await robot.tree.sync()
    await robot.tree.sync(guild=discord.Object(stage.guild.id))
    with pytest.raises(PlayerError, match="no command"):
        await stage.ada.command(foxes.id, den.id, "answers now", {"text": "x"})
    seen = await stage.ada.command(foxes.id, den.id, "answers now", {"text": "x"}, force=True)
    assert seen.interaction.data["guild_id"] == stage.guild.id
    seen = await stage.use("answers now", text="at home")
    assert seen.message is not None
    assert repr(seen) == "<InteractionView message 'at home'>"
    assert seen.message.components[0]["custom_id"] == "count"
    assert seen.message.embeds == []
