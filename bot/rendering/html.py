"""A page that looks like Discord, for judging posts in a browser.

It stands alone: no script, no request to anywhere, everything escaped.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from bot.rendering.markdown import inline_to_html, to_html
from bot.rendering.messages import SUPPRESS_NOTIFICATIONS
from bot.rendering.page_style import STYLE
from bot.rendering.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_DEFAULT_COLOUR = 0x4E5058
_AVATAR_COLOURS = ("#5865f2", "#3ba55d", "#e0a53b", "#d9534f", "#8e6bd8", "#2d8fb3")


@dataclass(frozen=True, slots=True)
class PreviewChannel:
    """One channel of the page.

    Attributes
    ----------
    name
        The channel's name, without ``#``.
    tenant
        Whose posts these are; shown as the sender where a payload names none.
    messages
        Payloads of a webhook, as `Message.payload` makes them, or letters.
    """

    name: str
    tenant: str
    messages: Sequence[Mapping[str, Any]]


def page(channels: Sequence[PreviewChannel], *, title: str = "Preview of the posts") -> str:
    """Return the channels and their messages as a whole HTML document."""
    body = "".join(_channel(channel) for channel in channels)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body>\n<main>{body or _nothing()}</main>\n</body>\n</html>\n"
    )


def _nothing() -> str:
    return '<p class="nothing">Nothing would be posted.</p>'


def _channel(channel: PreviewChannel) -> str:
    messages = "".join(_message(payload, channel.tenant) for payload in channel.messages)
    return (
        f'<section><header><span class="hash">#</span><h1>{_text(channel.name)}</h1>'
        f'<span class="tenant">{_text(channel.tenant)}</span></header>'
        f"{messages or _nothing()}</section>"
    )


def _message(payload: Mapping[str, Any], tenant: str) -> str:
    sender = clean(str(payload.get("username") or tenant)).strip() or "Webhook"
    colour = _AVATAR_COLOURS[sum(map(ord, sender)) % len(_AVATAR_COLOURS)]
    embeds = "".join(_embed(embed) for embed in payload.get("embeds") or ())
    content = payload.get("content")
    if letter := payload.get("body"):
        content_html = f"<b>{_text(payload.get('title') or '')}</b><pre>{_text(letter)}</pre>"
        embeds = f'<div class="content">{content_html}</div>'
    if content:
        embeds = f'<div class="content">{to_html(content)}</div>{embeds}'
    return (
        f'<article><div class="avatar" style="background:{colour}" aria-hidden="true">'
        f'{escape(sender[0].upper())}</div><div class="message"><p class="sender">'
        f'<b>{escape(sender)}</b><span class="app">APP</span>{"".join(_notes(payload))}</p>'
        f"{embeds}</div></article>"
    )


def _notes(payload: Mapping[str, Any]) -> Iterator[str]:
    if thread := payload.get("thread_name"):
        yield f'<span class="note">new thread: {_text(thread)}</span>'
    if payload.get("flags", 0) & SUPPRESS_NOTIFICATIONS:
        yield '<span class="note">🔕 silent</span>'


def _embed(embed: Mapping[str, Any]) -> str:
    return (
        f'<div class="embed" style="border-color:#{embed.get("color", _DEFAULT_COLOUR):06x}">'
        f"{''.join(_embed_parts(embed))}</div>"
    )


def _embed_parts(embed: Mapping[str, Any]) -> Iterator[str]:
    if author := embed.get("author"):
        # The logo is not loaded: the page asks nobody for anything.
        icon = '<span class="icon" aria-hidden="true">◆</span>' if author.get("icon_url") else ""
        yield f'<div class="author">{icon}{_text(author.get("name", ""))}</div>'
    if title := embed.get("title"):
        yield f'<div class="title">{inline_to_html(title)}</div>'
    if description := embed.get("description"):
        yield f'<div class="description">{to_html(description)}</div>'
    for field in embed.get("fields") or ():
        yield (
            f'<div class="field"><div class="name">{inline_to_html(field["name"])}</div>'
            f"<div>{to_html(field['value'])}</div></div>"
        )
    if footer := embed.get("footer"):
        yield f'<div class="footer">{_text(footer.get("text", ""))}</div>'


def _text(text: object) -> str:
    return escape(str(text))
