"""A newcomer's first command, typed as it stands in the README."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tomllib
from typing import TYPE_CHECKING, NoReturn

from tests.docs.elsewhere import ELSEWHERE
from tests.docs.pages import README, ROOT, text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "*.egg-info", "__pycache__")
ENOUGH_SECONDS = 270
OUT_OF_REACH = ("No matching distribution found", "Connection", "Could not fetch")
"""What pip says where there is no package index."""


async def test_the_first_command_of_the_readme_installs_the_bot_and_shows_the_demo(
    tmp_path: Path, leave_out: Callable[[str], NoReturn]
) -> None:
    copy = tmp_path / "bgs-bot"
    shutil.copytree(ROOT, copy, ignore=LEFT_BEHIND)
    marked = re.search(r"<!-- demo-command -->\n```\n(.*)\n```", text_of(README))
    assert marked is not None
    assert marked[1] in ELSEWHERE
    assert marked[1].endswith(" && .venv/bin/bgs-bot demo")

    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", f"{marked[1]} --no-wait"),
        cwd=copy,
        env=plain_environment(),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), ENOUGH_SECONDS)
    said = err.decode()

    if process.returncode and any(words in said for words in OUT_OF_REACH):
        leave_out("pip reaches no package index")
    assert process.returncode == 0, said
    assert "9 sent, 0 skipped, 0 failed" in out.decode()


def test_the_extras_that_the_pages_install_are_there() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    known = extras["project"]["optional-dependencies"].keys()
    named = {
        extra
        for command in ELSEWHERE
        for group in re.findall(r"\[([\w,]+)\]", command)
        for extra in group.split(",")
    }
    assert named
    assert named <= known


def plain_environment() -> dict[str, str]:
    """Return an environment in which pip is set up as on this machine, and quick."""
    own = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**own, **kept, "PIP_NO_COMPILE": "1"}
