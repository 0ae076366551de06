"""What a mission's influence is worth, as an expression for every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from bot.reports.views import View

_USUAL = {"+": 1, "++": 2, "+++": 3, "++++": 4, "+++++": 5, "": 0}
"""Worths that an engine can tell without taking the text apart."""

# Made once, so that each is bound once.
_PLUS, _MINUS, _NOTHING = sa.literal("+"), sa.literal("-"), sa.literal("")
_NONE = sa.literal(0)

FOR_THE_FACTION = ("UpGood", "DownGood", "")
"""Trends that count for a faction; NULL does too, everything else against it."""


def influence_worth(
    view: View, influence: ColumnElement[Any], trend: ColumnElement[Any]
) -> ColumnElement[Any]:
    """The worth of one influence row.

    The number of its pluses, against the faction where the trend says so, less
    the number of its minuses whatever the trend; a word is worth 0.
    """
    signs = view.same(influence)
    known_trend = view.same(sa.func.coalesce(trend, _NOTHING, type_=sa.String))
    direction = sa.case(dict.fromkeys(FOR_THE_FACTION, 1), value=known_trend, else_=-1)
    minuses = sa.func.replace(signs, _PLUS, _NOTHING, type_=sa.String)
    pluses = sa.func.length(signs) - sa.func.length(minuses)
    is_word = sa.func.replace(minuses, _MINUS, _NOTHING, type_=sa.String) != _NOTHING
    unusual = sa.case((is_word, _NONE), else_=direction * pluses - sa.func.length(minuses))
    return sa.func.coalesce(direction * sa.case(_USUAL, value=signs), unusual)
