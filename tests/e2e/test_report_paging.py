"""Paging through a long report."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.faults import Fault, FaultKind
from bot.sandbox.players import PlayerError
from tests.e2e.looking import (
    content_of,
    id_of,
    marked_period,
    note_of,
    parts_of,
    reference_in,
    title_of,
    words_of,
)
from tests.e2e.pressing import ask, choose, press, settle_many

if TYPE_CHECKING:
    from tests.e2e.stage import Stage


async def test_buttons_page_through_a_long_report(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        pages = int(parts_of(message)["here"]["label"].partition("/")[2])
        assert pages > 2
        seen_systems = set()
        for page in range(1, pages + 1):
            assert title_of(message).endswith(f"({page}/{pages})")
            assert parts_of(message)["here"]["label"] == f"{page}/{pages}"
            seen_systems |= {name for name in _systems() if name in words_of(message)}
            if page < pages:
                await press(stage, message, "next")
        assert len(seen_systems) == 600
        for action, page in (("back", pages - 1), ("first", 1), ("last", pages)):
            await press(stage, message, action)
            assert title_of(message).endswith(f"({page}/{pages})")


async def test_there_is_no_way_beyond_the_ends(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        for action in ("first", "back", "here"):
            with pytest.raises(PlayerError, match="disabled"):
                await press(stage, message, action)
        await press(stage, message, "back", force=True)
        assert "(1/" in title_of(message)

        await press(stage, message, "last")
        assert {name for name, part in parts_of(message).items() if part["disabled"]} == {
            "here",
            "next",
            "last",
        }


async def test_another_period_begins_at_its_first_page(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        await press(stage, message, "last")
        await choose(stage, message, "lt")
        await choose(stage, message, "all")

        assert "(1/" in title_of(message)


async def test_a_report_that_shrank_meanwhile_shows_its_last_page(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        await press(stage, message, "last")
    settle_many(stage, systems=250)
    async with stage.bot():
        await press(stage, message, "back")

    page, _, pages = parts_of(message)["here"]["label"].partition("/")
    assert page == pages


async def test_pages_of_one_report_fit_together_while_events_arrive(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        settle_many(stage, systems=10)
        await press(stage, message, "next")

        assert "(2/" in title_of(message)


async def test_of_presses_at_once_one_counts_wholly(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot() as bot:
        message = await ask(stage)
        view_id = id_of(message, "period").split(":")[2]
        for period in ("all", "ld", "lw", "ld"):
            seen = await asyncio.gather(
                *(press(stage, message, "next", force=True) for _ in range(2)),
                press(stage, message, "last", force=True),
                choose(stage, message, period),
            )
            assert all(view.kind == "update" for view in seen)

            stored = bot.runtime.guilds.view(view_id)
            assert stored is not None
            assert stored.state["period"] == marked_period(message)
            pager = parts_of(message).get("here", {"label": "1/1"})
            assert pager["label"].startswith(f"{stored.state['page'] + 1}/")


async def test_a_change_that_discord_refuses_is_not_kept(stage: Stage) -> None:
    settle_many(stage)
    async with stage.bot():
        message = await ask(stage)
        plan = stage.sandbox.faults_for("original")
        plan.script([Fault(FaultKind.STATUS, status=400)])
        failed = await press(stage, message, "next")
        reference_in(content_of(note_of(failed)))
        assert "(1/" in title_of(message)

        await press(stage, message, "next")
        assert "(2/" in title_of(message)


def _systems() -> list[str]:
    return [f"Lupus {index:03}" for index in range(600)]
