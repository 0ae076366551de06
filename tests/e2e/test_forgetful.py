"""The bot's own database is out of reach: what players are told, and what works without it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from tests.e2e.lines import Line
from tests.e2e.looking import content_of, message_of, note_of, reference_in, words_of
from tests.e2e.pressing import ask, choose
from tests.e2e.stage import Stage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.sandbox.interactions.views import InteractionView
    from bot.sandbox.server import Sandbox

pytestmark = pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)

OWN = "my own memory"
BEFORE_LONG = 8.0
"""Seconds in which a player has heard from the bot, also on a machine that is busy."""


@pytest.fixture
async def line(backend_uri: str) -> AsyncIterator[Line]:
    """A line to the bot's own database."""
    url = sa.make_url(backend_uri)
    async with Line(url.host or "127.0.0.1", url.port or 5432) as line:
        yield line


@pytest.fixture
def stage(tmp_path: Path, sandbox: Sandbox, backend_uri: str, line: Line) -> Stage:
    """A bot whose own database is at the other end of the line."""
    url = sa.make_url(backend_uri).set(host="127.0.0.1", port=line.port)
    return Stage(tmp_path, sandbox, url.render_as_string(hide_password=False))


async def heard(seen: InteractionView) -> str:
    """Return what only the asker is told, before long."""
    async with asyncio.timeout(BEFORE_LONG):
        while seen.interaction.waiting or not (seen.message or seen.followups):
            await seen.interaction.changed()
    return content_of(note_of(seen))


async def test_a_report_comes_without_its_buttons(stage: Stage, line: Line) -> None:
    async with stage.bot():
        line.cut()
        for _ in range(3):
            asker = stage.player(stage.wolves.member)
            seen = await asker.command(stage.wolves.guild.id, stage.wolves.channel.id, "summary")
            message = message_of(await seen.settled(BEFORE_LONG))
            assert "Wolf 2" in words_of(message)
            assert message.body["components"] == []
        line.mend()
        assert (await ask(stage)).body["components"]


async def test_whoever_presses_is_told_whose_memory_it_is(
    stage: Stage, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot():
        message = await ask(stage)
        line.cut()
        seen = await choose(stage, message, "all")
        text = await heard(seen)
        line.mend()
        await choose(stage, message, "all")

    assert seen.kind == "message", "answered within Discord's three seconds"
    assert OWN in text
    assert "squadron" not in text
    assert reference_in(text) in caplog.text


@pytest.mark.parametrize("command", ["post", "tenant show"])
async def test_what_needs_it_says_that_it_has_to_wait(
    stage: Stage, line: Line, command: str
) -> None:
    options = {"report": "daily"} if command == "post" else {}
    async with stage.bot():
        line.cut()
        chief, place = stage.player(stage.wolves.chief), stage.wolves
        seen = await chief.command(place.guild.id, place.channel.id, command, options)
        assert seen.kind == "deferred"
        text = await heard(seen)
        line.mend()

    assert OWN in text
    assert "squadron" not in text


async def test_a_key_is_no_wrong_one_because_nobody_can_count_it(stage: Stage, line: Line) -> None:
    async with stage.bot():
        form = await stage.command(stage.strangers, stage.strangers.chief, "tenant link")
        line.cut()
        chief = stage.player(stage.strangers.chief)
        seen = await chief.submit(form, {"key": "key-of-wolves"}, force=True)
        assert seen.kind == "deferred"
        text = await heard(seen)
        line.mend()

    assert OWN in text
    assert "squadron" not in text


async def test_what_needs_none_is_answered_as_ever(stage: Stage, line: Line) -> None:
    async with stage.bot():
        line.cut()
        helped = await stage.command(stage.wolves, stage.wolves.member, "help")
        assert "/summary" in words_of(message_of(helped))
        assert (await stage.command(stage.strangers, stage.strangers.member, "summary")).ephemeral
        player, place = stage.player(stage.wolves.member), stage.wolves
        found = await player.autocomplete(
            *(place.guild.id, place.channel.id, "spacecz", {"period": "ld"}),
            focused=("system", "L"),
        )
        line.mend()

    assert [each["value"] for each in found][:1] == ["Lupus 0"]
