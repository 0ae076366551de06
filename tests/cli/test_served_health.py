"""Health and metrics of the real ``schedule`` and ``run``."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from tests.cli.commands import finish
from tests.health.asking import Doctor

if TYPE_CHECKING:
    from bot.sandbox.receiver import Receiver
    from tests.cli.commands import Home


async def told(process: asyncio.subprocess.Process, words: str) -> str:
    """Wait until a process says something on stderr; return all it has said."""
    assert process.stderr is not None
    seen = ""
    while words not in seen:
        line = await asyncio.wait_for(process.stderr.readline(), 60)
        assert line, seen
        seen += line.decode()
    return seen


async def test_a_schedule_tells_its_health_until_it_ends(home: Home, receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    home.env["HEALTH_ADDR"] = f":{port}"
    process = await home.start("schedule", "--now", "2025-09-12T12:00:00Z")
    said = await told(process, "Waiting for midnight")
    assert f"http://127.0.0.1:{port}" in said
    doctor = Doctor(f"http://127.0.0.1:{port}")
    status, checks = await doctor.ready()
    assert (status, list(checks)) == (200, ["state_database", "scheduler", "nights"])
    assert await doctor.alive() == 200
    async with asyncio.timeout(60):
        while True:
            scrape = await doctor.scrape()
            if scrape.get("bgsbot_tenant_database_up", tenant="wolves") == 1:
                break
            await asyncio.sleep(0.1)
    assert scrape.get("bgsbot_check_ok", check="gateway") is None
    process.terminate()
    ended = await finish(process)
    assert ended.status == 0
    assert "Traceback" not in said + ended.err


async def test_a_night_that_a_schedule_posts_is_counted(home: Home, receiver: Receiver) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    home.env["HEALTH_ADDR"] = str(port)
    process = await home.start("schedule", "--now", "2025-09-11T23:59:56Z")
    await told(process, "Waiting for midnight")
    doctor = Doctor(f"http://127.0.0.1:{port}")
    async with asyncio.timeout(60):
        while True:
            scrape = await doctor.scrape()
            if scrape.get("bgsbot_posts", state="sent") == 1:
                break
            await asyncio.sleep(0.1)
    assert scrape.get("bgsbot_delivery_seconds_count", outcome="sent") == 1
    labels = {"report": "daily", "engine": "sqlite", "outcome": "ok"}
    assert (scrape.get("bgsbot_query_seconds_count", **labels) or 0) >= 1
    process.terminate()
    assert (await finish(process)).status == 0


@pytest.mark.parametrize("command", ["schedule", "run"])
async def test_an_address_that_is_taken_is_one_sentence(home: Home, command: str) -> None:
    home.env["DISCORD_TOKEN"] = "a-token-nobody-asks-for"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        home.env["HEALTH_ADDR"] = str(taken.getsockname()[1])
        ended = await home.run(command)
    assert ended.status == 1
    assert f"Error: HEALTH_ADDR=127.0.0.1:{home.env['HEALTH_ADDR']} cannot be used" in ended.err
    assert "Traceback" not in ended.err
