"""/help: what a server can do, told privately and from memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.looking import message_of, words_of
from tests.e2e.managing import link

if TYPE_CHECKING:
    from tests.e2e.stage import Pack, Stage


async def helped(stage: Stage, pack: Pack) -> str:
    """Return what a member is told."""
    seen = await stage.command(pack, pack.member, "help")
    message = message_of(seen)
    assert message.ephemeral_for == pack.member.id
    return words_of(message)


async def test_a_squadron_learns_its_commands_and_its_nights(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {"groundcz": {"enabled": False}}
    stage.save()
    async with stage.bot():
        text = await helped(stage, stage.wolves)

    assert "Wolves" in text
    for command in ("summary", "spacecz", "help", "tenant show"):
        assert f"`/{command}`" in text
    assert "`/groundcz`" not in text
    assert "Daily Summary at <t:1757721600:t>" in text
    assert "Space CZ Summary at <t:1757721660:t>" in text
    assert "Ground CZ Summary: switched off" in text


async def test_each_server_is_told_of_itself(stage: Stage) -> None:
    async with stage.bot():
        wolves, foxes = await helped(stage, stage.wolves), await helped(stage, stage.foxes)

    assert "Foxes" not in wolves
    assert "Wolves" not in foxes


async def test_a_server_without_a_squadron_learns_how_to_link(stage: Stage) -> None:
    async with stage.bot():
        text = await helped(stage, stage.strangers)

    assert "`/tenant link`" in text
    assert "Once this server is linked" in text
    assert "Wolves" not in text


async def test_a_server_is_not_told_of_what_is_refused_there(stage: Stage) -> None:
    async with stage.bot():
        listed = await helped(stage, stage.wolves)
        stranger = await helped(stage, stage.strangers)
        await link(stage, stage.strangers, "key-of-wolves")
        linked = await helped(stage, stage.strangers)

    assert "`/tenant link`" not in listed
    assert "`/tenant unlink`" not in listed
    assert "`/tenant link` Link" in stranger
    assert "`/tenant unlink`" not in stranger
    assert "`/tenant link` Link" in linked
    assert "`/tenant unlink`" in linked


async def test_help_needs_no_database(stage: Stage) -> None:
    (stage.folder / "wolves.db").unlink()
    async with stage.bot():
        assert "`/summary`" in await helped(stage, stage.wolves)
