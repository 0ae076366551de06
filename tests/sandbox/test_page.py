"""The page's files as they are served; what it does is tried in a browser elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.sandbox import page
from bot.sandbox.page import page_routes
from bot.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FOLDER = Path(page.__file__).parent
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix in {".html", ".css", ".js"})
SCRIPTS = [path for path in FILES if path.suffix == ".js"]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        Sandbox(page=page_routes()) as sandbox,
        aiohttp.ClientSession(sandbox.address) as session,
    ):
        yield session


async def test_every_file_of_the_page_is_served(session: aiohttp.ClientSession) -> None:
    async with session.get("/") as answer:
        assert answer.content_type == "text/html"
        text = await answer.text()
    linked = re.findall(r'(?:href|src)="(/[^"]+)"', text)
    imported = [
        f"/page/{name}"
        for script in SCRIPTS
        for name in re.findall(r'from "\./([^"]+)"', script.read_text(encoding="utf-8"))
    ]
    assert {Path(path).name for path in (*linked, *imported)} >= {
        path.name for path in FILES if path.suffix != ".html"
    }
    for path in {*linked, *imported}:
        async with session.get(path) as answer:
            assert answer.status == 200, path


async def test_a_strict_policy_comes_with_every_file(session: aiohttp.ClientSession) -> None:
    for path in ("/", "/page/app.js", "/page/base.css"):
        async with session.get(path) as answer:
            policy = answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/page/__init__.py", "/page/none.js", "/page/..%2Fserver.py"])
async def test_nothing_else_is_served(session: aiohttp.ClientSession, path: str) -> None:
    async with session.get(path) as answer:
        assert answer.status == 404


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_page_names_no_other_server_and_reads_no_text_as_html(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    addresses = set(re.findall(r"https?://[\w.]+", text))
    assert addresses <= {"http://www.w3.org"}
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert forbidden not in text
    assert re.search(r"\son\w+=|style=", text) is None
    assert len(text.splitlines()) < 350
