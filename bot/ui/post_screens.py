"""How ``/post`` looks: the preview with its buttons, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.delivery.ledger import PartState
from bot.delivery.postings import Status
from bot.rendering import limits
from bot.rendering.figures import counted
from bot.rendering.phrases import report_title
from bot.ui.message_links import message_link
from bot.ui.post_texts import left_out
from bot.ui.reply import Screen
from bot.ui.router import stored_id
from bot.ui.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.delivery.whereabouts import Spot
    from bot.ui.post_desk import Outcome
    from bot.ui.post_order import Draft, Order

CONFIRM, CANCEL = "confirm", "cancel"
_CHANNELS_NAMED = 5
_ROOM_FOR_MORE = 40
_REASON_LIMIT = 150
_UNDER_WAY = frozenset({PartState.PENDING, PartState.SENDING, PartState.FAILED, PartState.IN_DOUBT})


def preview_screen(view_id: str, draft: Draft) -> Screen:
    """Return the first message as it would be posted, and the question whether to post it."""
    (_, messages), *_ = draft.posts
    first = messages[0]
    embeds = tuple(discord.Embed.from_dict(embed) for embed in first.get("embeds") or ())
    content, note = first.get("content"), _question(draft)
    if content is None:
        content = note
    else:
        embeds = (*embeds[: limits.EMBEDS - 1], discord.Embed(description=note))
    return Screen(content, embeds, _buttons(view_id))


def outcome_screen(guild_id: int, order: Order, outcomes: Sequence[Outcome]) -> Screen:
    """Return what was posted, where, and what was not."""
    title = f"**{report_title(order.report)}**"
    label = next((each.posting.label for each in outcomes if each.posting.label), "")
    text = f"{title} · {label}" if label else title
    for index, outcome in enumerate(outcomes):
        line = _outcome_line(guild_id, outcome)
        if limits.units(text) + limits.units(line) + _ROOM_FOR_MORE > limits.CONTENT:
            text += f"\n-# and {counted(len(outcomes) - index, 'channel')} more"
            break
        text += f"\n{line}"
    return Screen(text)


def _question(draft: Draft) -> str:
    spots = [spot for spot, _ in draft.posts]
    total = sum(len(messages) for _, messages in draft.posts)
    pages = len(draft.posts[0][1])
    lines = [
        f"**Preview** of the {report_title(draft.order.report)} · {draft.label}",
        f"Shall I post it now? {_size(total, spots)}.",
    ]
    if pages > 1:
        lines.append(f"-# This is the first of {pages} messages.")
    lines.append(left_out(draft.nearby))
    return "\n".join(filter(None, lines))


def _size(total: int, spots: Sequence[Spot]) -> str:
    named = ", ".join(map(_channel, spots[:_CHANNELS_NAMED]))
    more = len(spots) - _CHANNELS_NAMED
    also = f" and {counted(more, 'channel')} more" if more > 0 else ""
    return f"{counted(total, 'message').capitalize()} in {named}{also}"


def _channel(spot: Spot) -> str:
    where = f"<#{spot.shown_id}>"
    return f"a new post of {where}" if spot.route.thread_name else where


def _buttons(view_id: str) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    view.add_item(
        discord.ui.Button(
            custom_id=stored_id(view_id, CONFIRM),
            label="Post it",
            emoji="📣",
            style=discord.ButtonStyle.success,
        )
    )
    view.add_item(discord.ui.Button(custom_id=stored_id(view_id, CANCEL), label="Cancel"))
    # Presses come by way of the router; discord.py is not to keep the view.
    view.stop()
    return view


def _outcome_line(guild_id: int, outcome: Outcome) -> str:
    where = f"<#{outcome.spot.shown_id}>"
    parts = outcome.parts
    troubled = next((part for part in parts if part.state is not PartState.SENT), None)
    if not parts:
        return f"⚠️ {where}: {_not_begun(outcome)}"
    if troubled is None:
        link = message_link(guild_id, outcome.spot, parts[0])
        sent = counted(len(parts), "message")
        return f"✅ {where}: {f'[{sent}]({link})' if link else sent} posted"
    done = sum(part.state is PartState.SENT for part in parts)
    so_far = f"{done} of {counted(troubled.parts, 'message')} posted; " if done else ""
    error = f" ({sentence(troubled.error, _REASON_LIMIT)})" if troubled.error else ""
    match troubled.state:
        case state if state in _UNDER_WAY:
            text = f"⏳ {where}: {so_far}not through yet{error}. I keep trying by myself."
        case PartState.EMPTY:
            text = f"🌙 {where}: nothing to post any more."
        case PartState.UNPLANNED:
            text = f"⚠️ {where}: {_not_begun(outcome)}"
        case PartState.SKIPPED:
            text = f"❔ {where}: {so_far}perhaps posted; nobody can look, so have a look yourself."
        case PartState.GAVE_UP:
            text = f"❌ {where}: {so_far}given up{error}. Tell the bot's admin."
        case _:
            text = f"❌ {where}: {so_far}Discord refuses it{error}. Tell the bot's admin."
    return text


def _not_begun(outcome: Outcome) -> str:
    if outcome.posting.status is Status.SKIPPED:
        return f"nothing was posted ({sentence(outcome.posting.reason, _REASON_LIMIT)})."
    return "the report could not be made just now. Run `/post` again in a while."
