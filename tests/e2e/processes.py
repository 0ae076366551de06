"""The real command beside a sandbox Discord, each in a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.delivery.ledger import Ledger
from tests.integration.night import BOT_TOKEN, ReceiverProcess, make_squadron

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.night import Squadron

_PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


class SandboxProcess(ReceiverProcess):
    """The whole sandbox in a process of its own."""

    def __init__(self, *options: str) -> None:
        super().__init__(*options, module="bot.sandbox.server")
        self.gateway = self.read_address()


def make_bot_squadron(
    folder: Path, sandbox: SandboxProcess, settings: dict[str, str], *, tenants: int = 2
) -> Squadron:
    """Write tenants and the settings with which the bot finds the sandbox."""
    return make_squadron(
        folder,
        sandbox,
        {"DISCORD_TOKEN": BOT_TOKEN, "DISCORD_GATEWAY": sandbox.gateway, **settings},
        tenants=tenants,
    )


def seen_since(uri: str, moment: datetime, tenants: int = 2) -> None:
    """Note that a bot saw the tenants before, so that a missed night is caught up."""
    with Ledger.open(uri) as ledger:
        for number in range(tenants):
            ledger.first_seen(f"squadron-{number}", moment)


def faketime_library() -> Path | None:
    """Return libfaketime, None where it is not installed."""
    named = os.environ.get("TEST_LIBFAKETIME")
    if named:
        return Path(named)
    found = (match for place in _PLACES for match in Path("/").glob(place.lstrip("/")))
    return next(found, None)


def under_another_time(env: dict[str, str], library: Path, moment: datetime) -> dict[str, str]:
    """Return an environment in which a process believes that it is ``moment``."""
    return env | {
        "LD_PRELOAD": str(library),
        "FAKETIME": f"@{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "TZ": "UTC",
    }


class SetClock:
    """A wall clock that can be set while a process runs; the monotonic one goes on."""

    def __init__(self, file: Path, moment: datetime) -> None:
        self._file = file
        self.set(moment)

    def set(self, moment: datetime) -> None:
        """Let it be this moment now."""
        ahead = (moment - datetime.now(UTC)).total_seconds()
        new = self._file.with_suffix(".new")
        new.write_text(f"{ahead:+.0f}\n")
        new.replace(self._file)

    def seen_by(self, env: dict[str, str], library: Path) -> dict[str, str]:
        """Return an environment in which a process goes by this clock."""
        return env | {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }


_COMMAND = ("-m", "bot")


@contextlib.contextmanager
def running(
    squadron: Squadron,
    *arguments: str,
    env: dict[str, str],
    program: tuple[str, ...] = _COMMAND,
) -> Iterator[Run]:
    """Run the command for the length of a block; it does not outlive it."""
    run = Run(squadron, arguments, env, program)
    try:
        yield run
    finally:
        run.kill()


class Run:
    """One run of the command."""

    def __init__(
        self,
        squadron: Squadron,
        arguments: tuple[str, ...],
        env: dict[str, str],
        program: tuple[str, ...] = _COMMAND,
    ) -> None:
        self._errors = squadron.folder / f"stderr-{len(list(squadron.folder.glob('stderr-*')))}"
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, *program, *arguments],
                env=env,
                cwd=squadron.folder,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    @property
    def said(self) -> str:
        """What it has written to stderr so far."""
        return self._errors.read_text(encoding="utf-8", errors="replace")

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def is_up(self) -> bool:
        """Whether the bot has come up, or has ended already."""
        return not self.alive or "The bot runs" in self.said

    def stop(self, seconds: float = 20) -> int:
        """Ask it to end and return its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)

    def kill(self) -> bool:
        """Kill it, and return whether it was still running."""
        if not self.alive:
            return False
        self._process.kill()
        self._process.wait(10)
        return True
