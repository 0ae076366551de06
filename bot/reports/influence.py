"""What a mission's influence is worth, as an expression for every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from bot.reports.views import View

FOR_THE_FACTION = ("", "UpGood", "DownGood")
"""Trends that count for a faction; NULL does too, everything else against it."""


def influence_worth(view: View) -> ColumnElement[Any]:
    """The worth of one influence row.

    The number of its pluses, against the faction where the trend says so, less
    the number of its minuses whatever the trend; a word is worth 0.
    """
    influence = view.exact(view.text("mission_completed_influence", "influence"))
    trend = view.text("mission_completed_influence", "trend")
    pluses = _count(influence, "+")
    direction = sa.case(
        (sa.or_(trend.is_(None), view.exact(trend).in_(FOR_THE_FACTION)), pluses),
        else_=-pluses,
    )
    return sa.case(
        (_signs_only(influence), direction - _count(influence, "-")),
        else_=sa.literal(0, sa.Integer),
    )


def _count(text: ColumnElement[Any], sign: str) -> ColumnElement[int]:
    without = sa.func.replace(text, sign, "", type_=sa.String)
    return sa.func.length(text) - sa.func.length(without)


def _signs_only(text: ColumnElement[Any]) -> ColumnElement[bool]:
    without = sa.func.replace(sa.func.replace(text, "+", ""), "-", "")
    return sa.func.length(without) == 0
