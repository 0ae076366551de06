"""Help, version, and words that are not understood."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.commands import Home

COMMANDS = (
    *("check", "deliveries", "demo", "index", "init", "post", "preview", "report", "run"),
    "schedule",
)
ALL = [(), *((name,) for name in COMMANDS), ("deliveries", "retry")]


@pytest.mark.parametrize("command", ALL, ids=lambda words: " ".join(words) or "bgs-bot")
async def test_help_of_every_command_shows_an_example(home: Home, command: tuple[str, ...]) -> None:
    ended = await home.run(*command, "--help")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.startswith("Usage: bgs-bot")
    usage, _, shown = ended.out.partition("Examples:")
    assert f"bgs-bot {' '.join(command)}".rstrip() in shown
    assert "Options:" in usage


async def test_without_a_command_the_help_is_shown_and_names_each(home: Home) -> None:
    ended = await home.run()
    assert ended.status == 0
    assert all(f"\n  {name} " in ended.out for name in COMMANDS)


async def test_help_needs_neither_settings_nor_tenants(home: Home) -> None:
    (home.folder / "tenant.json").unlink()
    home.env["LEASE_SECONDS"] = "never"
    assert (await home.run("post", "--help")).status == 0


async def test_help_imports_nothing_heavy(home: Home) -> None:
    heavy = "{'sqlalchemy', 'discord', 'aiohttp', 'alembic', 'rich', 'pydantic', 'apscheduler'}"
    script = (
        "import sys; from bot.cli.main import run; run(['post', '--help']);"
        f"assert not {heavy} & set(sys.modules), {heavy} & set(sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script),
        env=home.environment(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")


async def test_the_console_script_is_the_same_command(home: Home) -> None:
    script = Path(sys.executable).with_name("bgs-bot")
    if not script.exists():
        pytest.skip("the package is not installed beside this interpreter")
    process = await asyncio.create_subprocess_exec(
        str(script), "--help", env=home.environment(), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.decode() == (await home.run("--help")).out


async def test_the_version_is_told(home: Home) -> None:
    ended = await home.run("--version")
    assert ended.status == 0
    assert ended.out.startswith("bgs-bot ")


async def test_a_misspelt_command_is_answered_with_the_nearest(home: Home) -> None:
    ended = await home.run("repotr", "daily")
    assert (ended.status, ended.out) == (2, "")
    assert "Did you mean 'report'?" in ended.err


async def test_a_strange_command_is_answered_with_all_there_are(home: Home) -> None:
    ended = await home.run("xyzzy")
    assert ended.status == 2
    assert all(name in ended.err for name in COMMANDS)


async def test_an_unknown_report_is_answered_with_those_there_are(home: Home) -> None:
    ended = await home.run("report", "weekly")
    assert (ended.status, ended.out) == (2, "")
    assert "daily, spacecz, groundcz" in ended.err


@pytest.mark.parametrize("command", ["report", "post", "preview"])
async def test_an_unknown_period_is_answered_with_all_codes_and_names(
    home: Home, command: str
) -> None:
    ended = await home.run(command, "daily", "--period", "fortnight")
    assert (ended.status, ended.out) == (2, "")
    assert "ld (Yesterday)" in ended.err
    assert "lt (Last tick)" in ended.err


async def test_a_now_that_is_no_moment_is_wrong_use(home: Home) -> None:
    ended = await home.run("report", "daily", "--now", "yesterday")
    assert (ended.status, ended.out) == (2, "")
    assert "--now" in ended.err
