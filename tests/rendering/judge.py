"""Judges of a payload that share no code with what they judge.

`faults` measures Discord's limits, `read` reads Discord's markdown the way
its clients do, `blocks` splits a text at its code fences.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

OVERRIDES = set("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067")
OPENED, CLOSED = "\u2068", "\u2069"
BLANK_LETTERS = set("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def utf16(text: str) -> int:
    """Length as Discord's stricter reading counts it."""
    return sum(2 if ord(sign) > 0xFFFF else 1 for sign in text)


def faults(payload: dict[str, Any]) -> list[str]:
    """Every rule of Discord that a webhook's payload breaks."""
    found: list[str] = []

    def check(place: str, text: str | None, most: int) -> None:
        if text is not None and utf16(text) > most:
            found.append(f"{place}: {utf16(text)} > {most}")
        if text is not None and not text.strip():
            found.append(f"{place} is blank")

    # Half a surrogate pair cannot be sent.
    json.dumps(payload, ensure_ascii=False).encode("utf-8")
    check("content", payload.get("content"), 2000)
    check("username", payload.get("username"), 80)
    check("thread_name", payload.get("thread_name"), 100)
    embeds = payload.get("embeds", [])
    if not embeds and not payload.get("content"):
        found.append("empty message")
    if len(embeds) > 10:
        found.append(f"{len(embeds)} embeds")
    total = 0
    for embed in embeds:
        fields = embed.get("fields", [])
        texts = [
            ("title", embed.get("title"), 256),
            ("description", embed.get("description"), 4096),
            ("footer", embed.get("footer", {}).get("text"), 2048),
            ("author", embed.get("author", {}).get("name"), 256),
            *(("name", field["name"], 256) for field in fields),
            *(("value", field["value"], 1024) for field in fields),
        ]
        for place, text, most in texts:
            check(place, text, most)
            total += utf16(text or "")
        if len(fields) > 25:
            found.append(f"{len(fields)} fields")
        if not any(text for _, text, _ in texts):
            found.append("empty embed")
    if total > 6000:
        found.append(f"{total} characters in all embeds")
    if payload.get("allowed_mentions") != {"parse": []}:
        found.append("may ping")
    return found


@dataclass(frozen=True)
class Piece:
    """A run of text with what Discord's client makes of it."""

    kind: str
    text: str


_BLOCK_RULES = (
    ("heading", re.compile(r" *#{1,3}(?:\s+)(?=\S)")),
    ("subtext", re.compile(r" *-# +(?=\S)")),
    ("quote", re.compile(r" *>(?:>>)? ")),
    ("list", re.compile(r" *(?:[-*+]|\d+\.) +(?=\S)")),
)
_SPAN_RULES = (
    ("strong", re.compile(r"\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)", re.S)),
    ("underline", re.compile(r"__((?:\\[\s\S]|[^\\])+?)__(?!_)", re.S)),
    ("emphasis", re.compile(r"_((?:\\[\s\S]|[^\\_])+?)_(?!\w)", re.S)),
    ("emphasis", re.compile(r"\*(?=\S)((?:\\[\s\S]|[^\\*])+?)\*(?!\*)", re.S)),
    ("strike", re.compile(r"~~((?:\\[\s\S]|[^\\])+?)~~", re.S)),
    ("spoiler", re.compile(r"\|\|((?:\\[\s\S]|[^\\])+?)\|\|", re.S)),
)
_TOKEN_RULES = (
    ("code block", re.compile(r"```[\s\S]+?```")),
    ("code", re.compile(r"(`+)(?!`)([\s\S]*?[^`])\1(?!`)")),
    ("mention", re.compile(r"@everyone|@here|<@[!&]?\d+>|<#\d+>|<id:\w+>|</[^>\n]+:\d+>")),
    ("time", re.compile(r"<t:-?\d+(?::[a-zA-Z])?>")),
    ("emoji", re.compile(r"<a?:\w{2,}:\d+>|:[^\s:]+?(?:::skin-tone-\d)?:")),
    ("link", re.compile(r"<[a-zA-Z][\w+.-]*:[^\s>]*>|(?:https?|steam|discord)://[^\s<]+", re.I)),
    ("link", re.compile(r"\[(?:\\[\s\S]|[^\\\]])*\]\([^)]*\)")),
)
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")


def read(text: str) -> list[Piece]:
    """What Discord's client shows for a text: runs of plain and of formatted text."""
    pieces: list[Piece] = []
    plain = ""
    position = 0
    line_start = True
    while position < len(text):
        found = (
            None if (escape := _ESCAPE.match(text, position)) else _rule(text, position, line_start)
        )
        if escape:
            plain += escape[1]
            position = escape.end()
            line_start = False
            continue
        if found:
            kind, match = found
            if plain:
                pieces.append(Piece("text", plain))
                plain = ""
            pieces += _inside(kind, match)
            position = match.end()
            line_start = kind in {"quote", "list"}
            continue
        plain += text[position]
        line_start = text[position] == "\n"
        position += 1
    if plain:
        pieces.append(Piece("text", plain))
    return pieces


def _rule(text: str, position: int, line_start: bool) -> tuple[str, re.Match[str]] | None:
    rules = (*(_BLOCK_RULES if line_start else ()), *_TOKEN_RULES, *_SPAN_RULES)
    for kind, rule in rules:
        if match := rule.match(text, position):
            return kind, match
    return None


def _inside(kind: str, match: re.Match[str]) -> Iterator[Piece]:
    if kind in {name for name, _ in _SPAN_RULES}:
        for piece in read(match[1]):
            yield Piece(kind if piece.kind == "text" else piece.kind, piece.text)
    else:
        yield Piece(kind, match[0])


def kinds(text: str) -> set[str]:
    """The kinds of formatting a text has beside plain text."""
    return {piece.kind for piece in read(text)} - {"text"}


def shown(text: str) -> str:
    """The text a reader sees, without its formatting."""
    return "".join(piece.text for piece in read(text))


def blocks(content: str) -> tuple[list[str], list[str]]:
    """Split a text into what is outside and what is inside its code blocks.

    Raises AssertionError where a fence is open or no ``text`` block.
    """
    pieces = content.split("```")
    assert len(pieces) % 2 == 1, "a code fence is open"
    inside = []
    for piece in pieces[1::2]:
        assert piece.startswith("text\n"), "a fence that is not ours"
        assert piece.endswith("\n")
        inside.append(piece[5:-1])
    return pieces[::2], inside


def skeleton(text: str) -> str:
    """The signs of a text that draw something by themselves, in order."""
    # A run of backticks in a code block is drawn with apostrophes.
    return "".join(sign for sign in text.replace("`", "'") if _draws(sign))


def _draws(sign: str) -> bool:
    category = unicodedata.category(sign)
    noncharacter = (ord(sign) & 0xFFFE) == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF
    if sign in BLANK_LETTERS or sign == "\ufffd" or noncharacter:
        return False
    return category[0] in "LNPS" or category in ("Co", "Cn")


def names(line: str, name: str, dots: str = "…", least: int = 8) -> bool:
    """Whether a line holds a name, whole or cut no shorter than ``least`` signs."""
    there = skeleton(line)
    wanted = skeleton(name)
    if not wanted:
        return True if "\ufffd" in line else "Unknown" in line
    if wanted in there:
        return True
    for dot in re.finditer(re.escape(dots), there):
        before = there[: dot.start()]
        for length in range(min(len(wanted), len(before)), least - 1, -1):
            if before.endswith(wanted[:length]):
                return True
    return False


def reorders(line: str) -> bool:
    """Whether right-to-left text or a direction mark can disturb the line."""
    depth = 0
    for sign in line:
        if sign in OVERRIDES:
            return True
        depth += (sign == OPENED) - (sign == CLOSED)
        if depth not in (0, 1):
            return True
        if depth == 0 and unicodedata.bidirectional(sign) in ("R", "AL", "AN"):
            return True
    return depth != 0
