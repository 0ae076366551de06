"""Checks of single values; each error says what to write instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.logs import mask, register_uri_secrets
from bot.tenants.hosts import normalise_host

if TYPE_CHECKING:
    from collections.abc import Sequence

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

_ALIASES = {"WARN": "WARNING", "FATAL": "CRITICAL"}
_STATE_DRIVERS = {
    "sqlite": ("", "pysqlite"),
    "postgres": ("", "psycopg", "psycopg2"),
    "postgresql": ("", "psycopg", "psycopg2"),
}
_STATE_FORM = "use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE"


def log_level(text: str) -> str:
    """Return the name of a log level in capitals."""
    name = text.strip().upper()
    name = _ALIASES.get(name, name)
    if name not in LOG_LEVELS:
        raise ValueError(f"use one of {', '.join(LOG_LEVELS)}")
    return name


def token(text: str) -> str:
    """Return a bot token without blanks around it."""
    text = text.strip()
    if re.search(r"\s", text) or not text.isascii() or not text.isprintable():
        raise ValueError("give the token alone, without 'Bot' or blanks")
    return text


def address(text: str, schemes: tuple[str, ...]) -> str:
    """Return an address without a slash at its end, if it has one of the schemes."""
    text = text.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or re.search(r"\s", text):
        raise ValueError(f"give an address that begins with {' or '.join(schemes)}://")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("give the address without user, query or #")
    return text


def rest_base(text: str) -> str:
    """Return the REST address; its path ends in the API's version."""
    text = address(text, ("http", "https"))
    if not re.search(r"/v[0-9]{1,3}$", text):
        raise ValueError("add the version to the path, such as https://host/api/v10")
    return text


def hosts(texts: Sequence[str]) -> tuple[str, ...]:
    """Return hosts in the form that webhooks are compared with, each once."""
    found: dict[str, None] = {}
    wrong: dict[str, list[str]] = {}
    for text in texts:
        try:
            found[normalise_host(text)] = None
        except ValueError as error:
            wrong.setdefault(str(error), []).append(repr(mask(text.strip()[:60])))
    if wrong:
        raise ValueError("; ".join(f"{', '.join(names)}: {hint}" for hint, names in wrong.items()))
    return tuple(found)


def listen_address(text: str) -> str:
    """Return ``host:port`` to listen at; a port alone means loopback."""
    alone = re.fullmatch(r":?([0-9]{1,5})", text.strip())
    host = normalise_host(f"127.0.0.1:{alone[1]}" if alone else text)
    if not re.search(r":[0-9]+$", host):
        raise ValueError("add the port, such as 127.0.0.1:8080")
    return host


def absolute_path(path: Path, base: Path) -> Path:
    """Return a path as seen from a folder, with ``~`` written out."""
    if "\0" in str(path):
        raise ValueError("a path has no NUL character; correct it")
    try:
        return Path(base, path.expanduser())
    except RuntimeError:
        raise ValueError("there is no such home folder; write the path in full") from None


def state_uri(uri: str, base: Path) -> str:
    """Return the ledger's URI, a relative SQLite path seen from a folder."""
    register_uri_secrets(uri)
    scheme, separator, rest = uri.partition("://")
    kind, _, driver = scheme.partition("+")
    if not separator or kind not in _STATE_DRIVERS:
        raise ValueError(f"the ledger lives in SQLite or PostgreSQL; {_STATE_FORM}")
    if driver not in _STATE_DRIVERS[kind]:
        raise ValueError(f"leave out the driver: write {kind}:// instead of {scheme}://")
    if kind == "sqlite":
        return _sqlite_uri(scheme, rest, base)
    from sqlalchemy.engine import make_url

    try:
        make_url(uri)
    except Exception:  # noqa: BLE001  # whatever the parser stumbles over, it is no URI
        raise ValueError(
            f"this is no database URI; {_STATE_FORM}, "
            "and special characters of the password as %40 and so on"
        ) from None
    return uri


def _sqlite_uri(scheme: str, rest: str, base: Path) -> str:
    path, question, options = rest.partition("?")
    if not path.startswith("/"):
        raise ValueError("write three slashes, sqlite:///PATH (four for a path from the root)")
    path = path[1:]
    if path in ("", ":memory:") or "mode=memory" in options:
        raise ValueError("a ledger in memory forgets what was posted; use sqlite:///PATH")
    if not path.startswith("file:") and not re.match(r"[A-Za-z]:[\\/]", path):
        path = str(Path(base, path))
    return f"{scheme}:///{path}{question}{options}"
