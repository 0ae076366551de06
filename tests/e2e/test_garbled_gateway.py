"""What Discord's own gateway never sends, but another server's may: the bot lives on."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.gateway.connection import IDENTIFY
from bot.sandbox.interactions.records import Kind
from bot.sandbox.interactions.views import InteractionView
from tests.e2e.looking import content_of, message_of, reference_in, words_of
from tests.e2e.stage import until

if TYPE_CHECKING:
    import asyncio

    from bot.client import ReportBot
    from bot.sandbox.server import Sandbox
    from tests.e2e.stage import Stage

TOKEN = "aW50ZXJhY3Rpb246-an-interactions-token"  # of the sandbox
INTERACTION = {"id": "1", "application_id": "1", "type": 2, "token": TOKEN, "version": 1}

UNREADABLE = {
    "a guild without an id": ("GUILD_CREATE", {"name": "Nameless"}),
    "a guild that is a text": ("GUILD_CREATE", "a guild"),
    "a guild that is nothing": ("GUILD_CREATE", None),
    "a channel that is a list": ("CHANNEL_UPDATE", ["a channel"]),
    "a role of no guild": ("GUILD_ROLE_CREATE", {"role": {}}),
    "a command without a user": ("INTERACTION_CREATE", {**INTERACTION, "guild_id": TOKEN}),
    "a button without data": ("INTERACTION_CREATE", {**INTERACTION, "type": 3}),
    "a form of an odd kind": ("INTERACTION_CREATE", {**INTERACTION, "type": 5, "data": "form"}),
}
GIBBERISH = {
    "no JSON": "{",
    "a list": "[]",
    "a number": "7",
    "a hello without its interval": '{"op": 10, "d": {}}',
    "a hello that is a text": '{"op": 10, "d": "hello"}',
    "a session without a name": '{"op": 0, "t": "READY", "s": 1, "d": {}}',
    "a resumption of nothing": '{"op": 0, "t": "RESUMED", "s": 1, "d": null}',
}


def sessions_begun(sandbox: Sandbox) -> int:
    """How often the bot began a session."""
    return sum(each.op == IDENTIFY for each in sandbox.gateway.received)


def heartbeats() -> int:
    """How many connections have a thread that keeps them alive."""
    return sum("keep-alive-handler" in thread.name for thread in threading.enumerate())


def nights_of(bot: ReportBot) -> set[asyncio.Task[Any] | None]:
    """The tasks that post every night."""
    loops: list[Any] = [*bot.cogs["Reporting"].__dict__["_nightly"]]
    return {loop.get_task() for loop in loops}


async def assert_it_answers(stage: Stage) -> None:
    """Ask for a report and get it."""
    seen = await stage.command(stage.wolves, stage.wolves.member, "summary")
    assert seen.message is not None
    assert "Wolf 2" in words_of(seen.message)


@pytest.mark.parametrize(("event", "data"), UNREADABLE.values(), ids=UNREADABLE)
async def test_an_event_that_cannot_be_read_is_noted_and_left(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, event: str, data: Any
) -> None:
    async with stage.bot():
        for _ in range(3):
            sandbox.gateway.dispatch(event, data, stage.wolves.guild.id)
        await assert_it_answers(stage)
        assert sessions_begun(sandbox) == 1
    noted = [each for each in caplog.records if getattr(each, "action", "") == "event_unreadable"]
    assert [event in each.getMessage() for each in noted] == [True]
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("text", GIBBERISH.values(), ids=GIBBERISH)
async def test_a_connection_that_talks_gibberish_is_made_anew(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    async with stage.bot() as bot:
        nights, extensions = nights_of(bot), set(bot.extensions)
        sandbox.gateway.babble(text)
        await until(lambda: sessions_begun(sandbox) == 2)
        await sandbox.gateway.until_ready()
        await assert_it_answers(stage)
        assert (nights_of(bot), set(bot.extensions)) == (nights, extensions)
        assert not any(night is None or night.done() for night in nights)
        await until(lambda: (len(sandbox.gateway.connections), heartbeats()) == (1, 1))
    noted = [each for each in caplog.records if getattr(each, "action", "") == "gateway_garbled"]
    assert len(noted) == 1
    assert "Unclosed" not in caplog.text


async def test_an_op_that_nobody_knows_changes_nothing(stage: Stage, sandbox: Sandbox) -> None:
    async with stage.bot():
        sandbox.gateway.babble(json.dumps({"op": 99, "d": {"what": "ever"}}))
        sandbox.gateway.babble(json.dumps({"op": 0, "t": "NEWS", "s": 99, "d": []}))
        await assert_it_answers(stage)
        assert sessions_begun(sandbox) == 1


async def test_gibberish_without_end_is_met_with_patience(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot():
        for session in range(1, 4):
            await until(lambda: sessions_begun(sandbox) == session)  # noqa: B023  # awaited here
            await sandbox.gateway.until_ready()
            for _ in range(100):
                sandbox.gateway.babble("gibberish")
        await until(lambda: sessions_begun(sandbox) == 4)
        await sandbox.gateway.until_ready()
        await assert_it_answers(stage)
        assert len(sandbox.gateway.connections) == 1
    waits = [each for each in caplog.records if getattr(each, "action", "") == "gateway_garbled"]
    assert len(waits) == 3


@pytest.mark.parametrize(
    "data",
    [
        {"name": "summary", "type": 1, "options": [{}, {}]},
        {"name": "summary", "type": 1, "options": "none"},
        {"name": "summary", "type": 1, "resolved": {"users": 5}},
        {"name": "summary", "type": 77},
    ],
    ids=["half an option", "a text for options", "odd users", "odd type"],
)
async def test_a_command_that_makes_no_sense_is_answered(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, data: dict[str, Any]
) -> None:
    pack = stage.wolves
    async with stage.bot():
        opened = sandbox.desk.open(
            kind=Kind.COMMAND,
            user=pack.member,
            guild=pack.guild,
            channel=pack.channel,
            data={"id": "1", **data},
        )
        seen = await (await InteractionView(opened).acknowledged()).settled()
    assert seen.ephemeral
    assert reference_in(content_of(message_of(seen))) in caplog.text


async def test_told_to_stop_while_it_waits_it_leaves_quietly(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot():
        sandbox.gateway.babble("gibberish")
        await until(lambda: "trying again" in caplog.text)
        caplog.clear()
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []
    assert sessions_begun(sandbox) == 1


async def test_every_shard_comes_back_after_one_heard_gibberish(
    stage: Stage, sandbox: Sandbox
) -> None:
    sandbox.identity.shards = 2
    async with stage.bot():
        await sandbox.gateway.until_ready(2)
        sandbox.gateway.babble("gibberish", shard=1)
        await until(lambda: sessions_begun(sandbox) == 4)
        await sandbox.gateway.until_ready(2)
        await until(lambda: (len(sandbox.gateway.connections), heartbeats()) == (2, 2))
        await assert_it_answers(stage)
