"""SIGTERM ends a container that has only begun to start, wherever it waits."""

from __future__ import annotations

import contextlib
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from tests.e2e.processes import SandboxProcess, make_bot_squadron
from tests.hosting.first_process import Container, FirstProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

ENDED = {0, 143}
SLOW_IMPORT = """
import sys
import time


class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            print("importing", file=sys.stderr, flush=True)
            time.sleep(3600)


sys.meta_path.insert(0, Slow())
"""


@pytest.fixture
def sandbox() -> Iterator[SandboxProcess]:
    process = SandboxProcess("--no-limits")
    try:
        yield process
    finally:
        process.close()


@pytest.fixture
def start(
    tmp_path: Path, sandbox: SandboxProcess, prefix: Sequence[str]
) -> Iterator[Callable[..., FirstProcess]]:
    """Start a command as the first process, with changed settings."""
    started: list[FirstProcess] = []

    def start(command: str, **changes: str) -> FirstProcess:
        squadron = make_bot_squadron(tmp_path, sandbox, changes)
        process = FirstProcess(
            [sys.executable, "-m", "bot", command],
            Container(prefix, tmp_path, squadron.env, tmp_path),
            words=tmp_path / "words",
        )
        started.append(process)
        return process

    yield start
    for each in started:
        each.kill()


@pytest.mark.parametrize("module", ["bot.cli.main", "pydantic", "bot.client"])
def test_while_it_imports(tmp_path: Path, start: Callable[..., FirstProcess], module: str) -> None:
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "sitecustomize.py").write_text(SLOW_IMPORT.format(module=module))
    process = start("run", PYTHONPATH=str(extra))
    process.wait_until_it_says("importing")
    assert process.stop() in ENDED


@contextlib.contextmanager
def silent_server() -> Iterator[socket.socket]:
    """Listen, and leave whoever comes without an answer."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(60)
        yield listener


@pytest.mark.parametrize("command", ["run", "schedule"])
def test_while_the_state_database_does_not_answer(
    start: Callable[..., FirstProcess], command: str
) -> None:
    with silent_server() as server:
        port = server.getsockname()[1]
        uri = f"postgresql://bgs:bgs@127.0.0.1:{port}/bgs?connect_timeout=3600"
        process = start(command, STATE_DB_URI=uri)
        with server.accept()[0]:
            assert process.stop() in ENDED, process.said
    assert "Traceback" not in process.said


def test_while_discord_does_not_answer(start: Callable[..., FirstProcess]) -> None:
    with silent_server() as server:
        port = server.getsockname()[1]
        process = start("run", DISCORD_API_BASE=f"http://127.0.0.1:{port}/api/v10")
        with server.accept()[0]:
            assert process.stop() in ENDED, process.said
    assert "Traceback" not in process.said
