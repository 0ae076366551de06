"""Discord's limits on a message, by Discord's own names, and how to measure one.

Lengths are UTF-16 units: the stricter of the two readings of "characters".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONTENT = 2000
EMBEDS = 10
EMBED_TITLE = 256
EMBED_DESCRIPTION = 4096
EMBED_FIELDS = 25
EMBED_FIELD_NAME = 256
EMBED_FIELD_VALUE = 1024
EMBED_FOOTER_TEXT = 2048
EMBED_AUTHOR_NAME = 256
EMBEDS_TOTAL = 6000
USERNAME = 80
THREAD_NAME = 100
APPLIED_TAGS = 5
URL = 2048


def units(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def embed_size(embed: Mapping[str, Any]) -> int:
    """Return what an embed's dict counts towards `EMBEDS_TOTAL`."""
    size = units(embed.get("title") or "") + units(embed.get("description") or "")
    size += units((embed.get("footer") or {}).get("text") or "")
    size += units((embed.get("author") or {}).get("name") or "")
    fields = embed.get("fields") or ()
    return size + sum(units(field["name"]) + units(field["value"]) for field in fields)


def excess(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one sentence for each limit that a webhook's payload breaks.

    A payload that Discord takes gives an empty tuple.
    """
    embeds = payload.get("embeds") or ()
    faults = list(_over("content", payload.get("content"), CONTENT))
    faults += _over("username", payload.get("username"), USERNAME)
    faults += _over("thread_name", payload.get("thread_name"), THREAD_NAME)
    if not embeds and not (payload.get("content") or "").strip():
        faults.append("the message is empty")
    if len(embeds) > EMBEDS:
        faults.append(f"embeds: {len(embeds)} of at most {EMBEDS}")
    if (total := sum(embed_size(embed) for embed in embeds)) > EMBEDS_TOTAL:
        faults.append(f"embeds: {total} characters of at most {EMBEDS_TOTAL} in all")
    for number, embed in enumerate(embeds):
        faults += _embed_excess(f"embeds[{number}]", embed)
    return tuple(faults)


def _embed_excess(place: str, embed: Mapping[str, Any]) -> Iterable[str]:
    fields = embed.get("fields") or ()
    yield from _over(f"{place}.title", embed.get("title"), EMBED_TITLE)
    yield from _over(f"{place}.description", embed.get("description"), EMBED_DESCRIPTION)
    yield from _over(f"{place}.footer", (embed.get("footer") or {}).get("text"), EMBED_FOOTER_TEXT)
    yield from _over(f"{place}.author", (embed.get("author") or {}).get("name"), EMBED_AUTHOR_NAME)
    if len(fields) > EMBED_FIELDS:
        yield f"{place}.fields: {len(fields)} of at most {EMBED_FIELDS}"
    for number, field in enumerate(fields):
        for part, limit in (("name", EMBED_FIELD_NAME), ("value", EMBED_FIELD_VALUE)):
            yield from _over(f"{place}.fields[{number}].{part}", field[part], limit)
            if not field[part].strip():
                yield f"{place}.fields[{number}].{part} is blank"


def _over(place: str, text: str | None, limit: int) -> Iterable[str]:
    if text is not None and (size := units(text)) > limit:
        yield f"{place}: {size} characters of at most {limit}"
