"""Asking the bot and the truth the same question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.periods import Period
from bot.reports import Filters, run
from bot.reports.export import to_dict
from tests.truth import Question, Truth

if TYPE_CHECKING:
    from bot.backend import TenantDatabase
    from tests.squadron import Squadron


def answer(database: TenantDatabase, question: Question) -> dict[str, Any]:
    """What the bot says, in the form of ``report --format json``."""
    result = run(
        database,
        question.report,
        Period(question.code),
        question.now,
        faction_name=question.faction_name,
        filters=Filters(
            systems=question.systems,
            factions=question.factions,
            cmdrs=question.cmdrs,
            settlements=question.settlements,
        ),
        top=question.top,
    )
    return to_dict(result, "wolves")


def truth(squadron: Squadron, question: Question) -> dict[str, Any]:
    """What it must say."""
    return Truth(squadron.tables, squadron.rows).answer(question)
