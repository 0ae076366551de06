"""Reports drawn for replies, and how long they are remembered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given

from bot.periods import Period
from bot.rendering.messages import Message
from bot.reports.filters import Filters
from bot.reports.results import CzResult, Result
from bot.tenants import Tenant
from bot.ui.question import Question
from bot.ui.report_sheets import Sheet, SheetMemory, draw
from tests.rendering import judge, samples
from tests.rendering.hostile import NOW, hostile_names, results
from tests.ui.test_cooldown import Ticks

WOLVES = Tenant("wolves", "Wolves", "sqlite://", Path())
ASKED = Question("spacecz", Period.YESTERDAY)


def sheet(pages: int = 1) -> Sheet:
    return Sheet(tuple(Message(content=f"page {page}") for page in range(pages)))


@given(results, hostile_names, hostile_names)
def test_every_page_of_any_report_is_a_message_that_discord_takes(
    result: Result, tenant: str, system: str
) -> None:
    question = Question(result.report, Period.YESTERDAY, Filters(systems=(system,)))
    pages = draw(replace(WOLVES, name=tenant), question, result, NOW).pages

    assert pages
    for page in pages:
        assert judge.faults(page.payload()) == []
        assert judge.kinds(page.content or "") == {"subtext"}


def test_a_report_is_drawn_as_embeds_whatever_the_nights_are_like() -> None:
    drawn = draw(WOLVES, Question("daily", Period.YESTERDAY), samples.DAILY, NOW)

    (page,) = drawn.pages
    assert page.content is None
    assert page.embeds[0].author.name == "Wolves"
    assert not drawn.is_empty


def test_an_empty_report_is_a_page_that_says_so() -> None:
    drawn = draw(WOLVES, ASKED, CzResult("spacecz", samples.YESTERDAY, ()), NOW)

    assert drawn.is_empty
    (page,) = drawn.pages
    assert page.embeds == ()
    assert "2025-09-12" in (page.content or "")


def test_pages_are_found_for_the_same_question_of_the_same_tenant_only() -> None:
    memory = SheetMemory(Ticks())
    kept = sheet()
    memory.keep("view", WOLVES, ASKED, kept)

    assert memory.find("view", WOLVES, ASKED) is kept
    assert memory.find("other", WOLVES, ASKED) is None
    assert memory.find("view", WOLVES, replace(ASKED, period=Period.TODAY)) is None
    assert memory.find("view", replace(WOLVES, db_uri="sqlite:///x"), ASKED) is None
    assert memory.find("view", replace(WOLVES, id="kestrel"), ASKED) is None


def test_pages_are_forgotten_after_their_time() -> None:
    clock = Ticks()
    memory = SheetMemory(clock, seconds=10)
    memory.keep("old", WOLVES, ASKED, sheet())
    clock.now += 10
    assert memory.find("old", WOLVES, ASKED) is None
    memory.keep("new", WOLVES, ASKED, sheet())

    assert len(memory) == 1


def test_the_oldest_pages_make_room_for_new_ones() -> None:
    memory = SheetMemory(Ticks(), most_pages=10)
    for name in "abc":
        memory.keep(name, WOLVES, ASKED, sheet(4))

    assert len(memory) == 8
    assert memory.find("a", WOLVES, ASKED) is None
    assert memory.find("c", WOLVES, ASKED) is not None


def test_a_view_that_shows_something_else_counts_once() -> None:
    memory = SheetMemory(Ticks(), most_pages=10)
    for _ in range(5):
        memory.keep("view", WOLVES, ASKED, sheet(4))

    assert len(memory) == 4


def test_a_report_beyond_all_bounds_is_not_kept() -> None:
    memory = SheetMemory(Ticks(), most_pages=10)
    memory.keep("view", WOLVES, ASKED, sheet(11))

    assert len(memory) == 0
    assert memory.find("view", WOLVES, ASKED) is None
