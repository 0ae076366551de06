"""A process killed at any moment, many times, beside a Discord that misbehaves."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING

import pytest

from bot.delivery.ledger import Ledger
from tests.integration.night import BOT_TOKEN, ReceiverProcess, make_squadron, nights, wait_until
from tests.servers import fresh_database

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.night import Squadron

KILLS = 50
KILLS_A_NIGHT = 5
LEASE = {"LEASE_SECONDS": "1.5", "LOG_LEVEL": "DEBUG"}


@pytest.fixture
def receiver() -> Iterator[ReceiverProcess]:
    process = ReceiverProcess("--no-limits")
    yield process
    process.close()


def run_with_kills(
    squadron: Squadron,
    receiver: ReceiverProcess,
    rng: random.Random,
    *,
    wanted: int = KILLS,
    at_once: int = 1,
) -> Iterator[tuple[Counter[str], Counter[str]]]:
    """Yield, night by night, what should have arrived and what did."""
    kills = 0
    for night in nights():
        if kills >= wanted:
            return
        before = receiver.texts()
        receiver.faults(random={"seed": rng.randrange(10**6), "rate": 0.4, "hang_seconds": 2})
        for _ in range(KILLS_A_NIGHT):
            command = ("post", "spacecz", "--now", night)
            processes = [squadron.start(*command) for _ in range(at_once)]
            for process in processes:
                wait_until(rng.uniform(0.5, 2.5) / at_once)
                process.send_signal(signal.SIGKILL)
                kills += process.wait(10) == -signal.SIGKILL
        receiver.faults()
        done = squadron.run("post", "spacecz", "--now", night)
        assert done.returncode == 0, done.stdout + done.stderr
        yield squadron.expected("spacecz", night), receiver.texts() - before
    raise AssertionError(f"only {kills} of {wanted} kills hit a running process")


@pytest.mark.timeout(900)
def test_with_a_token_nothing_arrives_twice_and_nothing_is_lost(
    tmp_path: Path, receiver: ReceiverProcess
) -> None:
    squadron = make_squadron(tmp_path, receiver, {**LEASE, "DISCORD_TOKEN": BOT_TOKEN})
    for expected, arrived in run_with_kills(squadron, receiver, random.Random(1)):
        assert sum(expected.values()) >= 6, "a night should take several messages"
        assert arrived == expected


@pytest.mark.timeout(900)
def test_without_a_token_only_parts_in_doubt_arrive_twice(
    tmp_path: Path, receiver: ReceiverProcess
) -> None:
    squadron = make_squadron(tmp_path, receiver, LEASE)
    extra = 0
    for expected, arrived in run_with_kills(squadron, receiver, random.Random(2)):
        assert set(arrived) == set(expected), "nothing is lost, nothing unknown is sent"
        extra += sum((arrived - expected).values())
    with Ledger.open(f"sqlite:///{tmp_path}/data/state.db") as ledger:
        told = ledger.totals().resent_in_doubt
    assert extra <= told, "the ledger tells every part that was sent again in doubt"


@pytest.mark.parametrize("backend_name", ["postgresql"], indirect=True)
@pytest.mark.timeout(300)
def test_two_processes_on_one_server_killed_in_turn_send_each_part_once(
    tmp_path: Path, receiver: ReceiverProcess, backend_name: str
) -> None:
    with fresh_database(backend_name, tmp_path, patience=30) as uri:
        settings = {**LEASE, "DISCORD_TOKEN": BOT_TOKEN, "STATE_DB_URI": uri}
        squadron = make_squadron(tmp_path, receiver, settings, tenants=3)
        rng = random.Random(3)
        for expected, arrived in run_with_kills(squadron, receiver, rng, wanted=15, at_once=2):
            assert sum(expected.values()) >= 9, "a night should take several messages"
            assert arrived == expected
