"""How many conflict zones an event stands for, as its raw_json has it."""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from bot.reports.results import CzCounts

SIZES = ("low", "medium", "high")

_FALLBACKS = {size: CzCounts(**{size: 1}) for size in SIZES}
_UNKNOWN = CzCounts(unknown=1)

_MOST_BRACKETS = 30
_JSON_WORDS = ("true", "false", "null", "NaN", "Infinity")
_PYTHON_WORDS = re.compile(r"\b(?:None|True|False)\b")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_AS_JSON = {"None": "null", "True": "true", "False": "false"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_KNOWN_ESCAPES = frozenset("\\'\"abfnrtvx0123NuU\n\r")


def cz_counts(raw_json: str | None, cz_type: str | None) -> CzCounts:
    """Return the counts of one synthetic event.

    They are the whole numbers under ``low``, ``medium`` and ``high`` in
    ``raw_json``; where it has none, ``cz_type`` counts 1, and without that
    "unknown" counts 1.
    """
    sizes = read_sizes(raw_json) if raw_json else None
    if sizes is not None:
        return CzCounts(*sizes)
    return _FALLBACKS.get(cz_type or "", _UNKNOWN)


def read_sizes(text: str) -> tuple[int, int, int] | None:
    """Return the whole numbers under the three sizes, 0 for one that has none.

    Returns
    -------
    tuple or None
        None where the text is unreadable or holds no whole number under any.
    """
    return _sizes_in(_quick(text))


def read_sizes_plainly(text: str) -> tuple[int, int, int] | None:
    """Do as `read_sizes`, with general readers only: slow and beyond doubt."""
    return _sizes_in(_general(text))


def _sizes_in(value: Any) -> tuple[int, int, int] | None:
    if type(value) is not dict:
        return None
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


def _quick(text: str) -> Any:
    """Read a Python dict's text as JSON where both are sure to mean the same.

    A text with neither double quotes nor backslashes has strings in single
    quotes only; with these doubled and the three words of Python replaced,
    JSON's reader takes it at a tenth of the time. The words of JSON, which
    Python would refuse, and whatever Python's reader may find too deep or
    badly indented are left to the general way.
    """
    if '"' in text or "\\" in text:
        return _general(text)
    if text[:1] != "{" or text[-1:] != "}" or _is_doubtful(text):
        return _general(text)
    quoted = text.replace("'", '"')
    if "None" in text or "True" in text or "False" in text:
        quoted = _PYTHON_WORDS.sub(_json_word, quoted)
    try:
        return json.loads(quoted)
    except ValueError:
        return _general(text)


def _is_doubtful(text: str) -> bool:
    if text.count("{") + text.count("[") > _MOST_BRACKETS:
        return True
    if not text.isascii() and _LONE_SURROGATE.search(text):
        return True
    return any(word in text for word in _JSON_WORDS)


def _json_word(match: re.Match[str]) -> str:
    return _AS_JSON[match[0]]


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
