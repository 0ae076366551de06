"""Discord's markdown as HTML, for looking at a post without Discord.

A reader of its own: it shows what Discord would make of a text, so that a
name which slipped through would be seen to.
"""

from __future__ import annotations

import re
from html import escape as html_escape

_SHORTCODES = {"rocket": "🚀", "gun": "🔫"}

_FENCE = re.compile(r"```(?:[A-Za-z0-9_+.#-]+\n)?\n*(.+?)\n*```", re.DOTALL)
_INLINE = re.compile(
    r"""
      \\(?P<escaped>[^0-9A-Za-z\s])
    | `(?P<code>[^`\n]+)`
    | \*\*(?P<bold>(?:\\.|[^\\])+?)\*\*(?!\*)
    | __(?P<underline>(?:\\.|[^\\])+?)__(?!_)
    | ~~(?P<strike>(?:\\.|[^\\])+?)~~
    | \|\|(?P<spoiler>(?:\\.|[^\\])+?)\|\|
    | \*(?P<star>(?=\S)(?:\\.|[^\\*])+?)\*
    | \b_(?P<emphasis>(?:\\.|[^\\_])+?)_\b
    | :(?P<shortcode>[a-z0-9_+-]+):
    | (?P<mention>@everyone|@here|<(?:@[!&]?|\#|t:|/)[^>\s]+>|<a?:\w+:\d+>)
    | (?P<link>https?://[^\s<]+|\[[^\]\n]+\]\([^)\s]+\))
    """,
    re.VERBOSE | re.DOTALL,
)
_TAGS = {
    "bold": "strong",
    "underline": "u",
    "strike": "s",
    "star": "em",
    "emphasis": "em",
}
_CLASSES = {"spoiler": "spoiler", "mention": "mention", "link": "link"}


def to_html(text: str) -> str:
    """Return a message's or an embed's text as HTML; everything in it is escaped."""
    shown: list[str] = []
    end = 0
    for block in _FENCE.finditer(text):
        shown.append(_lines(text[end : block.start()].removesuffix("\n")))
        shown.append(f"<pre>{html_escape(block[1])}</pre>")
        end = block.end()
        if text.startswith("\n", end):
            end += 1
    shown.append(_lines(text[end:]))
    return "".join(shown)


def inline_to_html(text: str) -> str:
    """Return one line's text as HTML: titles and names of fields know no blocks."""
    shown: list[str] = []
    end = 0
    for found in _INLINE.finditer(text):
        shown.append(html_escape(text[end : found.start()]))
        shown.append(_shown(found))
        end = found.end()
    shown.append(html_escape(text[end:]))
    return "".join(shown)


def _lines(text: str) -> str:
    return "".join(_line(line) for line in text.split("\n")) if text else ""


def _line(line: str) -> str:
    if line.startswith("-# "):
        return f'<div class="subtext">{inline_to_html(line[3:])}</div>'
    if heading := re.match(r"(#{1,3}) +(?=\S)", line):
        level = len(heading[1])
        return f'<div class="heading h{level}">{inline_to_html(line[heading.end() :])}</div>'
    if line.startswith("> "):
        return f'<div class="quote">{inline_to_html(line[2:])}</div>'
    if item := re.match(r"\s*(?:[-*]|(\d+)\.) +(?=\S)", line):
        sign = f"{item[1]}." if item[1] else "•"
        return f'<div class="item">{sign} {inline_to_html(line[item.end() :])}</div>'
    return f"<div>{inline_to_html(line) or '<br>'}</div>"


def _shown(found: re.Match[str]) -> str:
    kind = found.lastgroup or ""
    text = found[kind]
    match kind:
        case "escaped":
            return html_escape(text)
        case "code":
            return f"<code>{html_escape(text)}</code>"
        case "shortcode":
            return _SHORTCODES.get(text, html_escape(f":{text}:"))
        case "spoiler" | "mention" | "link":
            return f'<span class="{_CLASSES[kind]}">{html_escape(text)}</span>'
        case _:
            tag = _TAGS[kind]
            return f"<{tag}>{inline_to_html(text)}</{tag}>"
