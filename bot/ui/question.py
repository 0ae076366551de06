"""What a player asked for, and how it is kept behind the buttons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from bot.periods import Period
from bot.reports.filters import NO_FILTERS, Filters
from bot.ui.errors import STALE, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS = ("systems", "cmdrs", "settlements")


@dataclass(frozen=True, slots=True)
class Question:
    """One report that somebody wants to see."""

    report: str
    period: Period
    filters: Filters = NO_FILTERS


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message shows.

    Attributes
    ----------
    page
        From 0.
    private
        Whether only the asker sees it.
    posted
        Whether just this was posted to the channel already.
    """

    question: Question
    page: int = 0
    private: bool = False
    posted: bool = False

    def about(self, period: Period) -> Self:
        """Return the first page of the same report for another period."""
        return replace(self, question=replace(self.question, period=period), page=0, posted=False)

    def state(self) -> dict[str, Any]:
        """Return it as a JSON object, for a stored view."""
        filters = self.question.filters
        return {
            "report": self.question.report,
            "period": self.question.period.value,
            "filters": {kind: list(getattr(filters, kind)) for kind in _KINDS},
            "page": self.page,
            "private": self.private,
            "posted": self.posted,
        }

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Self:
        """Return what a stored view's state says.

        Raises
        ------
        Refusal
            If another version of the bot wrote it, in a way that is not read here.
        """
        try:
            filters = Filters(**{kind: tuple(state["filters"][kind]) for kind in _KINDS})
            question = Question(str(state["report"]), Period(state["period"]), filters)
            return cls(
                question,
                max(0, int(state["page"])),
                bool(state["private"]),
                bool(state["posted"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Refusal(STALE) from error
