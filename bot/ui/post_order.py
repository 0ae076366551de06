"""A post that somebody has asked for, and what it would look like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from bot.periods import Period
from bot.ui.errors import STALE, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.delivery.whereabouts import Nearby, Spot


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be posted.

    Attributes
    ----------
    now
        The report's clock when it was asked for, so that what is posted is
        what the preview has shown.
    channels
        Keys of the routes that were shown; None before there was a preview.
    """

    report: str
    period: Period
    now: datetime
    channels: frozenset[str] | None = None

    def state(self) -> dict[str, Any]:
        """Return it as a JSON object, for a stored view."""
        return {
            "report": self.report,
            "period": self.period.value,
            "now": self.now.isoformat(),
            "channels": sorted(self.channels or ()),
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
            return cls(
                str(state["report"]),
                Period(state["period"]),
                datetime.fromisoformat(state["now"]),
                frozenset(map(str, state["channels"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Refusal(STALE) from error


@dataclass(frozen=True, slots=True)
class Draft:
    """What would be posted.

    Attributes
    ----------
    label
        The window, as players read it.
    posts
        The bodies of the messages for each route that gets any.
    nearby
        Which routes are in the guild, and why others get nothing.
    """

    order: Order
    label: str
    posts: tuple[tuple[Spot, tuple[dict[str, Any], ...]], ...]
    nearby: Nearby
