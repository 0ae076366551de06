"""A command as a container runs it: as the first process, on a file system it cannot write."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.integration.night import wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ENOUGH_SECONDS = 60
_ISOLATE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
_AS_ROOT = ("--user", "--map-root-user")
_STAGE = "/mnt"
_NOBODY_ELSE = 0o001


def isolation() -> tuple[str, ...] | None:
    """Return what puts a command into namespaces of its own; None where that is forbidden."""
    if shutil.which("unshare") is None:
        return None
    for prefix in (_ISOLATE, (*_ISOLATE, *_AS_ROOT)):
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    return None


def may_be_anybody(prefix: Sequence[str]) -> bool:
    """Whether a command in such namespaces can run as any user."""
    return os.geteuid() == 0 and "--user" not in prefix and shutil.which("setpriv") is not None


def with_only(env: Mapping[str, str]) -> list[str]:
    """Return what runs a command with an environment and nothing else in it."""
    return ["env", "-i", *(f"{name}={value}" for name, value in env.items())]


@dataclass(frozen=True)
class Container:
    """What stands around a process.

    Attributes
    ----------
    prefix
        What `isolation` returned.
    cwd, env
        Where a command runs, with which environment and no other.
    volume
        The only folder that it can write.
    user
        The numbers of the user and group it runs as; empty for who runs the tests.
    needs
        Folders that this user must reach, whatever is closed above them out here.
    """

    prefix: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    volume: Path
    user: str = ""
    needs: Sequence[Path] = ()

    def around(self, command: Sequence[str]) -> list[str]:
        """Return a command that runs another one in here."""
        volume, cwd = (shlex.quote(str(each)) for each in (self.volume, self.cwd))
        steps = [
            *self._opening(),
            f"mount --bind {volume} {volume}",
            f"mount -o remount,bind,rw {volume}",
            "mount -o remount,bind,ro /",
            f"cd {cwd}",
            'exec "$@"',
        ]
        script = " && ".join(steps)
        return [
            *self.prefix,
            "sh",
            "-c",
            script,
            "sh",
            *self._demoted(),
            *with_only(self.env),
            *command,
        ]

    def _opening(self) -> list[str]:
        """Return steps that let everybody reach what is needed, and nobody write it."""
        shut = {path: above for path in self.needs if (above := _shut_above(path)) is not None}
        if not shut:
            return []
        shown = [(shlex.quote(str(path)), f"{_STAGE}/{number}") for number, path in enumerate(shut)]
        covered = sorted({shlex.quote(str(each)) for each in shut.values()})
        steps = ["umask 022", f"mount -t tmpfs none {_STAGE}"]
        steps += [f"mkdir {stage} && mount --bind {path} {stage}" for path, stage in shown]
        steps += [f"mount -t tmpfs -o mode=755 none {each}" for each in covered]
        for path, stage in shown:
            steps += [f"mkdir -p {path}", f"mount --bind {stage} {path}"]
            steps.append(f"mount -o remount,bind,ro {path}")
        return [
            *steps,
            *(f"mount -o remount,ro {each}" for each in covered),
            f"umount --lazy {_STAGE}",
        ]

    def _demoted(self) -> list[str]:
        if not self.user:
            return []
        uid, _, gid = self.user.partition(":")
        rights = ["--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
        return ["setpriv", f"--reuid={uid}", f"--regid={gid}", *rights]


def _shut_above(path: Path) -> Path | None:
    """Return the uppermost folder above another that not everybody may enter."""
    return next(
        (each for each in reversed(path.parents) if not each.stat().st_mode & _NOBODY_ELSE), None
    )


class FirstProcess:
    """A process that is the first of its namespace.

    Parameters
    ----------
    command
        What runs.
    container
        What stands around it.
    words
        The file for what it writes to its streams.
    """

    def __init__(self, command: Sequence[str], container: Container, *, words: Path) -> None:
        self._words = words
        with words.open("wb") as stream:
            self._process = subprocess.Popen(
                container.around(command), stdin=subprocess.DEVNULL, stdout=stream, stderr=stream
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

    @property
    def user(self) -> str:
        """The numbers of the user and group it runs as."""
        return f"{self._fact('Uid')[1]}:{self._fact('Gid')[1]}"

    @property
    def rights(self) -> int:
        """Which of root's rights it has, as bits."""
        return int(self._fact("CapEff")[0], 16)

    def _fact(self, name: str) -> list[str]:
        lines = Path(f"/proc/{self._pid}/status").read_text().splitlines()
        return next(line.split()[1:] for line in lines if line.startswith(f"{name}:"))

    def stop(self) -> int:
        """Send it SIGTERM, as Docker does, and return its exit status."""
        os.kill(self._pid, signal.SIGTERM)
        return self._process.wait(_ENOUGH_SECONDS)

    @property
    def _pid(self) -> int:
        outer = self._process.pid
        children = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        return int(children[0])

    def kill(self) -> None:
        """End it if it still runs."""
        if self.alive:
            self._process.kill()
            self._process.wait(_ENOUGH_SECONDS)
