"""Reading an entry of the tenant file field by field, collecting every fault."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from bot.errors import printable
from bot.logs import mask
from bot.tenants.errors import Problem

E = TypeVar("E", bound=str)

MAX_ID = 2**64 - 1


class Faults:
    """The faults of one tenant."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self.problems: list[Problem] = []
        self.fatal = False

    def fatal_error(self, field: str, value: str, fault: str, remedy: str) -> None:
        """Note a fault for which the tenant is left out."""
        self.fatal = True
        self.add("error", field, value, fault, remedy)

    def add(
        self, level: Literal["error", "warning"], field: str, value: str, fault: str, remedy: str
    ) -> None:
        """Note a fault that the tenant survives."""
        self.problems.append(
            Problem(level, self.tenant, printable(field, 120), value, fault, remedy)
        )


class Fields:
    """One JSON object of the file: typed access, every fault noted.

    Parameters
    ----------
    raw
        The object.
    path
        Where it is in the entry, such as ``reports.daily``; empty for the entry.
    faults
        Takes the faults.
    """

    def __init__(self, raw: Mapping[str, object], path: str, faults: Faults) -> None:
        self.raw = raw
        self.faults = faults
        self._path = path

    def path(self, key: str) -> str:
        """Return where a key is in the entry."""
        return f"{self._path}.{key}" if self._path else key

    def text(self, key: str, *, limit: int | None = None, secret: bool = False) -> str | None:
        """Return a text without blanks around it; None where there is none."""
        value = self.raw.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong(key, value, "is not a text", "put it in quotes", secret=secret)
            return None
        value = clean(value)
        if limit and len(value.encode("utf-16-le")) > 2 * limit:
            self._wrong(key, value, "is too long", f"use at most {limit} characters")
            return None
        return value or None

    def lenient_text(self, key: str) -> str | None:
        """Return a text under a key of the backend's own; what is none is a warning only."""
        value = self.raw.get(key)
        if value is None or isinstance(value, str):
            return self.text(key)
        self.faults.add(
            "warning", self.path(key), shown(value), "is not a text", "put it in quotes, or null"
        )
        return None

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self.raw.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self._wrong(key, value, "is neither true nor false", "write true or false, unquoted")
            return default
        return value

    def number(self, key: str, low: int, high: int) -> int | None:
        """Return a whole number within bounds; None where there is none."""
        value = self.raw.get(key)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            remedy = f"use a whole number from {low} to {high}"
            self._wrong(key, value, "is out of range or no number", remedy)
            return None
        return value

    def choice(self, key: str, kind: Callable[[str], E], known: Sequence[str]) -> E | None:
        """Return one of some known words."""
        value = self.raw.get(key)
        if value is None:
            return None
        if isinstance(value, str) and value.strip().lower() in known:
            return kind(value.strip().lower())
        self._wrong(key, value, "is not known", f"use {' or '.join(known)}")
        return None

    def discord_id(self, key: str) -> str | None:
        """Return an id of Discord's, given as number or digits; None where there is none."""
        value = self.raw.get(key)
        if value is None or value == "":
            return None
        digits = id_digits(value)
        if digits is None:
            remedy = "use the number that Discord shows under Copy ID"
            self._wrong(key, value, "is no id of Discord's", remedy)
        return digits

    def discord_ids(self, key: str, most: int | None = None) -> tuple[str, ...]:
        """Return several ids, each once."""
        found: dict[str, None] = {}
        items = self._items(key, "ids", "[1234567890]")
        for index, value in items:
            digits = id_digits(value)
            if digits is None:
                remedy = "use the number that Discord shows under Copy ID"
                self._wrong(f"{key}[{index}]", value, "is no id of Discord's", remedy)
            else:
                found[digits] = None
        if most is not None and len(items) > most:
            self._wrong(key, f"{len(items)} ids", "are too many", f"use at most {most}")
        return tuple(found)

    def texts(self, key: str, *, secret: bool = False) -> tuple[str, ...]:
        """Return several texts, each once; a single text will do for a list of one."""
        value = self.raw.get(key)
        items: list[tuple[int, Any]]
        if isinstance(value, str):
            items = [(0, value)] if value.strip() else []
        else:
            items = self._items(key, "texts", '["one", "two"]')
        found: dict[str, None] = {}
        for index, each in items:
            if isinstance(each, str) and clean(each):
                found[clean(each)] = None
            else:
                where = f"{key}[{index}]"
                self._wrong(where, each, "is no text", "write text in quotes", secret=secret)
        return tuple(found)

    def part(self, key: str) -> Mapping[str, object]:
        """Return an object inside this one; empty where there is none."""
        value = self.raw.get(key)
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return {str(name): each for name, each in value.items()}
        self._wrong(key, value, "is no object", "write it in braces: {...}")
        return {}

    def _items(self, key: str, what: str, example: str) -> list[tuple[int, Any]]:
        value = self.raw.get(key)
        if value is None:
            return []
        if isinstance(value, list | tuple):
            return list(enumerate(value))
        self._wrong(key, value, f"is no list of {what}", f"write a list, such as {example}")
        return []

    def _wrong(
        self, key: str, value: object, fault: str, remedy: str, *, secret: bool = False
    ) -> None:
        text = "(hidden)" if secret else shown(value)
        self.faults.fatal_error(self.path(key), text, fault, remedy)


def clean(text: str) -> str:
    """Return a text without blanks around it and without halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode("utf-8").strip()


def id_digits(value: object) -> str | None:
    """Return an id of Discord's as digits; None where it is none."""
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,20}\s*", value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID:
        return str(value)
    return None


def shown(value: object) -> str:
    """Return a value as faults show it: as JSON, masked and short."""
    if isinstance(value, Mapping):
        return "an object"
    if isinstance(value, list | tuple):
        return "a list"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = type(value).__name__
    return printable(mask(text), 60)


def shown_webhook(value: object) -> str:
    """Return what stands in a webhook's place without giving a token away."""
    if not isinstance(value, str):
        return shown(value)
    text = value.strip()
    if "://" in text:
        try:
            host = urlsplit(text).hostname
        except ValueError:
            host = None
        scheme = text.partition("://")[0]
        return printable(mask(f'"{scheme}://{host or ""}/..."'), 100)
    if len(text) > 24:
        return f'"{printable(text[:4])}..." ({len(text)} characters)'
    return shown(text)


def shown_uri(value: object) -> str:
    """Return a database's URI as its scheme only."""
    if not isinstance(value, str):
        return type(value).__name__
    scheme, separator, _ = value.strip().partition("://")
    return f'"{printable(scheme, 30)}://..."' if separator else "(hidden)"
