"""How long players wait for an answer, told to the bot's observer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bot.ui.errors import cause_of, refusal_text

if TYPE_CHECKING:
    import discord

_EXTRA = "bgsbot_begun"


def begin(interaction: discord.Interaction[Any]) -> None:
    """Note that an interaction begins to be served."""
    interaction.extras[_EXTRA] = time.monotonic()


def end(interaction: discord.Interaction[Any], error: BaseException | None = None) -> None:
    """Tell that it was served, or what went wrong; nothing if it was never begun."""
    begun = interaction.extras.pop(_EXTRA, None)
    if begun is None:
        return
    outcome = "ok" if error is None else _outcome(error)
    took = time.monotonic() - begun
    interaction.client.observer.command_done(_name(interaction), outcome, took)


def command_name(interaction: discord.Interaction[Any]) -> str | None:
    """Return the whole name of the command that was used; None if there is none of ours."""
    try:
        command = interaction.command
    except Exception:  # noqa: BLE001  # discord.py looks for it in what came, whatever that is
        return None
    return None if command is None else command.qualified_name


def _name(interaction: discord.Interaction[Any]) -> str:
    """Return one of few names: nothing that a player typed."""
    kind = interaction.type.name
    name = command_name(interaction)
    if name is not None and kind != "autocomplete":
        return name
    return "unknown" if kind == "application_command" else kind


def _outcome(error: BaseException) -> str:
    return "failed" if refusal_text(cause_of(error)) is None else "refused"
