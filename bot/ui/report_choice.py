"""Offering all reports as the option of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from discord import app_commands

from bot import catalogue
from bot.ui.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord

MOST_CHOICES = 25
_GONE = "I have no such report (any more). Pick one from the list, please."

F = TypeVar("F", bound="Callable[..., Any]")


def offer_reports(option: str) -> Callable[[F], F]:
    """Offer the reports there are for an option.

    They are part of the command, so that Discord hears of it when one is
    added. More than Discord takes are suggested as somebody types.

    Parameters
    ----------
    option
        Name of the option.
    """
    infos = catalogue.infos()

    def decorate(function: F) -> F:
        if len(infos) > MOST_CHOICES:
            return app_commands.autocomplete(**{option: suggest_reports})(function)
        choices = [app_commands.Choice(name=info.title, value=info.key) for info in infos]
        return app_commands.choices(**{option: choices})(function)

    return decorate


async def suggest_reports(
    interaction: discord.Interaction[Any], typed: str
) -> list[app_commands.Choice[str]]:
    """Suggest reports whose title or key has what was typed."""
    wanted = typed.strip().casefold()
    found = [
        app_commands.Choice(name=info.title, value=info.key)
        for info in catalogue.infos()
        if wanted in info.title.casefold() or wanted in info.key
    ]
    return found[:MOST_CHOICES]


def require_report(report: str) -> None:
    """Make sure that there is a report of this key.

    Raises
    ------
    Refusal
        If not, or not any more.
    """
    if catalogue.find(report) is None:
        raise Refusal(_GONE)
