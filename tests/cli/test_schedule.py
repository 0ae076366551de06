"""``schedule``: the nightly posts, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.cli.commands import Home, finish, until

if TYPE_CHECKING:
    from bot.sandbox.receiver import Receiver


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_runs_until_a_signal_and_ends_well(
    home: Home, receiver: Receiver, number: signal.Signals
) -> None:
    process = await home.start("schedule", "--now", "2025-09-12T12:00:00Z")
    assert process.stderr is not None
    seen = ""
    while "Waiting for midnight" not in seen:
        seen += (await asyncio.wait_for(process.stderr.readline(), 60)).decode()
    process.send_signal(number)
    ended = await finish(process)
    assert ended.status == 0
    assert "Traceback" not in seen + ended.err
    assert receiver.arrivals == []


async def test_midnight_by_its_clock_posts_the_day_that_ended(
    home: Home, receiver: Receiver
) -> None:
    process = await home.start("schedule", "--now", "2025-09-11T23:59:56Z")
    await until(lambda: receiver.messages)
    process.terminate()
    assert (await finish(process)).status == 0
    assert "Ada" in str(receiver.messages[0].payload)


async def test_a_night_that_fails_is_one_line_with_its_action(
    home: Home, receiver: Receiver
) -> None:
    process = await home.start("schedule", "--now", "2025-09-11T23:59:50Z")
    assert process.stderr is not None
    seen = ""
    while "night_failed" not in seen:
        line = (await asyncio.wait_for(process.stderr.readline(), 60)).decode()
        if "Waiting for midnight" in line:
            with closing(sqlite3.connect(home.folder / "data" / "state.db")) as connection:
                connection.execute("ALTER TABLE bgsbot_part RENAME TO elsewhere")
        seen += line
    process.terminate()
    ended = await finish(process)
    assert ended.status == 0
    assert "failed: state database" in seen
    assert "Traceback" not in seen + ended.err


async def test_a_fault_at_the_start_is_one_sentence(home: Home) -> None:
    (home.folder / "data").write_text("a file where a folder should be")
    ended = await home.run("schedule")
    assert ended.status == 1
    assert "Error: " in ended.err
    assert "Traceback" not in ended.err
