"""Suggestions while a name is being typed: one's own squadron's, and in time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.e2e.looking import message_of, words_of
from tests.e2e.mishaps import locked

if TYPE_CHECKING:
    from tests.e2e.stage import Pack, Stage


async def suggested(
    stage: Stage, pack: Pack, name: str, option: str, typed: str = "", **others: str
) -> list[str]:
    """Return the names of the choices that somebody is shown."""
    player = stage.player(pack.member)
    choices = await player.autocomplete(
        pack.guild.id,
        pack.channel.id,
        name,
        {"period": "ld", **others},
        focused=(option, typed),
    )
    return [choice["name"] for choice in choices]


@pytest.mark.parametrize(
    ("name", "option", "names"),
    [
        ("spacecz", "system", {"Lupus 0", "Lupus 1", "Lupus 2"}),
        ("spacecz", "cmdr", {"Wolf 0", "Wolf 1", "Wolf 2"}),
        ("groundcz", "system", {"Lupus 0", "Lupus 1", "Lupus 2"}),
        ("groundcz", "settlement", {"Lupus Base 0", "Lupus Base 1", "Lupus Base 2"}),
        ("groundcz", "cmdr", {"Wolf 0", "Wolf 1", "Wolf 2"}),
    ],
)
async def test_each_name_is_suggested_from_the_squadrons_own_data(
    stage: Stage, name: str, option: str, names: set[str]
) -> None:
    async with stage.bot():
        assert set(await suggested(stage, stage.wolves, name, option)) == names
        theirs = await suggested(stage, stage.foxes, name, option)

    assert theirs
    assert not set(theirs) & names


async def test_what_is_typed_narrows_the_names(stage: Stage) -> None:
    async with stage.bot():
        assert await suggested(stage, stage.wolves, "spacecz", "system", "PUS 1") == ["Lupus 1"]
        assert await suggested(stage, stage.wolves, "spacecz", "system", "Vulpes") == []


async def test_what_else_is_filled_in_narrows_the_names(stage: Stage) -> None:
    async with stage.bot():
        names = await suggested(stage, stage.wolves, "groundcz", "settlement", system="lupus 2")

    assert names == ["Lupus Base 2"]


async def test_a_suggestion_that_is_taken_finds_its_report(stage: Stage) -> None:
    async with stage.bot():
        (name,) = await suggested(stage, stage.wolves, "spacecz", "cmdr", "wolf 2")
        options = {"period": "ld", "cmdr": name}
        seen = await stage.command(stage.wolves, stage.wolves.member, "spacecz", options)

    assert "Lupus 2" in words_of(message_of(seen))


async def test_a_server_without_a_squadron_gets_no_suggestions(stage: Stage) -> None:
    async with stage.bot():
        for option in ("system", "settlement", "cmdr"):
            assert await suggested(stage, stage.strangers, "groundcz", option) == []


async def test_a_report_that_is_switched_off_suggests_nothing(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {"spacecz": {"enabled": False}}
    stage.save()
    async with stage.bot():
        assert await suggested(stage, stage.wolves, "spacecz", "system") == []
        assert await suggested(stage, stage.wolves, "groundcz", "system") != []


async def test_a_database_that_fails_is_said_to_with_one_reference(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    (stage.folder / "wolves.db").unlink()
    async with stage.bot():
        player = stage.player(stage.wolves.member)
        where = stage.wolves.guild.id, stage.wolves.channel.id
        said = []
        for typed in ("", "Lu", "Lup", "x" * 128):
            (choice,) = await player.autocomplete(
                *where, "spacecz", {"period": "ld"}, focused=("system", typed)
            )
            said.append(choice)
        assert await suggested(stage, stage.foxes, "spacecz", "system") != []

    assert [choice["value"] for choice in said] == ["?", "Lu", "Lup", "x" * 100]
    (text,) = {choice["name"] for choice in said}
    assert text.startswith("No suggestions right now")
    reference = text.rpartition(" ")[2].rstrip(")")
    assert caplog.text.count(f"reference {reference}") == 1


async def test_a_locked_database_suggests_nothing_until_it_is_free(stage: Stage) -> None:
    async with stage.bot():
        with locked(stage, "wolves"):
            assert await suggested(stage, stage.wolves, "spacecz", "system") == []
        names: list[str] = []
        async with asyncio.timeout(30):
            while not names:
                names = await suggested(stage, stage.wolves, "spacecz", "system")

    assert "Lupus 0" in names


async def test_odd_typing_is_answered_in_time(stage: Stage) -> None:
    async with stage.bot():
        player = stage.player(stage.wolves.member)
        where = stage.wolves.guild.id, stage.wolves.channel.id
        for typed in ("@everyone", "%", "'; DROP TABLE event; --", "x" * 128, "🐺", "\\"):
            seen = await player.type_into(*where, "spacecz", {"period": "ld"}, ("system", typed))
            assert seen.kind == "choices"
            assert seen.choices == []
