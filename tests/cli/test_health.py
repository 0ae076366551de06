"""``health``: asks a running bot, and says so in its exit status."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import pytest
from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cli.commands import Home

STATE_DOWN = {
    "ready": False,
    "checks": {
        "gateway": {"ok": True, "detail": "connected"},
        "state": {"ok": False, "detail": "no answer\x1b[31m within 2 s"},
    },
}


@contextlib.asynccontextmanager
async def serving(ready: web.Response, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Answer as a running bot does; /livez is always well."""

    async def answer(request: web.Request) -> web.Response:
        return ready if request.path == "/readyz" else web.Response(text="ok\n")

    app = web.Application()
    app.router.add_get("/{name:livez|readyz}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def test_a_bot_that_is_well(home: Home) -> None:
    async with serving(web.json_response({"ready": True, "checks": {}})) as port:
        home.env["HEALTH_ADDR"] = f"127.0.0.1:{port}"
        ended = await home.run("health")
    assert (ended.status, ended.out, ended.err) == (0, "The bot is well.\n", "")


async def test_a_bot_that_is_not_well_says_what_is_wrong(home: Home) -> None:
    async with serving(web.json_response(STATE_DOWN, status=503)) as port:
        home.env["HEALTH_ADDR"] = f"127.0.0.1:{port}"
        ended = await home.run("health")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err == "The bot is not well.\n  state: no answer[31m within 2 s\n"


async def test_a_bot_that_is_not_well_may_still_run(home: Home) -> None:
    async with serving(web.json_response(STATE_DOWN, status=503)) as port:
        home.env["HEALTH_ADDR"] = f"127.0.0.1:{port}"
        ended = await home.run("health", "--live")
    assert (ended.status, ended.out) == (0, "The bot runs.\n")


@pytest.mark.parametrize(("listens", "told"), [("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "")])
async def test_it_asks_here_whatever_is_listened_at(home: Home, listens: str, told: str) -> None:
    async with serving(web.json_response({"ready": True, "checks": {}}), listens) as port:
        home.env["HEALTH_ADDR"] = f"{told}:{port}"
        ended = await home.run("health")
    assert ended.status == 0, ended.err


@pytest.mark.parametrize("body", [b"", b"[]", b'{"checks": {"a": 1}}', b"\xff"])
async def test_another_server_at_the_address_is_not_well(home: Home, body: bytes) -> None:
    async with serving(web.Response(body=body, status=404)) as port:
        home.env["HEALTH_ADDR"] = f"127.0.0.1:{port}"
        ended = await home.run("health")
    assert (ended.status, ended.err) == (1, "The bot is not well.\n")


async def test_nobody_there_is_one_sentence(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        home.env["HEALTH_ADDR"] = f"127.0.0.1:{taken.getsockname()[1]}"
    ended = await home.run("health")
    assert ended.status == 1
    assert ended.err.startswith(f"Error: nothing answers at HEALTH_ADDR={home.env['HEALTH_ADDR']}")
    assert len(ended.err.splitlines()) == 1


async def test_a_host_that_nobody_knows_is_not_blamed_on_the_bot(home: Home) -> None:
    home.env["HEALTH_ADDR"] = "nobody.invalid:8080"
    ended = await home.run("health")
    assert ended.status == 1
    assert ended.err.startswith("Error: nothing answers at HEALTH_ADDR=nobody.invalid:8080 (")
    assert ended.err.endswith("): is the host right?\n")


@pytest.mark.parametrize("command", ["health", "schedule"])
async def test_a_name_that_no_resolver_takes_is_a_wrong_setting(home: Home, command: str) -> None:
    home.env["HEALTH_ADDR"] = "a..b:8080"
    ended = await home.run(command)
    assert ended.status == 1
    assert "HEALTH_ADDR='a..b:8080': " in ended.err
    assert "unexpected" not in ended.err


async def test_an_answer_that_is_no_http_is_one_sentence(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        home.env["HEALTH_ADDR"] = f"127.0.0.1:{server.getsockname()[1]}"
        process = await home.start("health")
        server.setblocking(False)
        visitor, _ = await asyncio.get_running_loop().sock_accept(server)
        with visitor:
            visitor.send(b"220 mail.example ESMTP\r\n")
            _, err = await process.communicate()
    assert process.returncode == 1
    assert len(err.splitlines()) == 1


async def test_without_an_address_it_says_which_setting_is_missing(home: Home) -> None:
    ended = await home.run("health")
    assert ended.status == 1
    assert "HEALTH_ADDR is not set" in ended.err
