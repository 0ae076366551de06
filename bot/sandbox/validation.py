"""What Discord refuses in the texts and embeds of a message, and the words it does it in."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CONTENT_LENGTH = 2000
EMBEDS = 10
EMBED_TOTAL = 6000
FIELDS = 25
TITLE_LENGTH = 256
DESCRIPTION_LENGTH = 4096
FIELD_NAME_LENGTH = 256
FIELD_VALUE_LENGTH = 1024
FOOTER_LENGTH = 2048
AUTHOR_LENGTH = 256
URL_LENGTH = 2048
NAME_LENGTH = 80
THREAD_NAME_LENGTH = 100
TAGS = 5

_SNOWFLAKE = re.compile(r"0|[1-9]\d{0,19}", re.ASCII)
_MENTIONS = ("roles", "users", "everyone")
_REFUSED_NAMES = ("discord", "clyde")

Problem = tuple[tuple[str, ...], str, str]
Path = tuple[str, ...]


def length(text: str) -> int:
    """Return the length that counts: UTF-16 units, after trimming."""
    return len(text.strip().encode("utf-16-le", "surrogatepass")) // 2


def error(code: int, message: str, problems: list[Problem] | None = None) -> dict[str, Any]:
    """Return an error as Discord answers it.

    Parameters
    ----------
    problems
        Path, code and message of each field's problem.
    """
    body: dict[str, Any] = {"message": message, "code": code}
    if problems:
        tree: dict[str, Any] = {}
        for path, name, text in problems:
            node = tree
            for step in path:
                node = node.setdefault(step, {})
            node.setdefault("_errors", []).append({"code": name, "message": text})
        body["errors"] = tree
    return body


EMPTY = error(50006, "Cannot send an empty message")


def is_empty(content: str | None, embeds: Iterable[Mapping[str, Any]] | None) -> bool:
    """Return whether a message of these would show nothing."""
    return not (content or "").strip() and not any(map(_has_text, embeds or ()))


def _has_text(embed: Mapping[str, Any]) -> bool:
    return any(
        embed.get(key)
        for key in ("title", "description", "fields", "author", "footer", "image", "thumbnail")
    )


def body_problems(payload: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the texts, the flags and the embeds of a message."""
    yield from _text(payload, "content", CONTENT_LENGTH)
    yield from _text(payload, "username", NAME_LENGTH, blank=False)
    yield from _username(payload.get("username"))
    yield from _text(payload, "thread_name", THREAD_NAME_LENGTH, blank=False)
    yield from _url(payload, "avatar_url")
    if not isinstance(payload.get("tts") or False, bool):
        yield ("tts",), "BOOLEAN_TYPE_CONVERT", "Must be either true or false."
    flags = payload.get("flags")
    if flags is not None and not _is_int(flags):
        yield ("flags",), "NUMBER_TYPE_COERCE", f'Value "{flags}" is not int.'
    yield from snowflake_problems(payload.get("applied_tags"), ("applied_tags",), TAGS)
    yield from _allowed_mentions(payload.get("allowed_mentions"))
    yield from _embeds(payload.get("embeds"))


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(
    holder: Mapping[str, Any],
    key: str,
    most: int,
    path: Path = (),
    *,
    required: bool = False,
    blank: bool = True,
) -> Iterator[Problem]:
    value = holder.get(key)
    where = (*path, key)
    if value is None:
        if required:
            yield where, "BASE_TYPE_REQUIRED", "This field is required"
    elif not isinstance(value, str):
        yield where, "STRING_TYPE_CONVERT", "Could not interpret value as string."
    elif required and not value.strip():
        yield where, "BASE_TYPE_REQUIRED", "This field is required"
    elif not blank and not 1 <= length(value) <= most:
        yield where, "BASE_TYPE_BAD_LENGTH", f"Must be between 1 and {most} in length."
    elif length(value) > most:
        yield where, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length."


def _username(name: object) -> Iterator[Problem]:
    for word in _REFUSED_NAMES:
        if isinstance(name, str) and word in name.casefold():
            text = f'Username cannot contain "{word}"'
            yield ("username",), "USERNAME_INVALID_CONTAINS", text


def _url(
    holder: Mapping[str, Any], key: str, path: Path = (), *, files: bool = False
) -> Iterator[Problem]:
    value = holder.get(key)
    if value is None or value == "":
        return
    yield from _text(holder, key, URL_LENGTH, path)
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        schemes = ("http", "https", "attachment") if files else ("http", "https")
        good = parts is not None and parts.scheme in schemes and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        yield (*path, key), "URL_TYPE_INVALID_URL", "Not a well formed URL."


def is_snowflake(value: object) -> bool:
    """Return whether a JSON value is an id, written as text or as a number."""
    return _is_int(value) or (isinstance(value, str) and bool(_SNOWFLAKE.fullmatch(value)))


def snowflake_problems(value: object, path: Path, most: int) -> Iterator[Problem]:
    """Yield what is wrong with a list of ids."""
    if value is None:
        return
    if not isinstance(value, list):
        yield path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"
        return
    if len(value) > most:
        yield path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length."
    for number, entry in enumerate(value):
        if not is_snowflake(entry):
            text = f'Value "{entry}" is not snowflake.'
            yield (*path, str(number)), "NUMBER_TYPE_COERCE", text


def _allowed_mentions(value: object) -> Iterator[Problem]:
    if value is None:
        return
    path = ("allowed_mentions",)
    if not isinstance(value, dict):
        yield path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
        return
    parse = value.get("parse") or []
    if not isinstance(parse, list):
        yield (*path, "parse"), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"
        return
    for number, entry in enumerate(parse):
        if entry not in _MENTIONS:
            text = f"Value must be one of {set(_MENTIONS)}."
            yield (*path, "parse", str(number)), "BASE_TYPE_CHOICES", text
    for kind in ("users", "roles"):
        yield from snowflake_problems(value.get(kind), (*path, kind), 100)
        if kind in parse and value.get(kind):
            text = f'parse: ["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            yield path, "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text


def _embeds(value: object) -> Iterator[Problem]:
    if value is None:
        return
    path = ("embeds",)
    if not isinstance(value, list):
        yield path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"
        return
    if len(value) > EMBEDS:
        yield path, "BASE_TYPE_MAX_LENGTH", f"Must be {EMBEDS} or fewer in length."
    found: list[Problem] = []
    for number, embed in enumerate(value):
        where = (*path, str(number))
        if not isinstance(embed, dict):
            text = "Only dictionaries may be used in a DictType"
            found.append((where, "DICT_TYPE_CONVERT", text))
        else:
            found.extend(_embed(embed, where))
    yield from found
    if not found and sum(map(_embed_length, value)) > EMBED_TOTAL:
        text = f"Embed size exceeds maximum size of {EMBED_TOTAL}"
        yield path, "MAX_EMBED_SIZE_EXCEEDED", text


def _embed(embed: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    yield from _text(embed, "title", TITLE_LENGTH, path)
    yield from _text(embed, "description", DESCRIPTION_LENGTH, path)
    yield from _url(embed, "url", path)
    color = embed.get("color")
    if color is not None and not _is_int(color):
        yield (*path, "color"), "NUMBER_TYPE_COERCE", f'Value "{color}" is not int.'
    elif color is not None and not 0 <= color <= 0xFFFFFF:
        yield (
            (*path, "color"),
            "NUMBER_TYPE_MAX",
            "int value should be less than or equal to 16777215.",
        )
    if not _is_timestamp(embed.get("timestamp")):
        yield (*path, "timestamp"), "DATE_TIME_TYPE_PARSE", "Could not parse the timestamp."
    for key, inner, most in (("author", "name", AUTHOR_LENGTH), ("footer", "text", FOOTER_LENGTH)):
        yield from _part(embed, key, path, inner, most)
    for key in ("image", "thumbnail"):
        yield from _part(embed, key, path)
    yield from _fields(embed.get("fields"), (*path, "fields"))


def _is_timestamp(value: object) -> bool:
    if value is None:
        return True
    try:
        datetime.fromisoformat(value)  # type: ignore[arg-type]  # a TypeError is the answer
    except (TypeError, ValueError):
        return False
    return True


def _part(
    embed: Mapping[str, Any], key: str, path: Path, inner: str | None = None, most: int = 0
) -> Iterator[Problem]:
    part = embed.get(key)
    if part is None:
        return
    where = (*path, key)
    if not isinstance(part, dict):
        yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
        return
    if inner is not None:
        yield from _text(part, inner, most, where, required=True)
    for link in ("url", "icon_url"):
        yield from _url(
            part, link, where, files=key in ("image", "thumbnail") or link == "icon_url"
        )


def _fields(value: object, path: Path) -> Iterator[Problem]:
    if value is None:
        return
    if not isinstance(value, list):
        yield path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"
        return
    if len(value) > FIELDS:
        yield path, "BASE_TYPE_MAX_LENGTH", f"Must be {FIELDS} or fewer in length."
    for number, entry in enumerate(value):
        where = (*path, str(number))
        if not isinstance(entry, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        yield from _text(entry, "name", FIELD_NAME_LENGTH, where, required=True)
        yield from _text(entry, "value", FIELD_VALUE_LENGTH, where, required=True)
        if not isinstance(entry.get("inline") or False, bool):
            yield (*where, "inline"), "BOOLEAN_TYPE_CONVERT", "Must be either true or false."


def _embed_length(embed: Mapping[str, Any]) -> int:
    pieces = [embed.get("title"), embed.get("description")]
    pieces.append((embed.get("author") or {}).get("name"))
    pieces.append((embed.get("footer") or {}).get("text"))
    for entry in embed.get("fields") or ():
        pieces.extend((entry["name"], entry["value"]))
    return sum(length(piece) for piece in pieces if piece)
