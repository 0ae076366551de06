"""Whether a stored message is the one that was sent.

Discord alters a message a little when it stores it: it trims white space,
leaves out invisible characters and empty fields, may turn ``:rocket:`` into
its sign, and adds types, flags and proxied addresses. What remains is the
words and numbers, in their places.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SHORTCODE = re.compile(r":[a-z0-9_+-]+:", re.IGNORECASE)
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Mn", "Me"})


def essence(text: object) -> str:
    """Return what of a text survives being stored, for comparison."""
    if not isinstance(text, str):
        return ""
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = " ".join(_SHORTCODE.sub("", unicodedata.normalize("NFC", text)).split())
    kept = (sign for sign in text if unicodedata.category(sign) not in _DROPPED)
    return " ".join("".join(kept).split())


def _embed(embed: Mapping[str, Any]) -> Iterator[str]:
    yield essence(embed.get("title"))
    yield essence(embed.get("description"))
    for part, key in (("author", "name"), ("footer", "text")):
        inner = embed.get(part)
        yield essence(inner.get(key)) if isinstance(inner, dict) else ""
    fields = embed.get("fields")
    for entry in fields if isinstance(fields, list) else ():
        if isinstance(entry, dict):
            yield essence(entry.get("name"))
            yield essence(entry.get("value"))


def texts(message: Mapping[str, Any]) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """Return the texts of a payload or of a stored message, for comparison.

    Embeds that Discord makes by itself for links are left out.
    """
    embeds = message.get("embeds")
    return essence(message.get("content")), tuple(
        tuple(_embed(embed))
        for embed in (embeds if isinstance(embeds, list) else ())
        if isinstance(embed, dict) and embed.get("type", "rich") in ("rich", None)
    )


def tells(message: Mapping[str, Any]) -> bool:
    """Return whether a message of a list shows its texts."""
    return bool(message.get("content") or message.get("embeds"))


def same(payload: Mapping[str, Any], message: Mapping[str, Any]) -> bool:
    """Return whether ``message`` is what became of ``payload``."""
    return texts(payload) == texts(message)
