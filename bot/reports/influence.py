"""What a mission's influence is worth, as an expression for every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from bot.reports.views import View

FOR_THE_FACTION = ("UpGood", "DownGood", "")
"""Trends that count for a faction; NULL does too, everything else against it."""

_USUAL = {"+": 1, "++": 2, "+++": 3, "++++": 4, "+++++": 5, "": 0, "None": 0}
"""Worths that an engine can tell without taking the text apart."""


def influence_worth(view: View) -> ColumnElement[Any]:
    """The worth of one influence row.

    The number of its pluses, against the faction where the trend says so, less
    the number of its minuses whatever the trend; a word is worth 0.
    """
    influence = view.exact(view.text("mission_completed_influence", "influence"))
    trend = view.text("mission_completed_influence", "trend")
    exact_trend = view.exact(trend)
    is_for = sa.or_(*(exact_trend == known for known in FOR_THE_FACTION), trend.is_(None))
    usual = sa.case(_USUAL, value=influence)
    return sa.case(
        (is_for, sa.func.coalesce(usual, _unusual(influence, 1))),
        else_=sa.func.coalesce(-usual, _unusual(influence, -1)),
    )


def _unusual(influence: ColumnElement[Any], direction: int) -> ColumnElement[Any]:
    pluses, minuses = _count(influence, "+"), _count(influence, "-")
    worth = pluses - minuses if direction > 0 else -pluses - minuses
    return sa.case((_signs_only(influence), worth), else_=0)


def _count(text: ColumnElement[Any], sign: str) -> ColumnElement[int]:
    without = sa.func.replace(text, sign, "", type_=sa.String)
    return sa.func.length(text) - sa.func.length(without)


def _signs_only(text: ColumnElement[Any]) -> ColumnElement[bool]:
    without = sa.func.replace(sa.func.replace(text, "+", ""), "-", "")
    return sa.func.length(without) == 0
