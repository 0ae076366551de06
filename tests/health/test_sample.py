"""What blocks is asked once at a time, seldom, and not waited for."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from bot.health.sample import Sample
from bot.threads import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Iterator


class Question:
    """A question that blocks until it may be answered, on a clock of its own."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = threading.Event()
        self.error: Exception | None = None
        self.now = 100.0
        self.takes = 0.0

    def __call__(self) -> int:
        self.asked += 1
        assert self.may_answer.wait(30)
        self.now += self.takes
        if self.error is not None:
            raise self.error
        return self.asked

    @contextmanager
    def sample(self, *, keep: float = 10.0, rest: float = 0.0) -> Iterator[Sample[int]]:
        """Sample it, in a pool that ends with the block."""
        pool = WorkerPool(2, "sample")
        try:
            yield Sample(self, pool, keep=keep, rest=rest, monotonic=lambda: self.now)
        finally:
            self.may_answer.set()
            pool.shutdown()


async def test_many_who_want_to_know_ask_once() -> None:
    question = Question()
    with question.sample() as sample:
        waiting = [asyncio.create_task(sample.fresh(30)) for _ in range(5)]
        await asyncio.sleep(0)
        question.may_answer.set()
        assert await asyncio.gather(*waiting) == [1] * 5
        assert await sample.fresh(30) == 1, "it is kept"
        question.now += 10
        assert await sample.fresh(30) == 2


async def test_whoever_comes_while_it_hangs_does_not_wait_anew() -> None:
    question = Question()
    with question.sample() as sample:
        with pytest.raises(TimeoutError):
            await sample.fresh(0.05)
        question.now += 100
        with pytest.raises(TimeoutError):
            await sample.fresh(99)
        assert question.asked == 1
        assert not sample.answered


async def test_a_failure_is_told_and_the_last_answer_kept() -> None:
    question = Question()
    question.may_answer.set()
    with question.sample() as sample:
        assert await sample.fresh(30) == 1
        question.error = ValueError("no")
        question.now += 10
        with pytest.raises(ValueError, match="no"):
            await sample.fresh(30)
        assert (sample.last, sample.failed, sample.answered) == (1, True, True)


async def test_what_takes_long_is_left_alone_for_long() -> None:
    question = Question()
    question.may_answer.set()
    question.takes = 2.0
    with question.sample(keep=1, rest=50) as sample:
        assert await sample.fresh(30) == 1
        question.now += 99
        assert await sample.fresh(30) == 1
        question.now += 1
        assert await sample.fresh(30) == 2
