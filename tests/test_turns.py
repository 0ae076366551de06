"""Turns: few at a time, a tenant's own trouble is nobody else's."""

from __future__ import annotations

import asyncio

import pytest

from bot.turns import Turns


class Work:
    """Work that goes on until it is let go, and says that it has begun."""

    def __init__(self, turns: Turns, tenant: str) -> None:
        self.begun = asyncio.Event()
        self.end = asyncio.Event()
        self.task = asyncio.create_task(self._do(turns, tenant))

    async def _do(self, turns: Turns, tenant: str) -> None:
        async with turns.turn(tenant):
            self.begun.set()
            await self.end.wait()


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def finish(*works: Work) -> None:
    for work in works:
        work.end.set()
        await asyncio.wait_for(work.task, 60)


async def test_only_so_many_are_at_work() -> None:
    turns = Turns(2, of_one=2, patience=600)
    works = [Work(turns, tenant) for tenant in "abc"]
    await settle()
    assert [work.begun.is_set() for work in works] == [True, True, False]
    await finish(works[0])
    await asyncio.wait_for(works[2].begun.wait(), 60)
    await finish(*works)


async def test_one_tenant_leaves_room_for_the_others() -> None:
    turns = Turns(3, of_one=2, patience=600)
    works = [Work(turns, tenant) for tenant in "aaab"]
    await settle()
    assert [work.begun.is_set() for work in works] == [True, True, False, True]
    await finish(*works)


async def test_work_that_takes_long_lets_the_next_begin_beside_it() -> None:
    turns = Turns(1, of_one=1, patience=0.01)
    works = [Work(turns, tenant) for tenant in "abcd"]
    for work in works:
        await asyncio.wait_for(work.begun.wait(), 60)
    assert not any(work.task.done() for work in works)
    await finish(*works)


async def test_a_place_that_was_left_early_is_left_once() -> None:
    turns = Turns(1, of_one=2, patience=0.01)
    first, second = Work(turns, "a"), Work(turns, "b")
    await asyncio.wait_for(second.begun.wait(), 60)
    await finish(first, second)
    patient = Turns(1, of_one=2, patience=600)
    works = [Work(patient, tenant) for tenant in "ab"]
    await settle()
    assert [work.begun.is_set() for work in works] == [True, False]
    await finish(*works)


async def test_whoever_stops_waiting_or_fails_leaves_the_place() -> None:
    turns = Turns(1, of_one=1, patience=600)
    holder, waiter = Work(turns, "a"), Work(turns, "b")
    await settle()
    waiter.task.cancel()
    await settle()
    await finish(holder)

    async def fail() -> None:
        async with turns.turn("a"):
            raise ValueError("broken")

    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            await asyncio.wait_for(fail(), 60)
