"""Untrusted names made fit for a message.

Every name from a database or a tenant file passes `clean` and leaves by one
of three doors: `escape` for Discord's markdown, `plain` for places without
markdown, `cell` for a column inside a code block.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from bot.rendering.limits import units
from bot.reports.results import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME_LIMIT = 128
"""UTF-16 units of one name in a line; a CMDR's name in the database has at most 64."""

_LONGEST_READ = 400
_MARKS_PER_SIGN = 4
_SIGNS_PER_CLUSTER = 12

_JOINERS = "\u200c\u200d"
_EMOJI_STYLE = "\ufe0f"
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"
_REPLACEMENT = "\ufffd"
_ELLIPSIS = "…"

# Letters that draw nothing, so that a name made of them looks blank.
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
_MARKS = frozenset(("Mn", "Me"))

_LOOSE_JOINERS = re.compile(
    rf"(?<![^\x00-\x7f{_JOINERS}])[{_JOINERS}]+|[{_JOINERS}]+(?![^\x00-\x7f{_JOINERS}])"
    rf"|(?<=[{_JOINERS}])[{_JOINERS}]+"
)
_MARKDOWN = re.compile(r"[\\*_~`|\[\]<>@:]")
_BLOCK_OPENING = re.compile(r"\s*(?:[#+-]|\d+[.)])")
_FENCE = re.compile(r"`{3,}")


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """Return a name without what draws nothing or disturbs its line.

    Control, format and bidirectional characters go, line breaks and odd
    spaces become spaces, a flood of combining marks is cut, halves of
    surrogate pairs and noncharacters become the replacement character. The
    result may be blank.
    """
    return _cleaned(text[:_LONGEST_READ])


def visible(text: str) -> str:
    """Return a line that was drawn before, without what could disturb a terminal."""
    pieces = re.split(f"([{_ISOLATE}{_END_ISOLATE}])", text)
    return "".join(piece if index % 2 else _cleaned(piece) for index, piece in enumerate(pieces))


def _cleaned(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = 0
    for sign in text:
        drawn = _drawn(sign)
        if not drawn:
            continue
        if unicodedata.category(drawn) in _MARKS:
            marks += 1
            if marks > _MARKS_PER_SIGN or not kept:
                continue
        elif drawn not in _JOINERS:
            marks = 0
        kept.append(drawn)
    return _LOOSE_JOINERS.sub("", "".join(kept))


@lru_cache(maxsize=4096)
def _drawn(sign: str) -> str:
    if sign in _JOINERS:
        return sign
    match unicodedata.category(sign):
        case "Cc":
            return " " if sign.isspace() else ""
        case "Zs" | "Zl" | "Zp":
            return " "
        case "Cf":
            return ""
        case "Cs":
            return _REPLACEMENT
        case "Cn" if (ord(sign) & 0xFFFE) == 0xFFFE or 0xFDD0 <= ord(sign) <= 0xFDEF:
            return _REPLACEMENT
        case _:
            return " " if sign in _BLANK_LETTERS else sign


def escape(text: str, limit: int = NAME_LIMIT) -> str:
    """Return a name for Discord's markdown: it reads as itself and does nothing.

    Parameters
    ----------
    limit
        The result's greatest length in UTF-16 units; a longer name ends in
        an ellipsis. From 16 to 256.
    """
    name = _named(text)
    if len(name) <= limit and units(whole := _isolated(_escaped(name))) <= limit:
        return whole
    # Room for the isolates, the ellipsis and an escape at the name's start.
    return _isolated(_escaped(_shortened(name, limit - 4, escapes=True)) + _ELLIPSIS)


def plain(text: str, limit: int) -> str:
    """Return a name for a place without markdown, at most ``limit`` (16 to 256) units long."""
    name = _named(text)
    if len(name) <= limit and units(whole := _isolated(name)) <= limit:
        return whole
    return _isolated(_shortened(name, limit - 3, escapes=False) + _ELLIPSIS)


def cell(text: str, columns: int) -> str:
    """Return a name as a left-aligned column of a code block.

    The name can neither close the block nor shift the columns: wide signs
    count two, and a name wider than ``columns`` ends in three dots.
    """
    name = clean(text)
    if not name.strip():
        name = UNKNOWN
    name = _FENCE.sub(lambda run: "'" * len(run[0]), name)
    width = column_width(name)
    if width > columns:
        name, width = _cut_to_columns(name, columns - 3)
        name += "..."
        width += 3
    return _isolated(name) + " " * (columns - width)


def column_width(text: str) -> int:
    """Return how many columns a text takes in a fixed-width font."""
    if text.isascii():
        return len(text)
    return sum(_cluster_width(cluster) for cluster in clusters(text))


def clusters(text: str) -> Iterator[str]:
    """Yield the signs of a text as a reader sees them, with their marks and joiners."""
    current = ""
    for sign in text:
        if current and len(current) < _SIGNS_PER_CLUSTER and _continues(current, sign):
            current += sign
        else:
            if current:
                yield current
            current = sign
    if current:
        yield current


def _continues(cluster: str, sign: str) -> bool:
    if sign.isascii():
        return False
    if cluster[-1] == _JOINERS[1] or sign in _JOINERS or "\U0001f3fb" <= sign <= "\U0001f3ff":
        return True
    if _is_flag_letter(sign):
        return len(cluster) == 1 and _is_flag_letter(cluster)
    return unicodedata.category(sign) in ("Mn", "Me", "Mc")


def _is_flag_letter(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _cluster_width(cluster: str) -> int:
    first = cluster[0]
    if unicodedata.east_asian_width(first) in "WF":
        return 2
    if len(cluster) > 1 and (_is_flag_letter(first) or _EMOJI_STYLE in cluster):
        return 2
    # Vowels and final consonants of Hangul are drawn into the syllable before them.
    if unicodedata.combining(first) or "\u1160" <= first <= "\u11ff":
        return 0
    return 0 if unicodedata.category(first) in ("Mn", "Me", "Cf") else 1


def _cut_to_columns(name: str, columns: int) -> tuple[str, int]:
    kept: list[str] = []
    used = 0
    for cluster in clusters(name):
        width = _cluster_width(cluster)
        if used + width > columns:
            break
        kept.append(cluster)
        used += width
    return "".join(kept), used


def _named(text: str) -> str:
    return clean(text).strip() or UNKNOWN


def _escaped(name: str) -> str:
    name = _MARKDOWN.sub(r"\\\g<0>", name)
    if opening := _BLOCK_OPENING.match(name):
        start = opening[0]
        name = start[:-1] + "\\" + start[-1] + name[len(start) :]
    return name


def _shortened(name: str, limit: int, *, escapes: bool) -> str:
    kept: list[str] = []
    used = 0
    for cluster in clusters(name):
        used += units(cluster) + (len(_MARKDOWN.findall(cluster)) if escapes else 0)
        if used > limit:
            break
        kept.append(cluster)
    return "".join(kept).rstrip()


def _isolated(name: str) -> str:
    """Keep a right-to-left name from reordering the rest of its line."""
    if name.isascii():
        return name
    if any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in name):
        return f"{_ISOLATE}{name}{_END_ISOLATE}"
    return name
