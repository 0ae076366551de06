"""No picture of anybody else's is shown beside a post."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.delivery.messenger import deliver
from bot.delivery.outcomes import Sent
from tests.delivery.named_hosts import named_hosts
from tests.delivery.strict_services import SLACK, Slack

if TYPE_CHECKING:
    from pathlib import Path

LETTER = {"title": "Title", "body": "Body", "format": "text"}
SLACK_URL = "slack://T0AB1CD2E/B0FG3HI4J/KLMNOPQRSTUVWXYZabcdefgh"
RAW = {
    "mmost": "mmost://127.0.0.1:{port}/t0ken0123456789",
    "ntfy": "ntfy://127.0.0.1:{port}/topic",
    "rocket": "rocket://web/hook0123456789@127.0.0.1:{port}/%23bgs?mode=webhook",
    "json": "json://127.0.0.1:{port}/x",
}
OWN = "https://wolves.example/icon.png"


async def request_to(url: str) -> str:
    """Send a letter to a server on loopback and return the request as it came."""
    heard = bytearray()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.readuntil(b"\r\n\r\n"))
        length = int(heard.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        heard.extend(await reader.readexactly(length))
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        address = url.format(port=server.sockets[0].getsockname()[1])
        await asyncio.to_thread(deliver, address, LETTER, 5.0)
    assert heard
    return heard.decode()


@pytest.mark.parametrize("url", RAW.values(), ids=RAW)
async def test_a_post_names_no_picture_elsewhere(url: str) -> None:
    request = await request_to(url)
    assert "github" not in request


@pytest.mark.parametrize("more", ["", "?image=no"])
async def test_slack_shows_no_picture_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    slack = Slack()
    async with named_hosts(tmp_path / "tls", {SLACK: slack}) as hosts:
        for name, value in hosts.environment.items():
            monkeypatch.setenv(name, value)
        outcome = await asyncio.to_thread(deliver, SLACK_URL + more, LETTER, 5.0)
    assert outcome == Sent(None)
    assert "http" not in str(slack.received)


@pytest.mark.parametrize("name", ["mmost", "ntfy"])
async def test_a_squadron_may_ask_for_a_picture(name: str) -> None:
    assert "github.com" in await request_to(f"{RAW[name]}?image=yes")


async def test_a_squadrons_own_picture_is_shown() -> None:
    request = await request_to(f"{RAW['mmost']}?icon_url={OWN}")
    assert OWN in request
    assert "github" not in request
