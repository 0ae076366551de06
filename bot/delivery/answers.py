"""Reads the answers of a webhook server; knows no sockets.

Everything here takes outside text: nothing raises, whatever it holds.
"""

from __future__ import annotations

import json
import math
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bot.delivery.outcomes import InDoubt, NotSent, RateLimited, Rejected, Scope, Sent
from bot.logs import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from bot.delivery.outcomes import Outcome

NO_REASON = "no reason given"
ADDRESS_PAUSE = 600.0
LIMIT_PAUSE = 5.0
_LONGEST_PAUSE = 7 * 86400.0
_DETAIL_LENGTH = 300
_NOT_READ = frozenset({408, 425})
_WEBHOOK_PATH = re.compile(r"(webhooks/)\d+/[^\s/?#\"'<>]+", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def seconds(text: object) -> float | None:
    """Return a number of seconds from a header or body; None if it is none.

    Negative numbers count as 0, and nothing asks for more than a week.
    """
    if isinstance(text, bool) or not isinstance(text, (int, float, str)):
        return None
    try:
        number = float(text)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return min(max(number, 0.0), _LONGEST_PAUSE)


def _date(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def retry_after(headers: Mapping[str, str], body: object) -> float | None:
    """Return the seconds that an answer asks to wait; None if it does not say.

    The body's ``retry_after`` is finer than the header and wins. A header
    with a date counts from the answer's own ``Date``, since clocks differ.
    """
    if isinstance(body, dict):
        wait = seconds(body.get("retry_after"))
        if wait is not None:
            return wait
    header = headers.get("Retry-After")
    wait = seconds(header)
    if wait is not None:
        return wait
    until, since = _date(header), _date(headers.get("Date"))
    if until is None or since is None:
        return None
    return seconds((until - since).total_seconds())


def exhausted_for(headers: Mapping[str, str]) -> float | None:
    """Return the seconds until the next request is allowed, from the headers.

    None where requests are left, or where the headers do not tell.
    """
    if seconds(headers.get("X-RateLimit-Remaining")) != 0.0:
        return None
    return seconds(headers.get("X-RateLimit-Reset-After"))


def scope_of(headers: Mapping[str, str], body: object) -> Scope:
    """Return what a 429 applies to.

    Discord's own answers pass a proxy that adds ``Via``; without it, the
    answer comes from the guard in front and bans the address.
    """
    if "Via" not in headers:
        return Scope.ADDRESS
    named = headers.get("X-RateLimit-Scope", "").strip().lower()
    everywhere = headers.get("X-RateLimit-Global", "").strip().lower() == "true"
    if named == "global" or everywhere or (isinstance(body, dict) and body.get("global") is True):
        return Scope.GLOBAL
    return Scope.CHANNEL if named == "shared" else Scope.WEBHOOK


def parse_json(raw: bytes) -> object:
    """Return the JSON value in ``raw``, or None if there is none."""
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Return outside text on one line, shortened, without secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "***")
    text = _WEBHOOK_PATH.sub(r"\1***", mask(text))
    text = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return text if len(text) <= _DETAIL_LENGTH else text[: _DETAIL_LENGTH - 3] + "..."


def _complaints(errors: object, path: str = "", depth: int = 0) -> Iterator[str]:
    if not isinstance(errors, dict) or depth > 8:
        return
    for key, value in errors.items():
        if key == "_errors":
            for entry in value if isinstance(value, list) else ():
                if isinstance(entry, dict):
                    yield f"{path}: {entry.get('message') or entry.get('code')}"
        else:
            step = f"[{key}]" if str(key).isdigit() else f".{key}" if path else str(key)
            yield from _complaints(value, f"{path}{step}", depth + 1)


def describe(body: object, secrets: Iterable[str] = ()) -> tuple[int | None, str]:
    """Return Discord's error code, if any, and on one line what it says is wrong."""
    if not isinstance(body, dict):
        return None, NO_REASON
    code = body.get("code")
    message = body.get("message")
    parts = [message] if isinstance(message, str) and message else []
    parts.extend(_complaints(body.get("errors")))
    number = code if isinstance(code, int) and not isinstance(code, bool) else None
    return number, clean("; ".join(parts), secrets) or NO_REASON


def text_field(body: object, key: str) -> str | None:
    """Return an id of a JSON object as text; None where it is missing."""
    value = body.get(key) if isinstance(body, dict) else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def outcome_of(
    status: int,
    headers: Mapping[str, str],
    raw: bytes | None,
    *,
    secrets: Iterable[str] = (),
) -> Outcome:
    """Return what an answer to a sent message means.

    Parameters
    ----------
    headers
        The answer's headers, looked up without regard to case.
    raw
        Its body; None if it could not be read to its end.
    secrets
        Texts to mask in what the answer says.
    """
    body = parse_json(raw) if raw else None
    if 200 <= status < 300:
        return Sent(text_field(body, "id"), text_field(body, "channel_id"))
    if status == 429:
        scope = scope_of(headers, body)
        default = ADDRESS_PAUSE if scope is Scope.ADDRESS else LIMIT_PAUSE
        wait = retry_after(headers, body)
        return RateLimited(default if wait is None else wait, scope)
    if status in _NOT_READ:
        return NotSent(f"the server had not read the message (HTTP {status})")
    if 300 <= status < 400:
        return Rejected(status, None, "redirects are not followed")
    if 400 <= status < 500:
        code, detail = describe(body, secrets)
        errors = body.get("errors") if isinstance(body, dict) else None
        fields = frozenset(map(str, errors)) if isinstance(errors, dict) else frozenset()
        return Rejected(status, code, detail, fields)
    return InDoubt("server error", status)
