"""``demo``: everything at once, with nothing set up."""

from __future__ import annotations

import asyncio
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.commands import NOW, Home, finish

if TYPE_CHECKING:
    import pytest


def page_of(out: str) -> Path:
    """Return the page whose path a demo has printed."""
    found = re.search(r"\S+demo\.html", out)
    assert found
    return Path(found[0])


async def test_it_shows_the_posts_here_and_as_a_page_and_is_the_same_each_time(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = Home(tmp_path_factory.mktemp("anywhere"), {"TENANT_FILE": "no-such-file.json"})
    demo = ("demo", "--no-wait", "--now", NOW, "--folder", str(tmp_path))
    first, second = [await home.run(*demo) for _ in range(2)]
    assert (first.status, second.status) == (0, 0)
    assert "9 sent, 0 skipped, 0 failed" in first.out
    page = page_of(first.out)
    assert page.parent.parent == tmp_path
    assert "Kamadi Wolves" in page.read_text(encoding="utf-8")
    assert list(home.folder.iterdir()) == []
    posts = [run.out.partition("Tenant  ")[0] for run in (first, second)]
    assert posts[0] == posts[1]
    assert "Daily Summary" in posts[0]


async def test_a_night_that_falls_due_while_it_starts_takes_no_post_away(tmp_path: Path) -> None:
    just_before = "2025-09-12T00:00:59.5Z"
    demo = ("demo", "--no-wait", "--now", just_before, "--folder", str(tmp_path))
    ended = await Home(tmp_path).run(*demo)
    assert ended.status == 0
    assert "9 sent, 0 skipped, 0 failed" in ended.out


async def test_it_waits_until_ctrl_c_and_its_folder_can_be_played_in(tmp_path: Path) -> None:
    home = Home(tmp_path)
    process = await home.start("demo", "--folder", str(tmp_path), "--now", NOW, "--seed", "7")
    assert process.stdout is not None
    seen = ""
    while "Play with it" not in seen:
        seen += (await asyncio.wait_for(process.stdout.readline(), 120)).decode()
    typed = (await asyncio.wait_for(process.stdout.readline(), 120)).decode()
    inside = Home(page_of(seen).parent)
    played = await asyncio.create_subprocess_shell(
        typed, cwd=inside.folder, env=inside.environment(), stdout=asyncio.subprocess.PIPE
    )
    shown, _ = await played.communicate()
    assert played.returncode == 0
    assert "Kamadi Wolves" in shown.decode()
    again = await inside.run("post", "daily", "--now", NOW)
    assert again.status == 0
    assert "already sent" in again.out
    assert process.returncode is None
    process.send_signal(signal.SIGINT)
    assert (await finish(process)).status == 0


async def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = await Home(tmp_path).run("demo", "--no-wait", "--folder", "file/inside")
    assert (ended.status, ended.out) == (1, "")
    assert "--folder" in ended.err
    assert "Traceback" not in ended.err
