"""The menu and the buttons under a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.periods import Period
from bot.ui.router import stored_id

if TYPE_CHECKING:
    from bot.ui.question import Shown

PERIOD = "period"
POST = "post"
FIRST, BACK, HERE, NEXT, LAST = PAGERS = ("first", "back", "here", "next", "last")


def controls(view_id: str, shown: Shown, pages: int, *, is_empty: bool) -> discord.ui.View:
    """Return what stands under one page of a report.

    Parameters
    ----------
    pages
        How many there are; one has nothing to page through.
    is_empty
        Whether the report has nothing in it that could be posted.
    """
    view = discord.ui.View(timeout=None)
    view.add_item(_period_menu(view_id, shown.question.period))
    if pages > 1:
        _add_pager(view, view_id, shown.page, pages)
    if shown.private and not is_empty:
        view.add_item(_post_button(view_id, posted=shown.posted))
    # Presses come by way of the router; discord.py is not to keep the view.
    view.stop()
    return view


def target_page(action: str, page: int, pages: int) -> int:
    """Return the page that a button leads to; there are at least one."""
    targets = {FIRST: 0, BACK: page - 1, NEXT: page + 1, LAST: pages - 1}
    return max(0, min(targets.get(action, page), pages - 1))


def _period_menu(view_id: str, current: Period) -> discord.ui.Select[discord.ui.View]:
    return discord.ui.Select(
        custom_id=stored_id(view_id, PERIOD),
        placeholder="Another period",
        options=[
            discord.SelectOption(label=period.title, value=period.value, default=period is current)
            for period in Period
        ],
        row=0,
    )


def _add_pager(view: discord.ui.View, view_id: str, page: int, pages: int) -> None:
    at_start, at_end = page == 0, page >= pages - 1
    for label, action, is_off in (
        ("⏮", FIRST, at_start),
        ("◀", BACK, at_start),
        (f"{page + 1}/{pages}", HERE, True),
        ("▶", NEXT, at_end),
        ("⏭", LAST, at_end),
    ):
        button: discord.ui.Button[discord.ui.View] = discord.ui.Button(
            custom_id=stored_id(view_id, action), label=label, disabled=is_off, row=1
        )
        view.add_item(button)


def _post_button(view_id: str, *, posted: bool) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(
        custom_id=stored_id(view_id, POST),
        label="Posted to this channel" if posted else "Post to this channel",
        emoji="✅" if posted else "📣",
        style=discord.ButtonStyle.secondary if posted else discord.ButtonStyle.primary,
        disabled=posted,
        row=2,
    )
