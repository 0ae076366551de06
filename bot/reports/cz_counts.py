"""How many conflict zones an event stands for, as its raw_json has it."""

from __future__ import annotations

import ast
import json
import re
from typing import Any, NoReturn

SIZES = ("low", "medium", "high")

Counts = tuple[int, int, int, int]
"""Low, medium, high and unknown."""

_FALLBACKS: dict[object, Counts] = {
    "low": (1, 0, 0, 0),
    "medium": (0, 1, 0, 0),
    "high": (0, 0, 1, 0),
}
_UNKNOWN: Counts = (0, 0, 0, 1)

_MOST_BRACKETS = 30
_MOST_DIGITS = 900
_MOST_BITS = (10**_MOST_DIGITS).bit_length()
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_KNOWN_ESCAPES = frozenset("\\'\"abfnrtvx0123NuU\n\r")


def cz_counts(raw_json: str, cz_type: object) -> Counts:
    """Return the counts of one synthetic event.

    They are the whole numbers under ``low``, ``medium`` and ``high`` in
    ``raw_json``; where it has none, ``cz_type`` counts 1, and without that
    "unknown" counts 1. A number of more than 900 digits is none.
    """
    sizes = read_sizes(raw_json) if raw_json else None
    if sizes is None:
        return _FALLBACKS.get(cz_type, _UNKNOWN)
    return (*sizes, 0)


def read_sizes(text: str) -> tuple[int, int, int] | None:
    """Return the whole numbers under the three sizes, 0 for one that has none.

    Returns
    -------
    tuple or None
        None where the text is unreadable or holds no whole number under any.
    """
    return _sizes_in(_quick(text), text)


def read_sizes_plainly(text: str) -> tuple[int, int, int] | None:
    """Do as `read_sizes`, with general readers only: slow and beyond doubt."""
    return _sizes_in(_general(text), text)


def _sizes_in(value: Any, text: str) -> tuple[int, int, int] | None:
    if type(value) is not dict:
        return None
    if len(text) > _MOST_DIGITS:
        value = {size: value.get(size) for size in SIZES if _is_writable(value.get(size))}
    low, medium, high = value.get("low"), value.get("medium"), value.get("high")
    found = False
    if type(low) is int:
        found = True
    else:
        low = 0
    if type(medium) is int:
        found = True
    else:
        medium = 0
    if type(high) is int:
        found = True
    else:
        high = 0
    return (low, medium, high) if found else None


def _is_writable(value: object) -> bool:
    """Whether a number, and sums of many such, can be written: Python stops at 4,300 digits."""
    return type(value) is int and value.bit_length() <= _MOST_BITS


def _refuse(word: str) -> NoReturn:
    """Python knows no such word."""
    raise ValueError(word)


_read_json = json.JSONDecoder().raw_decode
_read_python = json.JSONDecoder(parse_constant=_refuse).raw_decode


def _quick(text: str) -> Any:
    """Read an object's text with JSON's reader, where that is safe.

    A Python dict's text with neither double quotes nor backslashes has strings
    in single quotes only: with these doubled, and the three words of Python
    replaced, it is JSON of the same meaning, as far as the numbers go. What
    Python would refuse (the words of JSON, lone surrogates, too many brackets)
    is left to the general way, and so is all that this reader stumbles over.
    """
    if text[0] != "{":
        return _general(text)
    try:
        if '"' in text:
            value, end = _read_json(text)
        elif "\\" in text or _is_doubtful(text):
            return _general(text)
        else:
            value, end = _read_python(_as_json(text))
    except (ValueError, RecursionError):
        return _general(text)
    return value if end == len(text) else _general(text)


def _is_doubtful(text: str) -> bool:
    if "true" in text or "false" in text or "null" in text:
        return True
    if text.count("{") + text.count("[") > _MOST_BRACKETS:
        return True
    return not text.isascii() and _LONE_SURROGATE.search(text) is not None


def _as_json(text: str) -> str:
    """Return JSON of the same length; what this does to the words within strings is no matter."""
    text = text.replace("'", '"')
    if "None" in text or "True" in text or "False" in text:
        return text.replace("None", "null").replace("True", "true").replace("False", "false")
    return text


def _general(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(_ESCAPE.sub(_quiet_escape, text))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _quiet_escape(match: re.Match[str]) -> str:
    """Double a backslash that escapes nothing: Python would keep it, with a warning."""
    return match[0] if match[1] in _KNOWN_ESCAPES else "\\" + match[0]
