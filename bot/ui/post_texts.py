"""Why a report cannot be posted, in the words that players read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.rendering.phrases import report_title

if TYPE_CHECKING:
    from bot.delivery.whereabouts import Nearby
    from bot.periods import Window

TAKEN = "That has been decided already. Run `/post` again for another post."
CANCELLED = "All right, nothing was posted."
POSTING = "📤 Posting…"


def switched_off(report: str) -> str:
    """Return the words for a report that the tenant does not want."""
    return (
        f"The {report_title(report)} is switched off for this squadron. The bot's admin can "
        "switch it on in the tenant file."
    )


def no_webhook(report: str) -> str:
    """Return the words for a report that goes nowhere."""
    return (
        f"There is no webhook for the {report_title(report)} yet. The bot's admin can put one "
        "into the tenant file."
    )


def nothing_to_post(report: str, window: Window) -> str:
    """Return the words for an empty report."""
    if window.period.is_tick and window.tick is None:
        return f"🌙 I know no {window.period.title.lower()} yet, so there is nothing to post."
    return (
        f"🌙 The {report_title(report)} for {window.label} is empty, so there is nothing to post. "
        "Another period may have more to tell."
    )


def nowhere(report: str, nearby: Nearby) -> str:
    """Return the words for a report that goes nowhere in this guild."""
    title = report_title(report)
    if nearby.unknown:
        return (
            "Discord does not tell me just now which server the webhook belongs to, so I post "
            "nothing. Try again in a minute."
        )
    if nearby.elsewhere:
        return (
            f"The {title} is posted to another server, and from here I post to this one only. "
            "Run `/post` there, or ask the bot's admin for a webhook in this server."
        )
    if nearby.gone:
        return (
            f"Discord refuses the webhook of the {title}: it was deleted, or its address has "
            "changed. The bot's admin has to put a new one into the tenant file."
        )
    return (
        "The webhooks of this squadron have changed since that preview. Run `/post` again "
        "to see what would be posted now."
    )


def left_out(nearby: Nearby) -> str:
    """Return a small line on the webhooks that get nothing, '' where there is none."""
    reasons = (
        (nearby.elsewhere, "in another server"),
        (nearby.gone, "refused by Discord"),
        (nearby.unknown, "not answering"),
    )
    told = [f"{number} {reason}" for number, reason in reasons if number]
    return f"-# Left out: {', '.join(told)}." if told else ""
