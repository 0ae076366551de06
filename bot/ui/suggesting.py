"""Suggestions while an option is being typed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from discord import app_commands

from bot.rendering.limits import units
from bot.rendering.text import clean
from bot.reports.filters import Filters
from bot.reports.names import KINDS
from bot.ui.errors import new_reference
from bot.ui.guard import log_failure

if TYPE_CHECKING:
    import discord

    from bot.client import ReportBot
    from bot.reports.names import Kind

log = logging.getLogger(__name__)

CHOICES = 25
CHOICE_LENGTH = 100
_SECONDS = 2.3
_NOTHING_TYPED = "?"


async def suggest(
    interaction: discord.Interaction[ReportBot], report: str, kind: Kind, typed: str
) -> list[app_commands.Choice[str]]:
    """Return names from the asker's own squadron; none if they are not there in time.

    Parameters
    ----------
    kind
        What is being typed: ``system``, ``settlement`` or ``cmdr``.
    typed
        What there is of it so far.
    """
    bot = interaction.client
    tenant = bot.directory.tenant_of(interaction.guild_id or 0)
    if tenant is None or not tenant.report_config(report).enabled:
        return []
    try:
        async with asyncio.timeout(_SECONDS):
            names = await bot.suggestions.matching(
                tenant, report, kind, typed, limit=CHOICES, others=_others(interaction)
            )
    except TimeoutError:
        log.info("%s: suggestions for %s took too long", tenant.id, kind)
        return []
    except Exception as error:  # noqa: BLE001  # autocomplete has no other way to say it
        reference = new_reference()
        log_failure(interaction, f"autocomplete of {report} {kind}", error, reference)
        return [_apology(typed, reference)]
    return [choice for name in names if (choice := _choice(name)) is not None][:CHOICES]


def _others(interaction: discord.Interaction[ReportBot]) -> Filters:
    """Return what else is filled in by now."""
    filled = {
        kind: (name,) if isinstance(name := getattr(interaction.namespace, kind, None), str) else ()
        for kind in KINDS
    }
    return Filters(systems=filled["system"], cmdrs=filled["cmdr"], settlements=filled["settlement"])


def _choice(name: str) -> app_commands.Choice[str] | None:
    """Return a name as a choice; None if Discord would not take or show it."""
    shown = clean(name).strip()
    if not shown or not name.strip() or max(units(name), units(shown)) > CHOICE_LENGTH:
        return None
    return app_commands.Choice(name=shown, value=name)


def _apology(typed: str, reference: str) -> app_commands.Choice[str]:
    """Return a choice that says why there are none; picked, it is what was typed."""
    value = typed.strip()
    while units(value) > CHOICE_LENGTH:
        value = value[:-1]
    return app_commands.Choice(
        name=f"No suggestions right now, type the whole name (reference {reference})",
        value=value or _NOTHING_TYPED,
    )
