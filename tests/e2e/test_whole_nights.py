"""The real bot as a process: across midnight, stopped, killed, on a clock that is not ours."""

from __future__ import annotations

import random
import time
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.delivery.ledger import Ledger
from tests.e2e.processes import (
    SandboxProcess,
    make_bot_squadron,
    running,
    seen_since,
    under_another_time,
)
from tests.integration.night import nights, wait_for
from tests.servers import fresh_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.processes import Run
    from tests.integration.night import Squadron

BOTH = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)
REPORTS = ("daily", "spacecz")
KILLS = 20
QUICK_LEASE = {"LEASE_SECONDS": "1.5"}


@pytest.fixture(scope="module")
def sandbox_process() -> Iterator[SandboxProcess]:
    process = SandboxProcess("--no-limits")
    yield process
    process.close()


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    sandbox_process.forget()
    return sandbox_process


@pytest.fixture
def state(backend_name: str, tmp_path: Path) -> Iterator[str]:
    """The URI of an empty state database."""
    with fresh_database(backend_name, tmp_path, patience=30) as uri:
        yield uri


def night_of(squadron: Squadron, now: str) -> Counter[str]:
    """Return the messages of a night, each once."""
    wanted = sum((squadron.expected(report, now) for report in REPORTS), Counter[str]())
    assert wanted.total() >= 8, "a night should take several messages"
    return wanted


def wait_for_night(sandbox: SandboxProcess, wanted: Counter[str], run: Run) -> None:
    """Wait until the bot is up and everything has arrived."""
    wait_for(run.is_up, 60)

    def arrived() -> bool:
        assert run.alive, run.said
        return not wanted - sandbox.texts()

    wait_for(arrived, 90)


def has_more_requests(sandbox: SandboxProcess, than: int) -> bool:
    return sandbox.requests() > than


@BOTH
def test_two_bots_post_midnight_once_and_end_on_a_stop(
    tmp_path: Path, sandbox: SandboxProcess, state: str
) -> None:
    squadron = make_bot_squadron(tmp_path, sandbox, {"STATE_DB_URI": state})
    command = ("run", "--now", "2025-09-01T23:59:52Z")
    with (
        running(squadron, *command, env=squadron.env) as one,
        running(squadron, *command, env=squadron.env) as two,
    ):
        wanted = squadron.expected("daily", "2025-09-02T00:00:10Z")
        wait_for_night(sandbox, wanted, one)
        assert [one.stop(), two.stop()] == [0, 0]
        assert "Traceback" not in one.said + two.said
    assert sandbox.texts() == wanted


@pytest.mark.timeout(300)
def test_a_clock_that_passes_midnight_brings_all_three_reports(
    tmp_path: Path, sandbox: SandboxProcess, faketime: Path
) -> None:
    squadron = make_bot_squadron(tmp_path, sandbox, {})
    before_midnight = datetime(2025, 9, 1, 23, 59, 45, tzinfo=UTC)
    env = under_another_time(squadron.env, faketime, before_midnight)
    with running(squadron, "run", env=env) as run:
        wanted = night_of(squadron, "2025-09-02T00:02:10Z")
        wait_for_night(sandbox, wanted, run)
        assert run.stop() == 0
    assert sandbox.texts() == wanted
    log = (tmp_path / "logs" / "tick_scheduler.log").read_text(encoding="utf-8")
    assert "2025-09-02T00:00:0" in log, "at midnight, not with the sweep after it"


@BOTH
@pytest.mark.timeout(600)
def test_killed_at_any_moment_each_part_arrives_exactly_once(
    tmp_path: Path, sandbox: SandboxProcess, state: str
) -> None:
    squadron = make_bot_squadron(tmp_path, sandbox, {"STATE_DB_URI": state, **QUICK_LEASE})
    seen_since(state, datetime(2025, 9, 1, 12, tzinfo=UTC))
    rng = random.Random(4)
    kills = 0
    for now in nights():
        if kills >= KILLS:
            break
        before = sandbox.texts()
        later = f"{now[:10]}T00:30:00Z"
        for _ in range(6):
            sandbox.faults(random={"seed": rng.randrange(10**6), "rate": 0.4, "hang_seconds": 2})
            with running(squadron, "run", "--now", later, env=squadron.env) as run:
                wait_for(run.is_up, 60)
                time.sleep(rng.uniform(0.0, 1.6))
                kills += run.kill()
        sandbox.faults()
        wanted = night_of(squadron, now)
        with running(squadron, "run", "--now", later, env=squadron.env) as run:
            wait_for_night(sandbox, before + wanted, run)
            assert run.stop() == 0
        assert sandbox.texts() - before == wanted, f"{now}, after {kills} kills"
    assert kills >= KILLS


@BOTH
@pytest.mark.timeout(300)
def test_stopped_in_the_middle_the_rest_comes_after_the_restart(
    tmp_path: Path, sandbox: SandboxProcess, state: str
) -> None:
    squadron = make_bot_squadron(tmp_path, sandbox, {"STATE_DB_URI": state, **QUICK_LEASE})
    seen_since(state, datetime(2025, 9, 1, 12, tzinfo=UTC))
    command = ("run", "--now", "2025-09-02T00:30:00Z")
    for stops in range(1, 4):
        sandbox.faults(script=[{"kind": "latency", "seconds": 0.4}] * 40)
        begun = sandbox.requests()
        with running(squadron, *command, env=squadron.env) as run:
            wait_for(partial(has_more_requests, sandbox, begun), 60)
            assert run.stop() == 0, run.said
            assert "Traceback" not in run.said
        with Ledger.open(state) as ledger:
            unclear = [part for part in ledger.history() if part.state.value == "sending"]
        assert unclear == [], f"stop {stops} left a message half sent"
    sandbox.faults()
    wanted = night_of(squadron, "2025-09-02T00:02:10Z")
    with running(squadron, *command, env=squadron.env) as run:
        wait_for_night(sandbox, wanted, run)
        assert run.stop() == 0
    assert sandbox.texts() == wanted


def test_a_missing_token_is_told_in_one_line(tmp_path: Path, sandbox: SandboxProcess) -> None:
    squadron = make_bot_squadron(tmp_path, sandbox, {"DISCORD_TOKEN": ""})
    done = squadron.run("run")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "DISCORD_TOKEN is not set" in done.stderr


def test_a_refused_token_is_told_in_one_line(tmp_path: Path, sandbox: SandboxProcess) -> None:
    squadron = make_bot_squadron(tmp_path, sandbox, {"DISCORD_TOKEN": "not-the-token"})
    done = squadron.run("run")
    assert done.returncode == 1
    assert "refuses DISCORD_TOKEN" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert "not-the-token" not in done.stderr
