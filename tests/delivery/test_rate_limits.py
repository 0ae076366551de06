"""When the next request may go out."""

from __future__ import annotations

import asyncio

from bot.delivery.outcomes import Scope
from bot.delivery.rate_limits import Hold, RateLimits
from tests.sandbox.helping import Clock


def limits_on(clock: Clock, **more: int) -> RateLimits:
    return RateLimits(clock=clock, sleep=clock.sleep, **more)


async def test_nothing_waits_where_nothing_is_known() -> None:
    clock = Clock()
    async with limits_on(clock).admit("a", 0.0) as hold:
        assert hold is None
    assert clock.slept == []


async def test_a_pause_is_slept_through_to_its_end() -> None:
    clock = Clock()
    limits = limits_on(clock)
    limits.pause("a", Scope.WEBHOOK, 12.0)
    async with limits.admit("a", 12.0) as hold:
        assert hold is None
    assert clock.slept == [12.0]


async def test_a_pause_longer_than_allowed_is_told_at_once() -> None:
    clock = Clock()
    limits = limits_on(clock)
    limits.pause("a", Scope.WEBHOOK, 12.0)
    async with limits.admit("a", 11.9) as hold:
        assert hold == Hold(12.0, Scope.WEBHOOK)
    assert clock.slept == []


async def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    clock = Clock()
    limits = limits_on(clock)
    limits.pause("a", Scope.WEBHOOK, 12.0)
    limits.pause("a", Scope.WEBHOOK, 1.0)
    assert limits.hold("a") == Hold(12.0, Scope.WEBHOOK)


async def test_a_webhooks_pause_is_its_own() -> None:
    limits = limits_on(Clock())
    limits.pause("a", Scope.WEBHOOK, 12.0)
    assert limits.hold("b") is None


async def test_a_channels_pause_holds_its_webhooks_also_those_learnt_later() -> None:
    limits = limits_on(Clock())
    limits.learn_channel("a", "7")
    limits.learn_channel("b", "7")
    limits.learn_channel("c", "8")
    limits.pause("a", Scope.CHANNEL, 40.0)
    limits.learn_channel("d", "7")
    assert [limits.hold(key) for key in "abcd"] == [
        Hold(40.0, Scope.CHANNEL),
        Hold(40.0, Scope.CHANNEL),
        None,
        Hold(40.0, Scope.CHANNEL),
    ]


async def test_a_channel_that_is_not_known_pauses_the_webhook_alone() -> None:
    limits = limits_on(Clock())
    limits.pause("a", Scope.CHANNEL, 40.0)
    assert limits.hold("a") == Hold(40.0, Scope.WEBHOOK)
    assert limits.hold("b") is None


async def test_global_and_address_pauses_hold_everything() -> None:
    limits = limits_on(Clock())
    limits.pause("a", Scope.GLOBAL, 1.0)
    limits.pause("a", Scope.ADDRESS, 600.0)
    assert limits.hold("b") == Hold(600.0, Scope.ADDRESS)


async def test_callers_of_one_key_enter_one_at_a_time_and_in_order() -> None:
    limits = limits_on(Clock())
    seen: list[str] = []

    async def enter(name: str) -> None:
        async with limits.admit("a", 1.0):
            seen.append(f"{name} in")
            await asyncio.sleep(0)
            seen.append(f"{name} out")

    await asyncio.gather(*map(enter, "xyz"))
    assert seen == ["x in", "x out", "y in", "y out", "z in", "z out"]


async def test_only_so_many_keys_are_served_at_a_time() -> None:
    limits = limits_on(Clock(), at_once=2)
    inside = most = 0

    async def enter(key: str) -> None:
        nonlocal inside, most
        async with limits.admit(key, 1.0):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*map(enter, "abcdef"))
    assert most == 2


async def test_a_pause_that_begins_while_others_are_served_holds_who_waits() -> None:
    clock = Clock()
    limits = limits_on(clock, at_once=1)

    async def first() -> None:
        async with limits.admit("a", 1.0):
            await asyncio.sleep(0)
            limits.pause("a", Scope.GLOBAL, 5.0)

    async def second() -> float:
        async with limits.admit("b", 60.0) as hold:
            assert hold is None
            return clock()

    _, entered = await asyncio.gather(first(), second())
    assert entered == 1005.0


async def test_a_turn_that_comes_too_late_is_told() -> None:
    clock = Clock()
    limits = limits_on(clock)

    async def first() -> None:
        async with limits.admit("a", 1.0):
            await asyncio.sleep(0)
            clock.now += 10.0
            limits.pause("a", Scope.WEBHOOK, 3.0)

    async def second() -> Hold | None:
        async with limits.admit("a", 12.0) as hold:
            return hold

    _, hold = await asyncio.gather(first(), second())
    assert hold == Hold(3.0, Scope.WEBHOOK)


async def test_who_is_cancelled_while_waiting_leaves_the_turn_free() -> None:
    limits = limits_on(Clock())
    entered = asyncio.Event()

    async def stay() -> None:
        async with limits.admit("a", 1.0):
            entered.set()
            await asyncio.Event().wait()

    async def queue() -> None:
        async with limits.admit("a", 1.0):
            pass

    holder = asyncio.create_task(stay())
    await entered.wait()
    waiting = asyncio.create_task(queue())
    await asyncio.sleep(0)
    for task in (waiting, holder):
        task.cancel()
    await asyncio.gather(holder, waiting, return_exceptions=True)
    async with limits.admit("a", 1.0) as hold:
        assert hold is None


def test_limits_may_be_made_in_one_loop_after_another() -> None:
    async def use() -> None:
        async with RateLimits().admit("a", 1.0) as hold:
            assert hold is None

    asyncio.run(use())
    asyncio.run(use())
