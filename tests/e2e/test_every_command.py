"""Whatever is asked, and whatever is broken: an answer in time, and failures in private."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from discord import AppCommandOptionType, app_commands

from bot.delivery.state.tables import metadata
from bot.sandbox.faults import Fault, FaultKind
from tests.e2e.looking import content_of, message_of, words_of
from tests.servers import writable_engine

if TYPE_CHECKING:
    from bot.client import ReportBot
    from bot.sandbox.interactions.views import InteractionView
    from tests.e2e.stage import Pack, Stage

FROM_MEMORY = ("help",)
"""What needs nothing that can break."""


def every_command(bot: ReportBot) -> dict[str, dict[str, Any]]:
    """Return every command with what it must be given."""
    return {
        command.qualified_name: {
            option.name: _some_value(option) for option in command.parameters if option.required
        }
        for command in bot.tree.walk_commands()
        if isinstance(command, app_commands.Command)
    }


async def use_every_command(stage: Stage, bot: ReportBot, pack: Pack) -> dict[str, InteractionView]:
    """Let the chief use them all, and return what became of each."""
    return {
        name: await stage.command(pack, pack.chief, name, options)
        for name, options in every_command(bot).items()
    }


async def test_a_server_without_a_squadron_is_answered_privately(stage: Stage) -> None:
    async with stage.bot() as bot:
        for name, seen in (await use_every_command(stage, bot, stage.strangers)).items():
            assert seen.kind == "modal" or seen.ephemeral, name
            assert seen.acknowledged_after is not None, name
            if name not in FROM_MEMORY and seen.message is not None:
                assert seen.message.body["embeds"] == [], name


async def test_a_member_gets_a_managers_commands_refused_though_the_client_is_forged(
    stage: Stage,
) -> None:
    async with stage.bot() as bot:
        for name, options in every_command(bot).items():
            if name.split()[0] not in ("tenant", "post"):
                continue
            pack = stage.wolves
            seen = await stage.command(pack, pack.member, name, options, force=True)
            assert seen.ephemeral, name
            assert "Manage Server" in content_of(message_of(seen)), name


async def test_nothing_but_a_private_word_comes_of_broken_databases(stage: Stage) -> None:
    async with stage.bot() as bot:
        metadata.drop_all(writable_engine(stage.state_uri))
        (stage.folder / "wolves.db").unlink()
        for name, seen in (await use_every_command(stage, bot, stage.wolves)).items():
            if seen.kind == "modal":
                continue
            messages = [each for each in (seen.message, *seen.followups) if each is not None]
            assert messages, name
            for message in messages:
                assert message.ephemeral_for == stage.wolves.chief.id, name
                assert str(stage.folder) not in words_of(message)


@pytest.mark.parametrize("name", ["summary", "help"])
@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.STATUS, status=502, accepted=True),
        Fault(FaultKind.STATUS, status=500),
        Fault(FaultKind.RESET, accepted=True),
        Fault(FaultKind.RESET),
    ],
    ids=["accepted 502", "refused 500", "accepted reset", "refused reset"],
)
async def test_a_first_answer_that_got_lost_is_no_failure(
    stage: Stage, name: str, fault: Fault
) -> None:
    async with stage.bot():
        stage.sandbox.faults_for("callback").script([fault])
        seen = await stage.command(stage.wolves, stage.wolves.member, name)

    assert seen.kind == "message"
    assert message_of(seen).body["embeds"]
    assert seen.followups == []


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.RESET])
async def test_a_report_is_filled_in_though_the_connection_breaks(
    stage: Stage, kind: FaultKind
) -> None:
    async with stage.bot():
        stage.sandbox.faults_for("original").script([Fault(kind), Fault(kind)])
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary")

    assert "Wolf 2" in words_of(message_of(seen))


def _some_value(option: app_commands.Parameter) -> Any:
    if option.choices:
        return option.choices[0].value
    assert option.type is AppCommandOptionType.string, "say what to give it"
    return "anything"
