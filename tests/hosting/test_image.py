"""The Dockerfile is followed in a folder, and what comes of it is started, asked and stopped."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.version import version
from tests.e2e.processes import SandboxProcess, make_bot_squadron
from tests.hosting.dockerfile import Image, build, give, ignored, instructions, kept
from tests.hosting.first_process import Container, FirstProcess, may_be_anybody
from tests.integration.night import BOT_TOKEN, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import NoReturn

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = ROOT / "Dockerfile"
STEPS = instructions(DOCKERFILE)
LAST_STAGE = STEPS[max(index for index, each in enumerate(STEPS) if each.name == "FROM") :]


@pytest.fixture
def sandbox() -> Iterator[SandboxProcess]:
    process = SandboxProcess("--no-limits")
    try:
        yield process
    finally:
        process.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def files(folder: Path, without: Path) -> dict[str, tuple[int, int]]:
    """What lies in a folder, with size and time."""
    return {
        str(path): (path.lstat().st_size, path.lstat().st_mtime_ns)
        for path in folder.rglob("*")
        if without not in (path, *path.parents)
    }


def settings_in(image: Image, folder: Path, sandbox: SandboxProcess, user: str) -> dict[str, str]:
    """Put squadrons and a secret where they are mounted, and return the environment.

    Only the user can read them, as the compose file says how to do it.
    """
    squadron = make_bot_squadron(folder, sandbox, {})
    tenants = image.root / "config" / "tenant.json"
    secret = image.root / "run" / "secrets" / "discord_token"
    for path in (tenants, secret):
        path.parent.mkdir(parents=True)
    shutil.copy(folder / "tenant.json", tenants)
    secret.write_text(BOT_TOKEN)
    for path in (tenants, secret):
        path.chmod(0o400)
        if user:
            give(path, user)
    from_outside = ("WEBHOOK_HOSTS", "DISCORD_API_BASE", "DISCORD_GATEWAY")
    return {
        **image.environment(),
        **{name: squadron.env[name] for name in from_outside},
        "DISCORD_TOKEN_FILE": str(secret),
        "HEALTH_ADDR": f"127.0.0.1:{free_port()}",
    }


class Installed:
    """An image that is set up to run: as its own user where the tests may become anybody."""

    def __init__(self, folder: Path, sandbox: SandboxProcess, prefix: Sequence[str]) -> None:
        folder.chmod(0o755)
        self.image = build(DOCKERFILE, folder / "root")
        self.user = self.image.last["USER"].value if may_be_anybody(prefix) else ""
        self.volume = Path(self._words("VOLUME")[0])
        self._container = Container(
            prefix,
            Path(self.image.seen(self.image.workdir)),
            settings_in(self.image, folder, sandbox, self.user),
            self.volume,
            self.user,
            [Path(sys.base_prefix), folder] if self.user else [],
        )

    def start(self, words: Path) -> FirstProcess:
        """Start what the image starts."""
        return FirstProcess(self._entry, self._container, words=words)

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command of the image's."""
        return self._run([*self._words("ENTRYPOINT"), *arguments])

    def ask_to_start(self) -> subprocess.CompletedProcess[str]:
        """Start what cannot run."""
        return self._run(self._entry)

    def is_healthy(self) -> bool:
        """Whether the image's own probe finds it well."""
        probe = json.loads(self.image.last["HEALTHCHECK"].value.removeprefix("CMD "))
        return self._run([self.image.seen(word) for word in probe]).returncode == 0

    def written(self) -> set[str]:
        """Who owns what it has written."""
        paths = (self.volume / "state.db", self.volume / "logs" / "tick_scheduler.log")
        return {f"{each.stat().st_uid}:{each.stat().st_gid}" for each in paths}

    @property
    def _entry(self) -> list[str]:
        return [*self._words("ENTRYPOINT"), *self.image.last["CMD"].words]

    def _words(self, name: str) -> list[str]:
        return [self.image.seen(word) for word in self.image.last[name].words]

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        around = self._container.around(command)
        return subprocess.run(around, capture_output=True, text=True, check=False)


@pytest.mark.timeout(900)  # it installs everything from the package index
def test_an_image_made_from_the_lock_runs_is_healthy_and_stops(
    tmp_path: Path,
    sandbox: SandboxProcess,
    prefix: Sequence[str],
    leave_out: Callable[[str], NoReturn],
) -> None:
    installed = Installed(tmp_path, sandbox, prefix)
    root, volume = installed.image.root, installed.volume
    before = files(root, volume)
    assert installed.ask("--version").stdout == f"bgs-bot {version()}\n"
    assert not installed.is_healthy()
    bot = installed.start(tmp_path / "words")
    try:
        bot.wait_until_it_says("The bot runs")
        wait_for(installed.is_healthy)
        if installed.user:
            assert (bot.user, bot.rights) == (installed.user, 0)
        assert bot.stop() == 0, bot.said
    finally:
        bot.kill()
    assert "Traceback" not in bot.said
    assert "Read-only" not in bot.said
    assert files(root, volume) == before
    owners = installed.written()
    if not installed.user:
        leave_out("only root can become the image's user; it ran as who runs the tests")
    assert owners == {installed.user}
    give(volume, "0:0")
    refused = installed.ask_to_start()
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Error: cannot write the log file {volume}/logs/")
    assert "make its folder writable" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_steps_only_make_the_environment_and_install_from_the_lock() -> None:
    venv = "/opt/bgs-bot"
    runs = [each.words for each in STEPS if each.name == "RUN"]
    assert runs[0] == ["python", "-m", "venv", venv]
    assert [words[:2] for words in runs[1:]] == [[f"{venv}/bin/pip", "install"]] * 2
    locked, own = runs[1:]
    assert {"--require-hashes", "--no-deps", "requirements.lock"} <= set(locked)
    assert {"--no-index", "--no-deps", "--no-build-isolation", "."} <= set(own)


def test_it_runs_as_a_user_with_a_number_who_owns_the_volume() -> None:
    last = {each.name: each for each in LAST_STAGE}
    user = last["USER"].value
    owned = [each for each in LAST_STAGE if each.flags.get("chown") == user]
    assert all(int(each) > 0 for each in user.split(":"))
    assert [each.words[-1] for each in owned] == last["VOLUME"].words == [last["WORKDIR"].value]


def test_stages_have_the_same_slim_python() -> None:
    bases = {each.value.split()[0] for each in STEPS if each.name == "FROM"}
    assert len(bases) == 1
    assert "-slim" in bases.pop()


def test_settings_lead_into_the_volume_and_health_is_for_the_container_alone() -> None:
    env = dict(
        word.split("=", 1) for each in LAST_STAGE if each.name == "ENV" for word in each.words
    )
    assert env["HEALTH_ADDR"] == "127.0.0.1:8080"
    assert env["DATA_DIR"] == "/data"
    assert env["LOG_DIR"] == "/data/logs"
    assert env["TENANT_FILE"] == "/config/tenant.json"


def test_nothing_secret_is_sent_to_the_builder() -> None:
    patterns = ignored(ROOT)
    for name in (
        ".env",
        "tenant.json",
        "secrets/discord_token",
        "config/tenant.json",
        ".git/config",
    ):
        assert not kept(ROOT, ROOT / name, patterns)
    assert not kept(ROOT, ROOT / "bot" / "cli" / "__pycache__" / "run.pyc", patterns)
    assert kept(ROOT, ROOT / "bot" / "cli" / "run.py", patterns)
