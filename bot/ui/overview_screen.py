"""How ``/tenant show`` looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.utils import format_dt

from bot.delivery.ledger import PartState
from bot.rendering import limits
from bot.rendering.messages import web_address
from bot.rendering.phrases import report_title
from bot.rendering.text import escape
from bot.ui.reply import Screen
from bot.ui.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.ui.overview import Delivery, NextPost, Overview, Refused

_COLOUR = 0xF07B05
_REASON_LIMIT = 150
_SOURCES = {
    "file": "set by the bot's admin",
    "link": "linked with `/tenant link`",
}
STATES = {
    PartState.SENT: "✅ posted",
    PartState.EMPTY: "🌙 nothing to report",
    PartState.PENDING: "⏳ on its way",
    PartState.SENDING: "⏳ on its way",
    PartState.FAILED: "⏳ not through yet, I keep trying",
    PartState.IN_DOUBT: "⏳ not sure it arrived, I keep looking",
    PartState.UNPLANNED: "⏳ could not be computed yet",
    PartState.GAVE_UP: "❌ given up",
    PartState.BROKEN: "❌ refused for good",
    PartState.PARTLY_SENT: "⚠️ reached only some of its recipients",
    PartState.SKIPPED: "❔ perhaps posted, not sent again",
}


def overview_screen(overview: Overview) -> Screen:
    """Return what a guild sees, for whoever manages it."""
    tenant = overview.tenant
    embed = discord.Embed(title=escape(tenant.name), colour=_COLOUR)
    if tenant.faction_logo and (logo := web_address(tenant.faction_logo)):
        embed.set_thumbnail(url=logo)
    faction = escape(tenant.faction_name) if tenant.faction_name else "not set"
    embed.add_field(name="Faction", value=faction)
    embed.add_field(name="This server", value=_SOURCES.get(overview.source or "", "is not linked"))
    embed.add_field(name="Newest event", value=_newest(overview), inline=False)
    _add(embed, "Next posts", [_next_line(post) for post in overview.next_posts])
    _add(embed, "Last posts", [_line(delivery) for delivery in overview.deliveries], "none yet")
    if overview.refused:
        _add(embed, "In trouble", [_refused_line(each) for each in overview.refused])
    return Screen(embeds=(embed,))


def _newest(overview: Overview) -> str:
    if overview.trouble is not None:
        return f"⚠️ {overview.trouble}"
    if overview.newest is None:
        return "none yet"
    return f"{format_dt(overview.newest, 'f')} ({format_dt(overview.newest, 'R')})"


def _next_line(post: NextPost) -> str:
    when = "no webhook to post it to" if post.at is None else format_dt(post.at, "R")
    return f"{report_title(post.report)}: {when}"


def _line(delivery: Delivery) -> str:
    title = escape(f"{report_title(delivery.report)} · {delivery.label}")
    title = f"[{title}]({delivery.link})" if delivery.link else title
    return f"{title}\n-# {STATES[delivery.state]} {format_dt(delivery.at, 'R')}"


def _refused_line(refused: Refused) -> str:
    return (
        f"⚠️ {escape(refused.kind)} since {format_dt(refused.since, 'd')}: "
        f"{sentence(refused.detail, _REASON_LIMIT)}. "
        "The bot's admin has to put a new one into the tenant file."
    )


def _add(embed: discord.Embed, name: str, lines: Sequence[str], nothing: str = "none") -> None:
    """Add a field of whole lines, as many as fit; without any it says so."""
    text = ""
    for line in lines:
        if limits.units(text) + limits.units(line) + 1 > limits.EMBED_FIELD_VALUE:
            break
        text += f"{line}\n"
    embed.add_field(name=name, value=text.strip() or nothing, inline=False)
