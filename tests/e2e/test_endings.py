"""How the bot comes up where Discord is in trouble, and how it ends."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.sandbox.faults import Fault, FaultKind
from bot.serving import GatewayClosedError, NoGatewayError, TokenRefusedError, serve
from tests.e2e.lines import Gatekeeper, Line
from tests.e2e.stage import until

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox
    from tests.e2e.stage import Stage

# In this order the bot asks who it is, what its application is and where the gateway is.
WHO, WHAT, WHERE = range(3)


@pytest.fixture(autouse=True)
def addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back where discord.py talks to."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)


def run(stage: Stage, stop: asyncio.Event, **settings: str) -> asyncio.Task[None]:
    """Run the bot until it ends by itself or is told to stop."""
    token = stage.sandbox.switches.bot_token
    return asyncio.create_task(serve(stage.make_bot(**settings), token, stop))


def go_wrong(sandbox: Sandbox, question: int, fault: Fault) -> None:
    """Let one of the questions at the start go wrong."""
    sandbox.faults_for("identity").script([*[None] * question, fault])


async def end_of(running: asyncio.Task[None]) -> None:
    """Wait for the bot to end, and raise what it failed with."""
    async with asyncio.timeout(20):
        await running


async def test_a_token_that_is_refused_later_ends_the_bot_with_a_word(
    stage: Stage, sandbox: Sandbox
) -> None:
    running = run(stage, asyncio.Event())
    await sandbox.gateway.until_ready()
    sandbox.switches.bot_token = "a-new-token"
    sandbox.gateway.invalidate()
    with pytest.raises(TokenRefusedError):
        await end_of(running)


@pytest.mark.parametrize("code", [4010, 4011, 4012, 4013, 4014])
async def test_a_connection_that_is_closed_for_good_is_no_success(
    stage: Stage, sandbox: Sandbox, code: int
) -> None:
    running = run(stage, asyncio.Event())
    await sandbox.gateway.until_ready()
    sandbox.gateway.drop(code)
    with pytest.raises(GatewayClosedError, match=str(code)):
        await end_of(running)


@pytest.mark.parametrize("question", [WHO, WHAT, WHERE])
async def test_told_to_stop_while_it_comes_up_it_leaves_quietly(
    stage: Stage, sandbox: Sandbox, question: int, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    go_wrong(sandbox, question, Fault(FaultKind.HANG, seconds=60))
    running = run(stage, stop)
    await until(lambda: len(sandbox.exchanges) > question)
    stop.set()
    await end_of(running)
    assert "Traceback" not in caplog.text


async def test_told_to_stop_while_discord_is_away_it_leaves_quietly(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    go_wrong(sandbox, WHO, Fault(FaultKind.STATUS, status=503))
    running = run(stage, stop)
    await until(lambda: "trying again" in caplog.text)
    stop.set()
    await end_of(running)


async def test_a_discord_that_is_away_at_the_start_is_waited_for(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    faults = [Fault(FaultKind.STATUS, status=503), Fault(FaultKind.RESET), Fault(FaultKind.RESET)]
    sandbox.faults_for("identity").script(faults)
    running = run(stage, stop)
    await sandbox.gateway.until_ready()
    stop.set()
    await end_of(running)
    assert "trying again" in caplog.text
    assert "Unclosed" not in caplog.text


@pytest.mark.parametrize("gateway", Gatekeeper.WAYS)
async def test_told_to_stop_while_it_connects_it_leaves_quietly(
    stage: Stage, caplog: pytest.LogCaptureFixture, gateway: str
) -> None:
    stop = asyncio.Event()
    async with Gatekeeper(gateway) as gatekeeper:
        running = run(stage, stop, DISCORD_GATEWAY=gatekeeper.address)
        await gatekeeper.asked.wait()
        stop.set()
        await end_of(running)
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []


async def test_told_to_stop_while_the_gateway_is_away_it_leaves_quietly(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    sandbox.gateway.down = True
    running = run(stage, stop)
    await until(lambda: "Failed to connect" in caplog.text)
    caplog.clear()
    stop.set()
    await end_of(running)
    assert caplog.text == ""


async def test_told_to_stop_it_does_not_wait_for_a_gateway_that_is_cut_off(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    gateway = yarl.URL(sandbox.gateway_url)
    async with Line("127.0.0.1", gateway.port or 0) as line:
        running = run(stage, stop, DISCORD_GATEWAY=str(gateway.with_port(line.port)))
        await sandbox.gateway.until_ready()
        line.cut()
        stop.set()
        await end_of(running)
    assert [each.getMessage() for each in caplog.records if each.exc_info] == []
    assert "Unclosed" not in caplog.text


async def test_told_to_stop_while_it_opens_its_resources_it_leaves_quietly(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    running = run(stage, stop)
    await until((stage.folder / "state.db").exists)
    stop.set()
    await end_of(running)
    assert "Traceback" not in caplog.text


async def test_a_gateway_that_is_away_at_the_start_is_waited_for(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()
    sandbox.gateway.down = True
    running = run(stage, stop)
    await until(lambda: caplog.text.count("Failed to connect") == 2)
    sandbox.gateway.down = False
    await sandbox.gateway.until_ready()
    stop.set()
    await end_of(running)
    assert "another exception occurred" not in caplog.text, "each try stands alone"


@pytest.mark.parametrize(
    "fault",
    [Fault(FaultKind.STATUS, status=503), Fault(FaultKind.TRUNCATE)],
    ids=["503", "broken off"],
)
async def test_the_gateway_is_asked_for_until_discord_tells_it(
    stage: Stage, sandbox: Sandbox, fault: Fault
) -> None:
    stop = asyncio.Event()
    go_wrong(sandbox, WHERE, fault)
    running = run(stage, stop, DISCORD_GATEWAY="")
    await sandbox.gateway.until_ready()
    stop.set()
    await end_of(running)


async def test_where_nobody_knows_the_gateway_it_says_what_to_set(
    stage: Stage, sandbox: Sandbox
) -> None:
    go_wrong(sandbox, WHERE, Fault(FaultKind.STATUS, status=404))
    with pytest.raises(NoGatewayError, match="set DISCORD_GATEWAY"):
        await end_of(run(stage, asyncio.Event(), DISCORD_GATEWAY=""))


async def test_a_gateway_that_is_set_is_used_though_nobody_counts_shards(
    stage: Stage, sandbox: Sandbox
) -> None:
    stop = asyncio.Event()
    go_wrong(sandbox, WHERE, Fault(FaultKind.TRUNCATE))
    running = run(stage, stop)
    await sandbox.gateway.until_ready()
    stop.set()
    await end_of(running)
