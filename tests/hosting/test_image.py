"""The Dockerfile is followed in a folder, and what comes of it is started, asked and stopped."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.version import version
from tests.e2e.processes import SandboxProcess, make_bot_squadron
from tests.hosting.dockerfile import Image, build, ignored, instructions, kept
from tests.hosting.first_process import FirstProcess
from tests.integration.night import BOT_TOKEN, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


def settings_in(image: Image, folder: Path, sandbox: SandboxProcess) -> dict[str, str]:
    """Put squadrons and a secret where they are mounted, and return the environment."""
    squadron = make_bot_squadron(folder, sandbox, {})
    (image.root / "config").mkdir()
    shutil.copy(folder / "tenant.json", image.root / "config")
    secret = image.root / "run" / "secrets" / "discord_token"
    secret.parent.mkdir(parents=True)
    secret.write_text(BOT_TOKEN)
    from_outside = ("WEBHOOK_HOSTS", "DISCORD_API_BASE", "DISCORD_GATEWAY")
    return {
        **image.environment(),
        **{name: squadron.env[name] for name in from_outside},
        "DISCORD_TOKEN_FILE": str(secret),
        "HEALTH_ADDR": f"127.0.0.1:{free_port()}",
    }


@pytest.mark.timeout(900)  # it installs everything from the package index
def test_an_image_made_from_the_lock_runs_is_healthy_and_stops(
    tmp_path: Path, sandbox: SandboxProcess, prefix: Sequence[str]
) -> None:
    image = build(DOCKERFILE, tmp_path / "root")
    env = settings_in(image, tmp_path, sandbox)
    volume = Path(image.seen(image.last["VOLUME"].words[0]))
    entry = [image.seen(word) for word in image.last["ENTRYPOINT"].words]
    probe = image.last["HEALTHCHECK"].value.removeprefix("CMD ")
    before = files(image.root, volume)

    def ask(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=volume, env=env, capture_output=True, text=True, check=False
        )

    def is_healthy() -> bool:
        return ask([image.seen(word) for word in json.loads(probe)]).returncode == 0

    assert ask([*entry, "--version"]).stdout == f"bgs-bot {version()}\n"
    assert not is_healthy()
    bot = FirstProcess(
        [*entry, *image.last["CMD"].words],
        cwd=Path(image.seen(image.workdir)),
        env=env,
        volume=volume,
        prefix=prefix,
        words=tmp_path / "words",
    )
    try:
        bot.wait_until_it_says("The bot runs")
        wait_for(is_healthy)
        assert bot.stop() == 0, bot.said
    finally:
        bot.kill()
    assert "Traceback" not in bot.said
    assert "Read-only" not in bot.said
    assert (volume / "state.db").is_file()
    assert (volume / "logs" / "tick_scheduler.log").is_file()
    assert files(image.root, volume) == before


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
