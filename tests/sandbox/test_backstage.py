"""A page or another process looks at the sandbox and acts in it."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.players import PlayerError
from bot.sandbox.server import Sandbox
from bot.sandbox.world import World
from bot.sandbox.world_file import build_world
from tests.sandbox.robot import Robot, pointed_to

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.sandbox.conftest import Stage


class Page:
    """What a page asks."""

    def __init__(self, stage: Stage, session: aiohttp.ClientSession) -> None:
        self.stage = stage
        self.session = session

    async def get(self, path: str) -> Any:
        """Look."""
        async with self.session.get(path) as response:
            assert response.status == 200
            return await response.json()

    async def post(self, path: str, body: object, status: int = 200) -> Any:
        """Act."""
        async with self.session.post(path, json=body) as response:
            assert response.status == status
            return json.loads(await response.read() or "null")

    async def act(self, kind: str, status: int = 200, **facts: Any) -> Any:
        """Act as Ada."""
        stage = self.stage
        place = {"guild_id": stage.guild.id, "channel_id": stage.channel.id}
        body = {"user_id": stage.ada.user.id, "type": kind, **place, **facts}
        return await self.post("/_/interactions", body, status)


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[Page]:
    async with aiohttp.ClientSession(stage.sandbox.address) as session:
        yield Page(stage, session)


async def test_the_world_is_told_with_its_commands(page: Page) -> None:
    world = await page.get("/_/world")
    assert world["application"]["online"]
    [guild] = world["guilds"]
    assert guild["name"] == "Wolves"
    assert [channel["name"] for channel in guild["channels"]] == ["reports"]
    [member] = guild["members"]
    assert member["name"] == "Ada"
    assert int(member["permissions"]) & 32
    assert {command["name"] for command in guild["commands"]} == {"answers", "summary"}


async def test_a_visitor_uses_commands_components_and_forms(page: Page) -> None:
    seen = await page.act("command", name="answers now", options={"text": "hello"})
    assert (seen["kind"], seen["ephemeral"]) == ("message", False)
    assert seen["message"]["content"] == "hello"
    assert seen["acknowledged_after"] < 3
    message_id = seen["message"]["id"]
    pressed = await page.act("component", message_id=message_id, custom_id="count")
    assert (pressed["kind"], pressed["message"]["content"]) == ("update", "counted")
    chosen = await page.act("component", message_id=message_id, custom_id="period", values=["ld"])
    assert chosen["message"]["content"] == "chose ld"
    asked = await page.act("component", message_id=message_id, custom_id="ask")
    assert (asked["kind"], asked["modal"]["title"]) == ("modal", "A question")
    sent = await page.act("modal", interaction_id=asked["interaction_id"], values={"word": "tick"})
    assert (sent["message"]["content"], sent["ephemeral"]) == ("typed tick", True)
    typing = {"name": "system", "value": "Ka"}
    found = await page.act("autocomplete", name="summary", options={"period": "ld"}, focused=typing)
    assert (found["kind"], found["choices"][0]["value"]) == ("choices", "Ka")


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "command", "name": "nothing"},
        {"kind": "command"},
        {"kind": "dance"},
        {"kind": "component", "message_id": "7", "custom_id": "x"},
        {"kind": "modal", "interaction_id": "7"},
        {"kind": "command", "name": "answers silence", "user_id": "7"},
    ],
)
async def test_what_cannot_be_done_is_refused_with_a_reason(
    page: Page, facts: dict[str, Any]
) -> None:
    assert (await page.act(**facts, status=400))["message"]


async def test_everyone_sees_their_own_messages_only(page: Page) -> None:
    await page.act("command", name="answers now", options={"text": "all"})
    await page.act("command", name="answers now", options={"text": "mine", "private": True})
    path = f"/_/channels/{page.stage.channel.id}/messages"
    ada = page.stage.ada.user.id
    mine = await page.get(f"{path}?viewer={ada}")
    assert [entry["content"] for entry in mine] == ["all", "mine"]
    assert [entry["ephemeral_for"] for entry in mine] == [None, ada]
    assert not mine[0]["thinking"]
    others = await page.get(f"{path}?viewer=7")
    assert [entry["content"] for entry in others] == ["all"]


async def test_what_happens_is_told_at_once(page: Page) -> None:
    async with page.session.ws_connect("/_/live") as live:
        seen = await page.act("command", name="answers follow")
        events = [await live.receive_json(timeout=10) for _ in range(2)]
        assert [event["op"] for event in events] == ["message_create", "message_update"]
        assert [event["message"]["thinking"] for event in events] == [True, False]
        assert events[1]["message"]["content"] == "public after all"
        assert {event["channel_id"] for event in events} == {page.stage.channel.id}
        message = page.stage.sandbox.messages[-1]
        assert seen["message"]["id"] == message.id
        page.stage.sandbox.world.delete(message)
        assert (await live.receive_json(timeout=10))["op"] == "message_delete"
        await page.stage.robot.tree.sync()
        assert await live.receive_json(timeout=10) == {"op": "commands", "guild_id": None}
        page.stage.sandbox.world.add_guild("Foxes")
        assert (await live.receive_json(timeout=10))["op"] == "guild_create"
        await page.post("/_/gateway", {"do": "drop", "code": 4000}, 204)
        assert await live.receive_json(timeout=10) == {"op": "presence", "online": False}
        assert await live.receive_json(timeout=10) == {"op": "presence", "online": True}


async def test_the_gateway_is_disturbed_from_outside(page: Page) -> None:
    robot, gateway = page.stage.robot, page.stage.sandbox.gateway
    await page.post("/_/gateway", {"do": "reconnect"}, 204)
    await robot.until_logged("RESUMED")
    await page.post("/_/gateway", {"do": "invalidate"}, 204)
    await robot.until_logged("READY", 2)
    await page.post("/_/gateway", {"do": "heartbeat", "shard": 0}, 204)
    switched = []
    for name in ("silent", "down"):
        for on in (True, False):
            await page.post("/_/gateway", {"do": name, "on": on}, 204)
            switched.append(getattr(gateway, name))
    assert switched == [True, False] * 2
    assert "dance" in (await page.post("/_/gateway", {"do": "dance"}, 400))["message"]


async def test_faults_are_switched_on_by_route_and_exchanges_told(page: Page) -> None:
    faults = {"route": "callback", "script": [{"kind": "status", "status": 400}]}
    await page.post("/_/faults", faults, 204)
    seen = await page.act("command", name="answers withdraw")
    assert seen["message"]["content"] == "Something went wrong."
    assert "nowhere" in (await page.post("/_/faults", {"route": "nowhere"}, 400))["message"]
    exchanges = await page.get("/_/exchanges")
    [failed] = [entry for entry in exchanges if entry["status"] == 400]
    assert failed["route"].endswith("/callback")
    assert page.stage.sandbox.switches.bot_token not in json.dumps(exchanges)


DESCRIBED: dict[str, Any] = {
    "guilds": [
        {
            "id": "700000000000000007",
            "name": "Wolves",
            "bot_permissions": "8",
            "channels": [{"id": "8", "name": "reports", "webhooks": [{"id": "9", "token": "t"}]}],
            "members": [{"id": "6", "name": "Ada", "permissions": "32"}],
        },
        {"name": "Foxes", "members": [{"id": "6"}]},
    ]
}


async def test_a_world_is_built_from_a_description() -> None:
    async with Sandbox() as sandbox:
        world = sandbox.world
        assert isinstance(world, World)
        build_world(world, DESCRIBED)
        wolves, foxes = world.guilds.values()
        assert (wolves.id, wolves.bot_permissions) == ("700000000000000007", 8)
        assert world.channels["8"].guild_id == wolves.id
        assert world.hooks["9"].token == "t"
        assert list(wolves.members) == list(foxes.members) == ["6"]
        with pytest.raises(PlayerError, match="no such channel"):
            await sandbox.player("6").command(foxes.id, "8", "summary")


async def test_it_runs_as_a_process(tmp_path: Path) -> None:
    described = tmp_path / "world.json"
    described.write_text(json.dumps(DESCRIBED))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.sandbox.server"),
        *("--bot-token", "a-token", "--no-limits", "--world", str(described)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    address, gateway = [(await process.stdout.readline()).decode().strip() for _ in range(2)]
    async with (
        aiohttp.ClientSession(address) as session,
        pointed_to(f"{address}/api/v10", gateway),
        Robot() as robot,
    ):
        task = asyncio.create_task(robot.start("a-token"))
        await robot.until_logged("GUILD_CREATE", 2)
        body = {
            "user_id": "6",
            "guild_id": "700000000000000007",
            "channel_id": "8",
            "type": "command",
            "name": "answers now",
            "options": {"text": "across"},
        }
        async with session.post("/_/interactions", json=body) as response:
            assert (await response.json())["message"]["content"] == "across"
        await robot.close()
        await task
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    assert await process.stdout.read() == b""
