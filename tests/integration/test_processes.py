"""The real command in several processes at a time, stopped and killed."""

from __future__ import annotations

import signal
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.delivery.ledger import Ledger
from tests.integration.night import (
    BOT_TOKEN,
    ReceiverProcess,
    Squadron,
    make_squadron,
    nights,
    wait_for,
)
from tests.servers import fresh_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NIGHT = next(nights())
DAY = "2025-09-01"
BOTH = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="module")
def receiver_process() -> Iterator[ReceiverProcess]:
    process = ReceiverProcess("--no-limits")
    yield process
    process.close()


@pytest.fixture
def receiver(receiver_process: ReceiverProcess) -> ReceiverProcess:
    receiver_process.forget()
    return receiver_process


@pytest.fixture
def state(backend_name: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Settings that name an empty state database."""
    with fresh_database(backend_name, tmp_path, patience=30) as uri:
        yield {"STATE_DB_URI": uri}


class Runs:
    """Runs of the command; none outlives its test."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[str]] = []

    def __call__(self, squadron: Squadron, *arguments: str) -> subprocess.Popen[str]:
        """Start one."""
        run = _start(squadron, *arguments)
        self._started.append(run)
        return run

    def close(self) -> None:
        """Kill what still runs."""
        for run in self._started:
            run.kill()
            run.communicate()


@pytest.fixture
def start() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


def _start(squadron: Squadron, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        squadron.command(*arguments),
        env=squadron.env,
        cwd=squadron.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def expected(squadron: Squadron) -> Counter[str]:
    found = squadron.expected("spacecz", NIGHT)
    assert sum(found.values()) >= 6, "a night should take several messages"
    return found


@BOTH
def test_three_runs_on_a_new_ledger_post_each_part_once(
    tmp_path: Path, receiver: ReceiverProcess, state: dict[str, str], start: Runs
) -> None:
    squadron = make_squadron(tmp_path, receiver, state)
    runs = [start(squadron, "post", "spacecz", "--now", NIGHT) for _ in range(3)]
    told = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0], told
    assert all("sent" in out for out, _ in told)
    again = squadron.run("post", "spacecz", "--now", NIGHT)
    assert again.returncode == 0
    assert again.stdout.count("already sent") == 2
    assert receiver.texts() == expected(squadron)


def test_a_stop_finishes_the_message_and_the_next_run_the_rest(
    tmp_path: Path, receiver: ReceiverProcess, start: Runs
) -> None:
    squadron = make_squadron(tmp_path, receiver, {})
    slow = {"kind": "latency", "seconds": 0.7}
    receiver.faults(script=[slow] * 20)
    before = receiver.requests()
    run = start(squadron, "post", "spacecz", "--now", NIGHT)
    _wait_for_requests(receiver, before + 3)
    run.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    out, err = run.communicate(timeout=30)
    assert run.returncode == 1, out + err
    assert time.monotonic() - begun < 10
    assert "Traceback" not in out + err
    arrived = receiver.texts()
    assert 0 < sum(arrived.values()) < 6
    with Ledger.open(f"sqlite:///{tmp_path}/data/state.db") as ledger:
        states = Counter(part.state.value for part in ledger.history())
    assert states == {"sent": arrived.total(), "pending": 6 - arrived.total()}
    receiver.faults()
    assert squadron.run("post", "spacecz", "--now", NIGHT).returncode == 0
    assert receiver.texts() == expected(squadron)


def test_a_stop_while_discord_says_nothing_ends_in_time(
    tmp_path: Path, receiver: ReceiverProcess, start: Runs
) -> None:
    squadron = make_squadron(tmp_path, receiver, {"LEASE_SECONDS": "15"}, tenants=1)
    receiver.faults(script=[{"kind": "hang", "seconds": 60, "accepted": True}])
    before = receiver.requests()
    run = start(squadron, "post", "spacecz", "--now", NIGHT)
    _wait_for_requests(receiver, before + 1)
    run.terminate()
    run.communicate(timeout=10)
    assert run.returncode == 1
    with Ledger.open(f"sqlite:///{tmp_path}/data/state.db") as ledger:
        assert [part.state.value for part in ledger.history()][::-1] == [
            "in_doubt",
            "pending",
            "pending",
        ]


def test_a_ban_ends_every_run_at_once_and_nothing_more_is_asked(
    tmp_path: Path, receiver: ReceiverProcess
) -> None:
    squadron = make_squadron(tmp_path, receiver, {})
    ban = {"kind": "rate_limit", "seconds": 600, "via": False}
    receiver.faults(script=[ban, ban])
    before = receiver.requests()
    first = squadron.run("post", "spacecz", "--now", NIGHT, timeout=30)
    assert first.returncode == 1
    asked = receiver.requests() - before
    assert asked <= 2, "one for each tenant at most, if both were on their way"
    second = squadron.run("post", "spacecz", "--now", NIGHT, timeout=30)
    assert second.returncode == 1
    assert "pause" in second.stdout
    assert receiver.requests() - before == asked
    assert receiver.texts() == Counter()


@BOTH
def test_schedule_posts_at_midnight_by_its_clock_and_ends_on_a_stop(
    tmp_path: Path, receiver: ReceiverProcess, state: dict[str, str], start: Runs
) -> None:
    squadron = make_squadron(tmp_path, receiver, state)
    twins = [start(squadron, "schedule", "--now", "2025-09-01T23:59:55Z") for _ in range(2)]
    database = state["STATE_DB_URI"]

    def settled() -> bool:
        with Ledger.open(database) as ledger:
            parts = ledger.history()
        return len(parts) >= 2 and all(part.state.settled for part in parts)

    wait_for(settled, 60)
    for run in twins:
        run.terminate()
    for run in twins:
        out, err = run.communicate(timeout=12)
        assert run.returncode == 0, out + err
        assert "Traceback" not in out + err
    with Ledger.open(database) as ledger:
        assert {(part.key.report, part.label) for part in ledger.history()} == {("daily", DAY)}
    assert sorted(receiver.texts().values()) == [1, 1]


def test_schedule_killed_while_posting_goes_on_where_it_was(
    tmp_path: Path, receiver: ReceiverProcess, start: Runs
) -> None:
    squadron = make_squadron(
        tmp_path, receiver, {"DISCORD_TOKEN": BOT_TOKEN, "LEASE_SECONDS": "1.5"}
    )
    with Ledger.open(f"sqlite:///{tmp_path}/data/state.db") as ledger:
        for tenant in ("squadron-0", "squadron-1"):
            ledger.first_seen(tenant, datetime(2025, 9, 1, 12, tzinfo=UTC))
    receiver.faults(script=[{"kind": "latency", "seconds": 0.8}] * 60)
    before = receiver.requests()
    for pause in (0.3, 1.2):
        run = start(squadron, "schedule", "--now", "2025-09-02T08:00:00Z")
        _wait_for_requests(receiver, receiver.requests() + 1)
        time.sleep(pause)
        run.kill()
        run.communicate(timeout=10)
    assert receiver.requests() > before
    receiver.faults()
    run = start(squadron, "schedule", "--now", "2025-09-02T08:00:00Z")
    wanted = sum((squadron.expected(r, NIGHT) for r in ("daily", "spacecz")), Counter())
    wait_for(lambda: not wanted - receiver.texts(), 40)
    run.terminate()
    run.communicate(timeout=12)
    assert run.returncode == 0
    assert receiver.texts() == wanted


def _wait_for_requests(receiver: ReceiverProcess, number: int) -> None:
    wait_for(lambda: receiver.requests() >= number, 40)
