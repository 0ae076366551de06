"""The page before a sandbox without a bot: hostile texts, and a server that comes and goes."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NoReturn

import pytest
from playwright.async_api import async_playwright, expect

from bot.sandbox.page import page_routes
from bot.sandbox.server import Sandbox
from tests.e2e.browser import ARGUMENTS, VARIABLE, chromium

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from playwright.async_api import Page

GUILD = "1100000000000000001"
CHANNEL = "1100000000000000002"
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
async def window(leave_out: Callable[[str], NoReturn]) -> AsyncIterator[Page]:
    """A window of a browser."""
    path = chromium()
    if path is None:
        leave_out(f"no Chromium here: install Debian's chromium, or name one in {VARIABLE}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield await browser.new_page()
        await browser.close()


def furnished(name: str = "Wolves") -> Sandbox:
    """Return a sandbox with one channel, for which everything is named alike."""
    sandbox = Sandbox(page=page_routes(), limits=False)
    world = sandbox.world
    guild = world.add_guild(name, GUILD)
    world.join(guild, world.add_user(name, "1100000000000000003"))
    channel = world.add_channel(guild_id=guild.id, name=name, id=CHANNEL)
    world.add_webhook(channel)
    return sandbox


def post(sandbox: Sandbox, text: str) -> None:
    """Let the webhook say something in every place that holds text."""
    part = {"name": text, "value": text, "text": text, "icon_url": "https://127.0.0.1:9/i.png"}
    embed = {
        "title": text,
        "description": f"{text}\n[words](javascript:alert(3)) [more](https://example.invalid/)",
        "url": "javascript:alert(4)",
        "author": {key: part[key] for key in ("name", "icon_url")},
        "footer": {key: part[key] for key in ("text", "icon_url")},
        "fields": [{key: part[key] for key in ("name", "value")}],
        "image": {"url": "https://127.0.0.1:9/p.png"},
        "thumbnail": {"url": "https://127.0.0.1:9/t.png"},
    }
    [hook] = sandbox.world.hooks.values()
    payload = {"content": text, "username": text, "embeds": [embed]}
    sandbox.world.accept(hook, payload, None, 0.0)


async def test_no_text_becomes_more_than_text(window: Page) -> None:
    said: list[str] = []
    asked: list[str] = []
    window.on("console", lambda message: said.append(message.text))
    window.on("pageerror", lambda error: said.append(str(error)))
    window.on("dialog", lambda dialog: said.append(dialog.message))
    window.on("request", lambda request: asked.append(request.url))
    async with furnished(EVIL) as sandbox:
        post(sandbox, EVIL)
        await window.goto(sandbox.address)
        log = window.get_by_role("log")
        await expect(log).to_contain_text(EVIL)
        post(sandbox, f"{EVIL} again")
        await expect(log).to_contain_text(f"{EVIL} again")
        await expect(window.get_by_role("heading", level=1)).to_have_text(EVIL)
        assert await window.locator("main img, main script, [onerror]").count() == 0
        links = await log.locator("a").evaluate_all("all => all.map(each => each.href)")
        assert set(links) == {"https://example.invalid/"}
        assert [each for each in asked if not each.startswith(sandbox.address)] == []
    assert [each for each in said if "WebSocket" not in each] == []


async def test_the_page_comes_back_with_the_server(window: Page) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first, second = furnished(), furnished()
    lost = window.get_by_role("status").filter(has_text="connection is lost")
    await first.start(port=port)
    try:
        post(first, "before")
        await window.goto(first.address)
        await expect(window.get_by_role("log")).to_contain_text("before")
    finally:
        await first.stop()
    await expect(lost).to_be_visible()
    await second.start(port=port)
    try:
        post(second, "after")
        await expect(window.get_by_role("log")).to_contain_text("after")
        await expect(lost).to_be_hidden()
        post(second, "later")
        await expect(window.get_by_role("log")).to_contain_text("later")
        await expect(window.get_by_role("log")).not_to_contain_text("before")
    finally:
        await second.stop()
