"""The tenant file with one entry more, and ``.env`` with one value set: nothing else moves."""

from __future__ import annotations

import io
import json
import re
import secrets
from typing import TYPE_CHECKING, Any

from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_INDENT = re.compile(r"\[[ \t]*\r?\n([ \t]+)\{")
_KEY_BYTES = 18

NEW_DOTENV = """\
# Settings of bgs-bot; the README lists them all. The environment comes before this file.
# The bot's token, for `bgs-bot run`:
# DISCORD_TOKEN=
"""


class UnsafeChangeError(BotError):
    """A file is written so oddly that a change could break it."""


def new_entry(answers: Mapping[str, str], taken: Collection[str]) -> dict[str, Any]:
    """Return an entry of the tenant file.

    Parameters
    ----------
    answers
        By question, checked by `bot.cli.setup.rules.Rules`. Without a link key,
        one is made.
    taken
        Ids that other entries have.
    """
    from bot.tenants.entry import derived_id
    from bot.tenants.loading import free_id

    entry: dict[str, Any] = {
        "id": free_id(derived_id(answers["name"]), taken),
        "name": answers["name"],
        "db_uri": answers["db-uri"],
        "discord_webhooks": {"shoutout": answers.get("webhook") or None},
    }
    if answers.get("faction"):
        entry["faction_name"] = answers["faction"]
    if answers.get("guild"):
        entry["guild_ids"] = answers["guild"].split()
    entry["link_key"] = answers.get("link-key") or secrets.token_urlsafe(_KEY_BYTES)
    return entry


def with_entry(before: bytes | None, entry: Mapping[str, Any]) -> bytes:
    """Return a tenant file with an entry added at its end.

    Parameters
    ----------
    before
        The file as it is, a JSON array; None for a new one.

    Raises
    ------
    UnsafeChangeError
        If the result would not be the old array and the entry.
    """
    if before is None:
        return (json.dumps([entry], indent=2, ensure_ascii=False) + "\n").encode()
    encoding = json.detect_encoding(before)
    text = before.decode(encoding, "surrogatepass")
    end = text.rindex("]")
    old, tail = text[:end].rstrip(), text[end:]
    newline = "\r\n" if "\r\n" in text else "\n"
    found = _INDENT.match(text.lstrip("\ufeff \t\r\n"))
    indent = found[1] if found else "  "
    lines = json.dumps(entry, indent=indent, ensure_ascii=False).split("\n")
    added = newline.join(indent + line for line in lines)
    comma = "" if old.endswith("[") and not json.loads(before) else ","
    result = f"{old}{comma}{newline}{added}{newline}{tail}".encode(encoding, "surrogatepass")
    if json.loads(result) != [*json.loads(before), dict(entry)]:
        raise UnsafeChangeError("the tenant file cannot be added to safely; add the entry by hand")
    return result


def with_value(before: bytes | None, name: str, value: str) -> bytes:
    """Return a ``.env`` with one name set; its other lines stay as they are.

    Parameters
    ----------
    value
        Without blanks and quotes.

    Raises
    ------
    UnsafeChangeError
        If any other value would change, a file holds the value in its place,
        or the text is not UTF-8.
    """
    bom, text = _dotenv_text(NEW_DOTENV.encode() if before is None else before)
    if _values(text).get(f"{name}_FILE"):
        raise UnsafeChangeError(f".env names {name}_FILE; put the value into that file")
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"{name}={value}"
    replaced = _replaced(text, name, line)
    if replaced is None:
        waiting = re.compile(rf"^#[ \t]*{name}=[ \t]*(?=\r?$)", re.MULTILINE)
        replaced, count = waiting.subn(lambda _: line, text, count=1)
        if not count:
            gap = newline if text and not text.endswith("\n") else ""
            replaced = f"{text}{gap}{line}{newline}"
    if _values(replaced) != _values(text) | {name: value}:
        raise UnsafeChangeError(f".env cannot be changed safely; set {name} there by hand")
    return bom + replaced.encode()


def _dotenv_text(before: bytes) -> tuple[bytes, str]:
    bom = b"\xef\xbb\xbf" if before.startswith(b"\xef\xbb\xbf") else b""
    try:
        return bom, before[len(bom) :].decode()
    except UnicodeDecodeError:
        raise UnsafeChangeError(".env is not UTF-8 text; save it as UTF-8") from None


def _replaced(text: str, name: str, line: str) -> str | None:
    """Return the text with every line that sets a name replaced; None where none does."""
    from dotenv.parser import parse_stream

    pieces, found = [], False
    for binding in parse_stream(io.StringIO(text)):
        piece = binding.original.string
        if binding.key is not None and binding.key.upper() == name:
            found = True
            start = piece[: len(piece) - len(piece.lstrip())]
            end = piece[len(piece.rstrip()) :]
            piece = f"{start}{line}{end}"
        pieces.append(piece)
    return "".join(pieces) if found else None


def _values(text: str) -> dict[str, str | None]:
    from dotenv import dotenv_values

    return {
        key.upper(): value
        for key, value in dotenv_values(stream=io.StringIO(text), interpolate=False).items()
    }
