"""What is not Discord, though the bot is pointed at it: it says so, and what to correct."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.serving import ApiError, NotDiscordError, serve
from tests.cli.commands import Home

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.e2e.stage import Stage

ME = {"id": "1", "username": "bot", "discriminator": "0", "avatar": None, "bot": True}
PAGE = "<!DOCTYPE html><html><body>Welcome to our web site</body></html>"
STRANGE: dict[str, tuple[Any, Any]] = {
    "a page": (PAGE, PAGE),
    "an empty object": ({}, {}),
    "a list": ([], []),
    "nothing": (None, None),
    "a page for an application": (ME, PAGE),
    "half an application": (ME, {"id": "1"}),
}


class Website:
    """Any website; what it answers to the bot's two questions is its own."""

    def __init__(self) -> None:
        self.user: Any = PAGE
        self.application: Any = PAGE
        self.status = 200
        self.address = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Answer with a page, or as JSON."""
        body = self.user if "users" in request.path else self.application
        if isinstance(body, str):
            return web.Response(text=body, content_type="text/html", status=self.status)
        answer = web.json_response(body, status=self.status)
        answer.headers["Content-Type"] = "application/json"
        return answer


@pytest.fixture
async def website(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Website]:
    """A website on loopback; afterwards discord.py talks to where it did."""
    monkeypatch.setattr(Route, "BASE", Route.BASE)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", DiscordWebSocket.DEFAULT_GATEWAY)
    site = Website()
    app = web.Application()
    app.router.add_get("/{path:.*}", site.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port, *_ = runner.addresses[0]
    site.address = f"http://{host}:{port}/api/v10"
    yield site
    await runner.cleanup()


async def refusal_of(stage: Stage, website: Website) -> None:
    """Run a bot that is pointed at the website."""
    bot = stage.make_bot(DISCORD_API_BASE=website.address, DISCORD_GATEWAY="")
    async with asyncio.timeout(20):
        await serve(bot, "a-token", asyncio.Event())


@pytest.mark.parametrize(("user", "application"), STRANGE.values(), ids=STRANGE)
async def test_what_is_not_discord_is_named_with_what_to_correct(
    stage: Stage,
    website: Website,
    caplog: pytest.LogCaptureFixture,
    user: Any,
    application: Any,
) -> None:
    website.user, website.application = user, application
    with pytest.raises(NotDiscordError, match=re.escape(website.address)) as caught:
        await refusal_of(stage, website)
    assert "DISCORD_API_BASE" in str(caught.value)
    assert "Unclosed" not in caplog.text


async def test_the_command_ends_with_one_sentence(tmp_path: Path, website: Website) -> None:
    home = Home(tmp_path, {"DISCORD_TOKEN": "a-token", "DISCORD_API_BASE": website.address})
    home.tenants()
    done = await home.run("run")
    assert done.status == 1
    assert done.err.splitlines()[-1].startswith(f"Error: {website.address} answers")
    assert "Traceback" not in done.err


async def test_a_site_that_knows_no_such_page_is_named_too(stage: Stage, website: Website) -> None:
    website.status = 404
    with pytest.raises(ApiError, match="DISCORD_API_BASE"):
        await refusal_of(stage, website)
