"""A process whose wall clock is set while it runs: no night is lost, and none comes twice."""

from __future__ import annotations

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.processes import SandboxProcess, SetClock, make_bot_squadron, running, seen_since
from tests.integration.night import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

SWIFT = str(Path(__file__).with_name("swift.py"))
EVENING = datetime(2025, 9, 5, 22, 30, tzinfo=UTC)
NIGHT = datetime(2025, 9, 6, 0, 30, tzinfo=UTC)
REPORTS = ("daily", "spacecz")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    process = SandboxProcess("--no-limits")
    yield process
    process.close()


@pytest.mark.parametrize(
    ("command", "back"), [("run", timedelta(days=3)), ("schedule", timedelta(hours=1))]
)
def test_a_night_after_the_clock_was_set_back_is_posted_once(
    tmp_path: Path, sandbox: SandboxProcess, faketime: Path, command: str, back: timedelta
) -> None:
    sandbox.forget()
    state = f"sqlite:///{tmp_path}/state.db"
    squadron = make_bot_squadron(tmp_path, sandbox, {"STATE_DB_URI": state})
    seen_since(state, EVENING)
    wanted = sum(
        (squadron.expected(report, "2025-09-06T00:30:00Z") for report in REPORTS), Counter[str]()
    )
    clock = SetClock(tmp_path / "clock", EVENING)
    env = clock.seen_by(squadron.env, faketime)
    with running(squadron, command, env=env, program=(SWIFT,)) as run:
        wait_for(run.is_up, 60)
        time.sleep(3)  # a sweep or two
        clock.set(EVENING - back)
        time.sleep(5)  # more of them, which reckon on the clock that was set
        clock.set(NIGHT)
        wait_for(lambda: not run.alive or not wanted - sandbox.texts(), 60)
        clock.set(NIGHT - timedelta(hours=1))
        time.sleep(3)
        clock.set(NIGHT)
        time.sleep(3)
        assert run.stop() == 0, run.said
        assert "Traceback" not in run.said
    assert sandbox.texts() == wanted
    log = (tmp_path / "logs" / "tick_scheduler.log").read_text(encoding="utf-8")
    assert "action=clock_set" in log
