"""The real discord.py client stays in touch with a gateway that misbehaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import discord
import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.gateway.session import shard_of
from bot.sandbox.server import Sandbox
from tests.sandbox.robot import Robot, pointed_at, running

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.gateway.hub import Gateway
    from tests.sandbox.conftest import Stage


def _drop(gateway: Gateway) -> None:
    gateway.drop(4000)


def _break(gateway: Gateway) -> None:
    gateway.drop(None)


def _reconnect(gateway: Gateway) -> None:
    gateway.request_reconnect()


def _invalidate(gateway: Gateway) -> None:
    gateway.invalidate(resumable=True)


@pytest.mark.parametrize("disturb", [_drop, _break, _reconnect, _invalidate])
async def test_it_resumes_and_misses_no_command(
    stage: Stage, disturb: Callable[[Gateway], None]
) -> None:
    disturb(stage.sandbox.gateway)
    seen = await stage.use("answers now", text="still here")
    await stage.robot.until_logged("RESUMED")
    if seen.kind == "nothing":
        seen = await stage.use("answers now", text="still here")
    assert seen.message is not None
    assert seen.message.body["content"] == "still here"
    assert stage.robot.log.count("READY") == 1


async def test_an_invalid_session_begins_anew(stage: Stage) -> None:
    stage.sandbox.gateway.invalidate()
    await stage.robot.until_logged("READY", 2)
    seen = await stage.use("answers now", text="again")
    assert seen.kind == "message"


async def test_it_beats_when_asked(stage: Stage) -> None:
    def beats() -> int:
        return sum(entry.op == 1 for entry in stage.sandbox.gateway.received)

    before = beats()
    stage.sandbox.gateway.request_heartbeat()
    async with asyncio.timeout(10):
        while beats() == before:
            await stage.use("answers now", text="tick")


async def test_it_sees_guilds_come_and_go(stage: Stage) -> None:
    world = stage.sandbox.world
    other = world.add_guild("Foxes")
    await stage.robot.until_logged("GUILD_CREATE", 2)
    await stage.robot.until(lambda: stage.robot.get_guild(int(other.id)) is not None)
    world.move_bot(other, inside=False)
    await stage.robot.until(lambda: stage.robot.get_guild(int(other.id)) is None)
    world.move_bot(other, inside=True)
    await stage.robot.until(lambda: stage.robot.get_guild(int(other.id)) is not None)
    channel = world.add_channel(guild_id=other.id, name="news")
    await stage.robot.until(lambda: stage.robot.get_channel(int(channel.id)) is not None)


async def test_two_shards_share_the_guilds() -> None:
    async with Sandbox() as sandbox:
        guilds = [sandbox.world.add_guild("Wolves", str((1000 + n) << 22)) for n in range(2)]
        sandbox.identity.shards = 2
        async with running(sandbox, shards=2) as robot:
            await robot.until_logged("GUILD_CREATE", 2)
            for guild in guilds:
                found = robot.get_guild(int(guild.id))
                assert found is not None
                assert found.shard_id == shard_of(guild.id, 2)


async def test_a_wrong_token_is_refused_at_login() -> None:
    async with Sandbox(bot_token="right") as sandbox, pointed_at(sandbox), Robot() as robot:
        with pytest.raises(discord.LoginFailure):
            await robot.login("wrong")


async def test_intents_that_were_not_granted_end_the_bot() -> None:
    async with Sandbox() as sandbox, pointed_at(sandbox):
        client = discord.AutoShardedClient(intents=discord.Intents(members=True))
        async with client:
            with pytest.raises(discord.PrivilegedIntentsRequired):
                await client.start(sandbox.switches.bot_token)


async def test_a_silent_gateway_is_left_and_the_session_resumed() -> None:
    async with Sandbox() as sandbox:
        sandbox.gateway.heartbeat_interval = 50
        async with running(sandbox, heartbeat_timeout=0.5) as robot:
            sandbox.gateway.silent = True
            await robot.until_logged("RESUMED")
            sandbox.gateway.silent = False


async def test_roles_tell_what_a_member_may_do(stage: Stage) -> None:
    stage.enter("Bob")
    await stage.robot.until_logged("GUILD_ROLE_CREATE")
    await stage.use("answers now", text="hello")
    member = stage.robot.seen[0].user
    assert isinstance(member, discord.Member)
    assert member.guild_permissions.manage_guild
    assert member.guild_permissions.use_application_commands
    assert not member.guild_permissions.administrator
    assert stage.place.permissions_for(stage.place.guild.me).send_messages


async def test_storms_and_failures_are_ridden_out_by_the_client() -> None:
    storm = [Fault(FaultKind.RATE_LIMIT, seconds=0.01)] * 2
    async with Sandbox() as sandbox:
        sandbox.faults_for("identity").script([Fault(FaultKind.RESET)])
        sandbox.faults_for("commands").script(storm)
        async with running(sandbox) as robot:
            assert [command.name for command in await robot.tree.fetch_commands()]
        tried = [entry for entry in sandbox.exchanges if entry.method == "PUT"]
        assert [entry.status for entry in tried] == [429, 429, 200]


async def test_it_comes_back_after_all_of_discord_was_gone(stage: Stage) -> None:
    sandbox, log = stage.sandbox, stage.robot.log
    port = int(sandbox.address.rpartition(":")[2])
    await sandbox.stop()
    await sandbox.start(port=port)
    await stage.robot.until(lambda: log.count("READY") + log.count("RESUMED") > 1)
    seen = await stage.use("answers now", text="back")
    assert seen.kind == "message"
