"""Catches whatever goes wrong while an interaction is served."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import discord

from bot.ui.errors import cause_of, failure_text, new_reference, refusal_text
from bot.ui.reply import Reply
from bot.ui.timing import begin, end

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

_UNKNOWN_INTERACTION = 10062
_EXPIRED_TOKEN = 50027


async def guarded(
    interaction: discord.Interaction[Any], what: str, work: Callable[[], Awaitable[object]]
) -> None:
    """Do the work of an interaction; what goes wrong is told to the asker and logged.

    Parameters
    ----------
    what
        The command, button or form, for the log.
    """
    begin(interaction)
    try:
        await work()
    except Exception as error:  # noqa: BLE001  # every way in ends here, and logs
        await explain(interaction, what, error)
        end(interaction, error)
    else:
        end(interaction)


async def explain(interaction: discord.Interaction[Any], what: str, error: BaseException) -> None:
    """Answer an interaction that failed, privately."""
    cause = cause_of(error)
    text = refusal_text(cause)
    if text is None:
        reference = new_reference()
        text = failure_text(cause, reference)
        log_failure(interaction, what, cause, reference)
    if _is_over(cause):
        return
    try:
        await Reply.to(interaction).refuse(text)
    except Exception:
        log.warning("Nobody could be told that %s failed", what, exc_info=True)


def log_failure(
    interaction: discord.Interaction[Any], what: str, error: BaseException, reference: str
) -> None:
    """Write down what the reference stands for."""
    log.error(
        "%s failed, reference %s (guild %s, user %s)",
        what,
        reference,
        interaction.guild_id,
        interaction.user.id,
        exc_info=error,
        extra={"action": "interaction_failed", "reference": reference},
    )


def _is_over(error: BaseException) -> bool:
    """Whether Discord takes no answer to this interaction any more."""
    return isinstance(error, discord.HTTPException) and error.code in (
        _UNKNOWN_INTERACTION,
        _EXPIRED_TOKEN,
    )
