"""What stands under a report: a menu, a pager, a button to post it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.periods import Period
from bot.reports.filters import Filters
from bot.ui.question import Question, Shown
from bot.ui.report_controls import PAGERS, controls, target_page

VIEW = "A" * 22


def drawn(
    page: int = 0,
    pages: int = 1,
    *,
    period: Period = Period.YESTERDAY,
    is_empty: bool = False,
    **facts: Any,
) -> list[list[dict[str, Any]]]:
    """The rows of components, as they are sent."""
    question = Question("spacecz", period, Filters(systems=("Secret Place",)))
    view = controls(VIEW, Shown(question, page, **facts), pages, is_empty=is_empty)
    assert view.is_finished(), "discord.py would keep it"
    rows: list[dict[str, Any]] = view.to_components()
    return [row["components"] for row in rows]


@pytest.mark.parametrize("period", Period)
async def test_the_menu_offers_every_period_and_marks_the_one_that_is_shown(
    period: Period,
) -> None:
    ((menu,),) = drawn(period=period)

    assert [option["label"] for option in menu["options"]] == [each.title for each in Period]
    marked = [option["value"] for option in menu["options"] if option.get("default")]
    assert marked == [period.value]


async def test_one_page_has_no_pager() -> None:
    assert len(drawn(pages=1)) == 1


@pytest.mark.parametrize(
    ("page", "off"),
    [
        (0, {"first", "back", "here"}),
        (1, {"here"}),
        (2, {"here", "next", "last"}),
    ],
)
async def test_the_pager_stops_at_its_ends(page: int, off: set[str]) -> None:
    _, pager = drawn(page, 3)

    assert [button["custom_id"].rpartition(":")[2] for button in pager] == list(PAGERS)
    assert {button["custom_id"].rpartition(":")[2] for button in pager if button["disabled"]} == off
    assert pager[2]["label"] == f"{page + 1}/3"


async def test_a_private_report_can_be_posted_once() -> None:
    _, (button,) = drawn(private=True)
    assert (button["label"], button["disabled"]) == ("Post to this channel", False)

    _, (button,) = drawn(private=True, posted=True)
    assert (button["label"], button["disabled"]) == ("Posted to this channel", True)


async def test_an_empty_report_or_a_public_one_has_nothing_to_post() -> None:
    assert len(drawn(private=True, is_empty=True)) == 1
    assert len(drawn(private=False)) == 1


async def test_a_custom_id_names_its_view_and_nothing_else() -> None:
    ids = [part["custom_id"] for row in drawn(1, 3, private=True) for part in row]

    assert len(ids) == len(set(ids)) == 7
    for custom_id in ids:
        prefix, action = custom_id.rsplit(":", 1)
        assert prefix == f"bgs:v:{VIEW}"
        assert action.isalpha()


@given(st.sampled_from([*PAGERS, "period"]), st.integers(0, 50), st.integers(1, 20))
def test_a_button_leads_to_a_page_that_there_is(action: str, page: int, pages: int) -> None:
    target = target_page(action, page, pages)

    assert 0 <= target < pages
    if action == "next":
        assert target == min(page + 1, pages - 1)
    if action == "back":
        assert target == min(max(page - 1, 0), pages - 1)
    if action == "first":
        assert target == 0
    if action == "last":
        assert target == pages - 1
