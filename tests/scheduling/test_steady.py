"""What goes on whatever becomes of the wall clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.scheduling.steady import Jumps, Ticker, tell_jump

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EVENING = datetime(2025, 9, 11, 22, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Clocks:
    """A wall clock that can be set, and one that nobody sets."""

    def __init__(self) -> None:
        self.wall, self.monotonic = EVENING, 100.0

    def pass_by(self, seconds: float) -> None:
        """Let time pass, on both."""
        self.wall += timedelta(seconds=seconds)
        self.monotonic += seconds


class Work:
    """Counts how often it was done; may fail, or be cut off."""

    def __init__(self) -> None:
        self.done = 0
        self.errors: list[BaseException] = []
        self.more = asyncio.Condition()

    async def __call__(self) -> None:
        async with self.more:
            self.done += 1
            self.more.notify_all()
        if self.errors:
            raise self.errors.pop()

    async def until(self, times: int) -> None:
        """Wait until it was done so often."""
        async with asyncio.timeout(20), self.more:
            await self.more.wait_for(lambda: self.done >= times)


@pytest.fixture
async def work() -> Work:
    return Work()


@pytest.fixture
async def ticker(work: Work) -> AsyncIterator[Ticker]:
    ticker = Ticker(work, 0.02, name="sweep")
    yield ticker
    ticker.cancel()


async def test_it_is_done_at_once_and_again_until_it_is_cancelled(
    work: Work, ticker: Ticker
) -> None:
    assert not ticker.is_running()
    ticker.start()
    ticker.start()  # once is enough
    await work.until(3)
    assert ticker.is_running()
    ticker.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not ticker.is_running()


async def test_what_goes_wrong_is_logged_and_does_not_end_it(
    work: Work, ticker: Ticker, caplog: pytest.LogCaptureFixture
) -> None:
    work.errors = [OSError("disk gone"), RuntimeError("out of order"), asyncio.CancelledError()]
    ticker.start()
    await work.until(5)
    assert ticker.is_running()
    assert "The sweep failed: disk gone" in caplog.text
    assert "The sweep failed: out of order" in caplog.text


async def test_a_ticker_that_was_cancelled_can_begin_anew(work: Work, ticker: Ticker) -> None:
    ticker.start()
    await work.until(1)
    ticker.cancel()
    await asyncio.sleep(0.01)
    before = work.done
    ticker.start()
    await work.until(before + 2)


def test_time_that_passes_is_no_jump() -> None:
    clocks = Clocks()
    jumps = Jumps(lambda: clocks.wall, lambda: clocks.monotonic)
    for _ in range(100):
        clocks.pass_by(60)
        assert jumps.noticed() is None


@pytest.mark.parametrize("moved", [-HOUR, HOUR, 400 * 24 * HOUR, timedelta(seconds=-5)])
def test_a_clock_that_was_set_is_noticed_once(moved: timedelta) -> None:
    clocks = Clocks()
    jumps = Jumps(lambda: clocks.wall, lambda: clocks.monotonic)
    clocks.pass_by(60)
    clocks.wall += moved
    assert jumps.noticed() == moved
    clocks.pass_by(60)
    assert jumps.noticed() is None


def test_many_small_steps_are_noticed_as_a_large_one() -> None:
    clocks = Clocks()
    jumps = Jumps(lambda: clocks.wall, lambda: clocks.monotonic)
    noticed = []
    for _ in range(8):
        clocks.pass_by(60)
        clocks.wall -= timedelta(seconds=0.5)
        noticed.append(jumps.noticed())
    assert [each for each in noticed if each] == [timedelta(seconds=-2)] * 2


def test_a_jump_is_told_in_words() -> None:
    assert tell_jump(-HOUR) == "was set back by 1:00:00"
    assert tell_jump(timedelta(days=2, seconds=0.6)).startswith(
        "was set forward by 2 days, 0:00:01"
    )
