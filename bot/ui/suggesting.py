"""Suggestions while an option is being typed."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from discord import app_commands

from bot.rendering.limits import units
from bot.rendering.text import clean
from bot.reports.filters import Filters
from bot.reports.names import KINDS
from bot.ui.errors import new_reference
from bot.ui.guard import log_failure
from bot.ui.timing import begin, end

if TYPE_CHECKING:
    from collections.abc import Callable

    import discord

    from bot.client import ReportBot
    from bot.reports.names import Kind
    from bot.tenants import Tenant

    Asking = discord.Interaction[ReportBot]
    Choices = list[app_commands.Choice[str]]

log = logging.getLogger(__name__)

CHOICES = 25
CHOICE_LENGTH = 100
_SECONDS = 2.3
_LOG_AGAIN_SECONDS = 600.0
_NOTHING_TYPED = "?"


@dataclass(frozen=True, slots=True)
class _Told:
    """A failure that is in the log already."""

    error: str
    reference: str
    at: float


class Suggester:
    """Answers while somebody types: with names, or with why there are none.

    Parameters
    ----------
    bot
        Where tenants and their names are.
    clock
        Seconds that only grow. A failure that goes on is logged now and then,
        not with every key that is pressed.
    """

    def __init__(self, bot: ReportBot, clock: Callable[[], float]) -> None:
        self._bot = bot
        self._clock = clock
        self._told: dict[str, _Told] = {}

    async def suggest(self, interaction: Asking, report: str, kind: Kind, typed: str) -> Choices:
        """Return names from the asker's own squadron; none if they are not there in time.

        Parameters
        ----------
        kind
            What is being typed: ``system``, ``settlement`` or ``cmdr``.
        typed
            What there is of it so far.
        """
        begin(interaction)
        choices, failure = await self._suggest(interaction, report, kind, typed)
        end(interaction, failure)
        return choices

    async def _suggest(
        self, interaction: Asking, report: str, kind: Kind, typed: str
    ) -> tuple[Choices, Exception | None]:
        """Return the choices, and what went wrong."""
        tenant = self._bot.directory.tenant_of(interaction.guild_id or 0)
        if tenant is None or not tenant.report_config(report).enabled:
            return [], None
        suggestions = self._bot.suggestions
        try:
            async with asyncio.timeout(_SECONDS):
                names = await suggestions.matching(
                    tenant, report, kind, typed, limit=CHOICES, others=_others(interaction)
                )
            failure = None if names else suggestions.failure(tenant, report, kind)
        except TimeoutError as error:
            log.info("%s: suggestions for %s took too long", tenant.id, kind)
            return [], error
        except Exception as error:  # noqa: BLE001  # logged below, and told as a choice
            names, failure = [], error
        if failure is not None:
            what = f"Suggesting {kind} names for {report}"
            reference = self._reference(interaction, tenant, what, failure)
            return [_apology(typed, reference)], failure
        return [choice for name in names if (choice := _choice(name)) is not None], None

    def _reference(self, interaction: Asking, tenant: Tenant, what: str, error: Exception) -> str:
        """Return the reference under which a failure is in the log."""
        now = self._clock()
        told = self._told.get(tenant.id)
        if told and told.error == str(error) and now - told.at < _LOG_AGAIN_SECONDS:
            return told.reference
        reference = new_reference()
        log_failure(interaction, what, error, reference)
        self._told[tenant.id] = _Told(str(error), reference, now)
        return reference


def _others(interaction: Asking) -> Filters:
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
