"""A command as a container runs it: as the first process, on a file system it cannot write."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.night import wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ENOUGH_SECONDS = 60
_ISOLATE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
_AS_ROOT = ("--user", "--map-root-user")
_READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"'


def isolation() -> tuple[str, ...] | None:
    """Return what puts a command into namespaces of its own; None where that is forbidden."""
    if shutil.which("unshare") is None:
        return None
    for prefix in (_ISOLATE, (*_ISOLATE, *_AS_ROOT)):
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    return None


def with_only(env: Mapping[str, str]) -> list[str]:
    """Return what runs a command with an environment and nothing else in it."""
    return ["env", "-i", *(f"{name}={value}" for name, value in env.items())]


class FirstProcess:
    """A process that is the first of its namespace.

    Parameters
    ----------
    command, cwd, env
        What runs, where, with which environment and no other.
    volume
        The only folder that it can write.
    prefix
        What `isolation` returned.
    words
        The file for what it writes to its streams.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        volume: Path,
        prefix: Sequence[str],
        words: Path,
    ) -> None:
        self._words = words
        with words.open("wb") as stream:
            self._process = subprocess.Popen(
                [*prefix, "sh", "-c", _READ_ONLY, str(volume), *with_only(env), *command],
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )

    @property
    def said(self) -> str:
        """What it has written to its streams so far."""
        return self._words.read_text(encoding="utf-8", errors="replace")

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def wait_until_it_says(self, words: str) -> None:
        """Wait for words on its streams."""
        wait_for(lambda: words in self.said or not self.alive, _ENOUGH_SECONDS)
        assert words in self.said, self.said

    def stop(self) -> int:
        """Send it SIGTERM, as Docker does, and return its exit status."""
        outer = self._process.pid
        children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGTERM)
        return self._process.wait(_ENOUGH_SECONDS)

    def kill(self) -> None:
        """End it if it still runs."""
        if self.alive:
            self._process.kill()
            self._process.wait(_ENOUGH_SECONDS)
