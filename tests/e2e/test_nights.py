"""The nightly posts of the real bot, on a clock that the tests move."""

from __future__ import annotations

import asyncio
import datetime
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from bot.sandbox.faults import Fault, FaultKind
from tests.e2e.stage import squadron_of, until

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from bot.client import ReportBot
    from bot.sandbox.server import Sandbox
    from tests.e2e.stage import Pack, Stage

EVENING = datetime.datetime(2025, 9, 11, 22, tzinfo=UTC)
MIDNIGHT = datetime.datetime(2025, 9, 12, tzinfo=UTC)
REPORTS = ("daily", "spacecz", "groundcz")


def reporting(bot: ReportBot) -> Any:
    """The cog with the loops."""
    return bot.get_cog("Reporting")


async def live_through_midnight(stage: Stage, bot: ReportBot) -> None:
    """Let the three loops run at their minutes."""
    for minute, report in enumerate(REPORTS):
        stage.clock.now = MIDNIGHT + timedelta(minutes=minute)
        await getattr(reporting(bot), report)()


def titles(sandbox: Sandbox, pack: Pack) -> Counter[str]:
    """What was posted by a squadron's webhook, by title."""
    return Counter(
        message.body["embeds"][0]["title"].partition(" · ")[0][2:]
        for message in sandbox.messages
        if message.webhook_id == pack.hook.id
    )


WHOLE_NIGHT = Counter({"Daily Summary": 1, "Space CZ Summary": 1, "Ground CZ Summary": 1})


async def test_the_loops_run_at_midnight_and_a_minute_apart(stage: Stage) -> None:
    async with stage.bot() as bot:
        stage_clock_is_behind = bot.clock() - bot.real()
        for minute, report in enumerate(REPORTS):
            loop = getattr(reporting(bot), report)
            assert loop.is_running()
            (at,) = loop.time
            shown = datetime.datetime.combine(datetime.date(2025, 1, 2), at)
            wall = shown + stage_clock_is_behind
            assert abs(wall.minute * 60 + wall.second - 60 * minute) <= 5 or wall.minute == 59
        assert reporting(bot).sweep.seconds == 60


async def test_each_report_is_posted_once_whatever_the_clock_does(
    stage: Stage, sandbox: Sandbox
) -> None:
    stage.clock.now = EVENING
    async with stage.bot() as bot:
        await live_through_midnight(stage, bot)
        stage.clock.now = EVENING + timedelta(minutes=90)
        await bot.keeper.sweep()
        await live_through_midnight(stage, bot)
        await bot.keeper.sweep()
    async with stage.bot() as bot:
        await bot.keeper.sweep()
        await live_through_midnight(stage, bot)
    for pack in (stage.wolves, stage.foxes):
        assert titles(sandbox, pack) == WHOLE_NIGHT


async def test_two_bots_on_one_ledger_post_once(stage: Stage, sandbox: Sandbox) -> None:
    stage.clock.now = EVENING
    async with stage.bot() as one, stage.bot() as two:
        await live_through_midnight(stage, one)
        await live_through_midnight(stage, two)
    assert titles(sandbox, stage.wolves) == WHOLE_NIGHT


async def test_a_night_that_was_slept_through_is_posted_by_the_sweep(
    stage: Stage, sandbox: Sandbox
) -> None:
    stage.clock.now = EVENING
    async with stage.bot() as bot:
        await bot.keeper.sweep()  # the tenants were seen in the evening, before the night
        stage.clock.now = MIDNIGHT + timedelta(hours=7)
        # A tenant with which the sweep at the start is still busy is left to the next one.
        async with asyncio.timeout(20):
            while titles(sandbox, stage.wolves) != WHOLE_NIGHT:
                await reporting(bot).sweep()
    assert titles(sandbox, stage.wolves) == WHOLE_NIGHT


async def test_nights_missed_while_the_bot_was_down_come_at_start_oldest_first(
    stage: Stage, sandbox: Sandbox
) -> None:
    stage.clock.now = EVENING
    async with stage.bot():
        pass
    stage.clock.now = MIDNIGHT + timedelta(hours=30)
    squadron_of("Wolf", "Lupus", days=("2025-09-11", "2025-09-12")).replace(
        str(stage.wolves.entry["db_uri"])
    )
    async with stage.bot():
        await until(lambda: titles(sandbox, stage.wolves).total() == 6)
    labels = [
        message.body["embeds"][0]["title"].rpartition(" · ")[2]
        for message in sandbox.messages
        if message.webhook_id == stage.wolves.hook.id
    ]
    assert labels == ["2025-09-11"] * 3 + ["2025-09-12"] * 3


async def test_the_gateway_may_be_gone_at_midnight(stage: Stage, sandbox: Sandbox) -> None:
    stage.clock.now = EVENING
    async with stage.bot() as bot:
        sandbox.gateway.drop(1006)
        await live_through_midnight(stage, bot)
        assert titles(sandbox, stage.wolves) == WHOLE_NIGHT


async def test_a_database_that_is_down_for_a_while_is_tried_until_it_is_back(
    stage: Stage, sandbox: Sandbox
) -> None:
    stage.clock.now = EVENING
    database, away = stage.folder / "wolves.db", stage.folder / "away"
    async with stage.bot() as bot:
        database.rename(away)
        await live_through_midnight(stage, bot)
        assert titles(sandbox, stage.foxes) == WHOLE_NIGHT, "one's trouble is not the other's"
        assert bot.keeper.scheduler.get_job("retry") is not None
        away.rename(database)
        await until(lambda: titles(sandbox, stage.wolves) == WHOLE_NIGHT, 40)


async def test_a_state_database_that_is_broken_is_one_line_each_time(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.clock.now = EVENING
    state = stage.folder / "state.db"
    async with stage.bot() as bot:
        upkeep: Any = bot.get_cog("Upkeep")
        execute(state, "ALTER TABLE bgsbot_part RENAME TO elsewhere")
        execute(state, "ALTER TABLE bgsbot_guild_link RENAME TO elsewhere_too")
        caplog.clear()
        await reporting(bot).sweep()
        await upkeep.load_links()
        told = caplog.text
        execute(state, "ALTER TABLE elsewhere_too RENAME TO bgsbot_guild_link")
        execute(state, "ALTER TABLE elsewhere RENAME TO bgsbot_part")
    assert "Traceback" not in told
    assert "sweep failed: state database" in told
    assert "Reading the links failed and is tried again later: state database" in told


def execute(database: Path, statement: str) -> None:
    """Change a database behind everybody's back."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(statement)


async def test_a_loop_that_is_lost_is_started_again(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot() as bot:
        reporting(bot).daily.cancel()
        await until(lambda: not reporting(bot).daily.is_running())
        await reporting(bot).sweep()
        assert reporting(bot).daily.is_running()
    assert "The loop daily had ended" in caplog.text


async def test_the_loops_reckon_anew_when_the_clock_was_set(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot() as bot:
        cog = reporting(bot)
        loops = [getattr(cog, report) for report in REPORTS]
        before = [loop.get_task() for loop in loops]
        await cog.sweep()
        assert [loop.get_task() for loop in loops] == before
        stage.real.advance(hours=-1)
        await cog.sweep()
        assert all(loop.is_running() for loop in loops)
        assert not {loop.get_task() for loop in loops} & set(before)
    assert "The clock was set back by 1:00:00" in caplog.text
    assert "had ended" not in caplog.text


async def test_the_sweep_ends_with_its_cog_and_begins_with_the_next(stage: Stage) -> None:
    async with stage.bot() as bot:
        old = reporting(bot).sweep
        assert old.is_running()
        await bot.reload_extension("cogs.reporting")
        await until(lambda: not old.is_running())
        assert reporting(bot).sweep.is_running()


async def test_an_answer_that_got_lost_is_looked_up_and_nothing_comes_twice(
    stage: Stage, sandbox: Sandbox
) -> None:
    stage.clock.now = EVENING
    async with stage.bot() as bot:
        sandbox.faults.script(
            [
                Fault(FaultKind.RESET, accepted=True),
                Fault(FaultKind.STATUS, status=502, accepted=True),
                Fault(FaultKind.TRUNCATE, accepted=True),
                Fault(FaultKind.RESET),
            ]
        )
        await live_through_midnight(stage, bot)
        await until(
            lambda: all(
                titles(sandbox, pack) == WHOLE_NIGHT for pack in (stage.wolves, stage.foxes)
            ),
            40,
        )
        await bot.keeper.sweep()
    assert titles(sandbox, stage.wolves) == titles(sandbox, stage.foxes) == WHOLE_NIGHT
