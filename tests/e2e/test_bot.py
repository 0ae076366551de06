"""The bot as a whole: what it asks Discord for, and what it does when things go wrong."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cogs
from bot.client import CogError
from bot.sandbox.faults import Fault, FaultKind
from tests.e2e.stage import until

if TYPE_CHECKING:
    from bot.sandbox.interactions.views import InteractionView
    from bot.sandbox.server import Sandbox
    from tests.e2e.stage import Stage

FAULTY = Path(__file__).with_name("faulty_cog.py")
REFERENCE = re.compile(r"`([0-9A-F]{8})`")


@pytest.fixture
def more_cogs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose modules are cogs, too."""
    folder = tmp_path / "more-cogs"
    folder.mkdir()
    monkeypatch.setattr(cogs, "__path__", [*cogs.__path__, str(folder)])
    return folder


def syncs(sandbox: Sandbox) -> list[str]:
    """The addresses to which commands were sent."""
    return [each.path for each in sandbox.exchanges if each.method == "PUT"]


async def told_privately(seen: InteractionView) -> str:
    """What only the asker was told."""
    await until(lambda: seen.message is not None or bool(seen.followups))
    messages = [message for message in (seen.message, *seen.followups) if message is not None]
    shown = [message for message in messages if not message.deleted]
    assert [message.ephemeral_for is not None for message in shown] == [True]
    return str(shown[0].body["content"])


async def test_it_comes_up_with_no_more_than_it_needs(stage: Stage) -> None:
    async with stage.bot() as bot:
        assert bot.intents.value == 1, "guilds, and nothing privileged"
        assert {guild.name for guild in bot.guilds} == {"Wolves", "Foxes", "Strangers"}
        assert "cogs.reporting" in bot.extensions


async def test_commands_are_told_once_and_again_only_when_they_change(
    stage: Stage, sandbox: Sandbox, more_cogs: Path
) -> None:
    async with stage.bot():
        assert len(syncs(sandbox)) == 1
    async with stage.bot():
        assert len(syncs(sandbox)) == 1
    (more_cogs / "faulty.py").write_text(FAULTY.read_text(encoding="utf-8"), encoding="utf-8")
    async with stage.bot():
        assert len(syncs(sandbox)) == 2


async def test_commands_go_to_one_guild_for_development(stage: Stage, sandbox: Sandbox) -> None:
    async with stage.bot(COMMAND_GUILD=stage.wolves.guild.id):
        assert [stage.wolves.guild.id in path for path in syncs(sandbox)] == [True]


@pytest.mark.parametrize(
    "fault",
    [Fault(FaultKind.STATUS, status=403), Fault(FaultKind.TRUNCATE)],
    ids=["refused", "broken off"],
)
async def test_commands_that_discord_did_not_take_are_told_again(
    stage: Stage, sandbox: Sandbox, fault: Fault
) -> None:
    sandbox.faults_for("commands").script([fault])
    async with stage.bot() as bot:
        book, application = bot.runtime.guilds, bot.application_id or 0
        assert await bot.call(book.synced, application, "global") == bot.tree.digest()
    assert len(syncs(sandbox)) == 2


async def test_a_cog_that_cannot_load_is_left_out(
    stage: Stage, more_cogs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (more_cogs / "broken.py").write_text("raise RuntimeError('as the test wants it')\n")
    async with stage.bot() as bot:
        assert "cogs.broken" not in bot.extensions
        assert "cogs.reporting" in bot.extensions
    assert "cogs.broken cannot be loaded and is left out" in caplog.text


async def test_without_the_reporting_cog_there_is_no_bot(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "other-cogs"
    folder.mkdir()
    (folder / "reporting.py").write_text("raise RuntimeError('as the test wants it')\n")
    monkeypatch.setattr(cogs, "__path__", [str(folder)])
    with pytest.raises(CogError, match="as the test wants it"):
        async with stage.bot():
            pass


@pytest.mark.parametrize("where", ["at once", "thinking privately", "thinking aloud"])
async def test_a_failure_is_told_privately_with_a_reference_to_the_log(
    stage: Stage, more_cogs: Path, caplog: pytest.LogCaptureFixture, where: str
) -> None:
    (more_cogs / "faulty.py").write_text(FAULTY.read_text(encoding="utf-8"), encoding="utf-8")
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "fail", {"where": where})
        text = await told_privately(seen)
    reference = REFERENCE.search(text)
    assert reference is not None, text
    assert "as the test wants it" not in text
    assert reference[1] in caplog.text
    assert "as the test wants it" in caplog.text


@pytest.mark.parametrize(
    ("what", "fault"),
    [
        ("original", Fault(FaultKind.STATUS, status=502, accepted=True)),
        ("original", Fault(FaultKind.RESET, accepted=True)),
        ("followup", Fault(FaultKind.RESET)),
        ("followup", Fault(FaultKind.TRUNCATE)),
    ],
    ids=["502 after", "reset after", "reset before", "broken off"],
)
async def test_a_failure_is_told_though_withdrawing_the_promise_goes_wrong(
    stage: Stage, sandbox: Sandbox, more_cogs: Path, what: str, fault: Fault
) -> None:
    (more_cogs / "faulty.py").write_text(FAULTY.read_text(encoding="utf-8"), encoding="utf-8")
    async with stage.bot():
        sandbox.faults_for(what).script([fault])
        options = {"where": "thinking aloud"}
        seen = await stage.command(stage.wolves, stage.wolves.member, "fail", options)
        await until(lambda: bool(seen.followups))
        assert REFERENCE.search(str(seen.followups[0].body["content"]))


async def test_a_refusal_is_no_failure(
    stage: Stage, more_cogs: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (more_cogs / "faulty.py").write_text(FAULTY.read_text(encoding="utf-8"), encoding="utf-8")
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "fail", {"where": "refusal"})
    assert await told_privately(seen) == "Not today."
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.STATUS, status=502),
        Fault(FaultKind.STATUS, status=502, accepted=True),
        Fault(FaultKind.RESET),
        Fault(FaultKind.RESET, accepted=True),
    ],
    ids=["502 before", "502 after", "reset before", "reset after"],
)
async def test_a_first_answer_that_got_lost_on_the_way_is_given_again(
    stage: Stage, sandbox: Sandbox, fault: Fault
) -> None:
    async with stage.bot():
        sandbox.faults_for("callback").script([fault])
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary")
        assert seen.message is not None
        assert "Wolf 2" in str(seen.message.body["embeds"])


async def test_a_button_that_is_not_ours_is_answered_all_the_same(stage: Stage) -> None:
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary")
        assert seen.message is not None
        player = stage.player(stage.wolves.member)
        for custom_id in ("nothing-of-ours", "bgs:v:short:page", "bgs:m:unheard_of"):
            pressed = await player.press(seen.message, custom_id, force=True)
            assert "too old" in await told_privately(await pressed.settled())


async def test_a_reconnect_loses_no_command(stage: Stage, sandbox: Sandbox) -> None:
    async with stage.bot():
        sandbox.gateway.request_reconnect()
        await sandbox.gateway.until_ready()
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary")
        assert seen.message is not None


async def test_a_command_that_is_being_served_is_answered_before_the_end(
    stage: Stage, sandbox: Sandbox
) -> None:
    async with stage.bot():
        sandbox.faults_for("original").script([Fault(FaultKind.LATENCY, seconds=0.7)])
        player = stage.player(stage.wolves.member)
        seen = await player.command(stage.wolves.guild.id, stage.wolves.channel.id, "summary")
        assert seen.kind == "deferred"
    assert seen.kind == "message"
