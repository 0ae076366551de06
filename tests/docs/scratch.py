"""A home like an operator's: a squadron, a small Discord, and the command at hand."""

from __future__ import annotations

import asyncio
import contextlib
import http
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from bot.delivery.ledger import Ledger
from bot.sandbox.people import MANAGE_GUILD
from tests.cli.commands import Home
from tests.docs.pages import ROOT
from tests.squadron import Squadron

if TYPE_CHECKING:
    from asyncio.subprocess import Process

    from bot.sandbox.server import Sandbox

ENOUGH_SECONDS = 120
FOREVER = {
    r"bgs-bot demo(?!.*--no-wait)": "Ctrl-C ends the demo",
    r"bgs-bot schedule": "Waiting for midnight",
    r"bgs-bot run": "The bot runs",
    r"python -m bot\.sandbox\.server": "http://",
}
"""Commands that run until they are stopped, and what they say once they are up."""

ASKS = re.compile(r"(curl|bgs-bot health)\b")
"""Commands that ask a running bot how it is."""

_SHIMS = {
    "bgs-bot": "-m bot",
    "python": "",
    "python3": "",
}
_EXAMPLES = ("tenant.example.json", ".env.example")


@dataclass
class Running:
    """A command that runs until it is stopped."""

    command: str
    process: Process
    log: Path


@dataclass
class Scratch:
    """A folder in which a page's commands are typed.

    Attributes
    ----------
    port
        What stands for port 8080, which may be taken.
    """

    folder: Path
    sandbox: Sandbox
    port: int
    running: list[Running] = field(default_factory=list)

    def __post_init__(self) -> None:
        bin_folder = self.folder / ".venv" / "bin"
        bin_folder.mkdir(parents=True)
        for name, arguments in _SHIMS.items():
            shim = bin_folder / name
            shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
            shim.chmod(0o755)
        (bin_folder / "activate").touch()
        for name in _EXAMPLES:
            shutil.copy(ROOT / name, self.folder)
        (self.folder / "data").mkdir()
        (self.folder / "data" / "state.db").write_bytes(_new_ledger())
        entries = [self._tenant("wolves", "Kamadhenu")]
        (self.folder / "tenant.json").write_text(json.dumps(entries), encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """Return the environment of a command: an operator's, with the sandbox for Discord."""
        plain = Home(self.folder).environment()
        return {
            **plain,
            "PATH": f"{self.folder}/.venv/bin{os.pathsep}{plain['PATH']}",
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "DISCORD_TOKEN": self.sandbox.switches.bot_token,
            "DISCORD_API_BASE": self.sandbox.api_base,
            "DISCORD_GATEWAY": self.sandbox.gateway_url,
            "WEBHOOK_HOSTS": self.sandbox.address.partition("://")[2],
            "HEALTH_ADDR": self.health,
        }

    @property
    def health(self) -> str:
        """Where the bot tells its health."""
        return f"127.0.0.1:{self.port}"

    async def type(self, command: str) -> None:
        """Run a command as it stands; one that runs for ever is left running.

        Raises
        ------
        AssertionError
            If it does not end well, or does not come up.
        """
        if ASKS.match(command) and not self.running:
            await self.type("bgs-bot schedule")
            await self._until_ready()
        own = command.replace("127.0.0.1:8080", self.health)
        log = self.folder / f".said-{len(list(self.folder.glob('.said-*')))}"
        words = next((words for form, words in FOREVER.items() if re.search(form, own)), None)
        if words is not None:
            own = _under_exec(own)
        with log.open("wb") as said:
            process = await asyncio.create_subprocess_exec(
                *("bash", "-e", "-o", "pipefail", "-c", own),
                cwd=self.folder,
                env=self.environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=said,
                stderr=asyncio.subprocess.STDOUT,
            )
        if words is None:
            await asyncio.wait_for(process.communicate(b"y\n" * 20), ENOUGH_SECONDS)
            _assert_well(command, process, log)
            return
        running = Running(command, process, log)
        self.running.append(running)
        await _until_it_says(running, words)

    async def stop(self) -> None:
        """End what runs, as systemd and Docker do; it must leave in good order."""
        while self.running:
            running = self.running.pop()
            if running.process.returncode is None:
                running.process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(running.process.communicate(), ENOUGH_SECONDS)
            _assert_well(running.command, running.process, running.log)

    async def served(self, path: str) -> str:
        """Return what the running bot serves at a path of `health`, whatever it is."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{self.health}{path}") as answer,
        ):
            return await answer.text()

    async def _until_ready(self) -> None:
        async with asyncio.timeout(ENOUGH_SECONDS), aiohttp.ClientSession() as session:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with session.get(f"http://{self.health}/readyz") as answer:
                        if answer.status == http.HTTPStatus.OK:
                            return
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """Let nothing outlive the test."""
        for running in self.running:
            if running.process.returncode is None:
                running.process.kill()

    def _tenant(self, name: str, system: str) -> dict[str, object]:
        world = self.sandbox.world
        guild = world.add_guild(name.capitalize())
        channel = world.add_channel("text", guild_id=guild.id, name="bgs-reports")
        world.join(guild, world.add_user(f"{name}-chief"), permissions=MANAGE_GUILD)
        _recent_work(system).store(f"sqlite:///{self.folder}/{name}.db")
        return {
            "id": name,
            "name": name.capitalize(),
            "api_key": f"key-of-{name}",
            "db_uri": f"sqlite:///{name}.db",
            "discord_webhooks": {"shoutout": self.sandbox.url_of(world.add_webhook(channel))},
            "guild_ids": [guild.id],
            "faction_name": f"{name.capitalize()} of {system}",
        }


@cache
def _new_ledger() -> bytes:
    """Return the file of a ledger in which nothing was posted yet."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.db"
        Ledger.open(f"sqlite:///{path}").close()
        return path.read_bytes()


def _recent_work(system: str) -> Squadron:
    """Return a squadron's work of the last days, by the real clock."""
    squadron, today = Squadron(), datetime.now(UTC)
    for days in (1, 2, 8, 33):
        day = f"{today - timedelta(days=days):%Y-%m-%d}"
        common = {
            "cmdr": "Ada Lovelace",
            "starsystem": system,
            "tickid": f"zoy-{day}",
            "ticktime": f"{day}T15:00:00Z",
        }
        at = f"{day}T18:00:00Z"
        squadron.voucher("bounty", 1_000_000, squadron.event(at, **common))
        squadron.mission(squadron.event(at, **common))
        squadron.cz("low", None, squadron.event(at, **common))
        squadron.ground_cz("high", None, squadron.event(at, **common), settlement="Grant Base")
    return squadron


def _under_exec(command: str) -> str:
    """Return a command that takes the shell's place, so that a signal reaches it."""
    before, ampersands, last = command.rstrip(" &").rpartition("&& ")
    variables, rest = re.match(r"((?:[A-Z_]+=\S* )*)(.*)", last, re.S).groups()  # type: ignore[union-attr]  # it always matches
    return f"{before}{ampersands}exec env {variables}{rest}"


async def _until_it_says(running: Running, words: str) -> None:
    async with asyncio.timeout(ENOUGH_SECONDS):
        while words not in running.log.read_text(encoding="utf-8", errors="replace"):
            assert running.process.returncode is None, _ended(running.command, running.log)
            await asyncio.sleep(0.05)


def _assert_well(command: str, process: Process, log: Path) -> None:
    said = log.read_text(encoding="utf-8", errors="replace")
    assert process.returncode == 0, _ended(command, log)
    assert "Traceback" not in said, _ended(command, log)


def _ended(command: str, log: Path) -> str:
    return f"{command!r} did not end well:\n{log.read_text(encoding='utf-8', errors='replace')}"
