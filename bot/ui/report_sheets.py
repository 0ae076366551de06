"""Reports as they are drawn for a reply, and a short memory of them."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.delivery.composer import context_of
from bot.rendering import render
from bot.rendering.messages import Message
from bot.tenants import Style
from bot.ui.report_texts import empty_text, filter_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.reports.results import Result
    from bot.tenants import Tenant
    from bot.ui.question import Question

_MOST_PAGES = 1000
_LIFETIME_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report, page by page; an empty one is a page that says so."""

    pages: tuple[Message, ...]
    is_empty: bool = False


def draw(tenant: Tenant, question: Question, result: Result, now: datetime) -> Sheet:
    """Draw a report; slow for a long one, so do it off the event loop.

    Parameters
    ----------
    now
        Decides which other period an empty report suggests.
    """
    if result.is_empty:
        text = empty_text(question, result.window, now)
        return Sheet((Message(content=text),), is_empty=True)
    line = filter_line(question.filters)
    messages = render(result, context_of(tenant), Style.EMBED)
    return Sheet(tuple(Message(content=line, embeds=message.embeds) for message in messages))


@dataclass(frozen=True, slots=True)
class _Kept:
    tenant: Tenant
    question: Question
    sheet: Sheet
    until: float


class SheetMemory:
    """Keeps what was drawn for a while, so that paging is quick and pages fit together.

    Parameters
    ----------
    clock
        Seconds that only grow, such as `time.monotonic`.
    most_pages
        How many pages are kept, over all reports; the oldest reports go first.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        most_pages: int = _MOST_PAGES,
        seconds: float = _LIFETIME_SECONDS,
    ) -> None:
        self._clock = clock
        self._most_pages = most_pages
        self._seconds = seconds
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._pages = 0

    def __len__(self) -> int:
        return self._pages

    def keep(self, view_id: str, tenant: Tenant, question: Question, sheet: Sheet) -> None:
        """Remember what a stored view shows."""
        self._forget(view_id)
        now = self._clock()
        self._kept[view_id] = _Kept(tenant, question, sheet, now + self._seconds)
        self._pages += len(sheet.pages)
        while self._kept:
            oldest, kept = next(iter(self._kept.items()))
            if self._pages <= self._most_pages and now < kept.until:
                break
            self._forget(oldest)

    def find(self, view_id: str, tenant: Tenant, question: Question) -> Sheet | None:
        """Return what was drawn for a view, if it is this question and not too old.

        A tenant whose entry changed meanwhile is another one.
        """
        kept = self._kept.get(view_id)
        if kept is None or self._clock() >= kept.until:
            return None
        is_same = kept.tenant == tenant and kept.question == question
        return kept.sheet if is_same else None

    def _forget(self, view_id: str) -> None:
        kept = self._kept.pop(view_id, None)
        if kept is not None:
            self._pages -= len(kept.sheet.pages)
