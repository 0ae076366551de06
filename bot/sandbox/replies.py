"""Answers in the form that Discord gives them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.validation import error

if TYPE_CHECKING:
    from bot.sandbox.windows import Usage

API = "/api{version:(?:/v[0-9]+)?}"

UNAUTHORIZED = error(0, "401: Unauthorized")
UNKNOWN_CHANNEL = error(10003, "Unknown Channel")
UNKNOWN_GUILD = error(10004, "Unknown Guild")
UNKNOWN_MESSAGE = error(10008, "Unknown Message")
UNKNOWN_WEBHOOK = error(10015, "Unknown Webhook")
INVALID_TOKEN = error(50027, "Invalid Webhook Token")
MISSING_ACCESS = error(50001, "Missing Access")
INVALID_JSON = error(50109, "The request body contains invalid JSON.")
WRONG_TYPE = error(50035, "Expected \"Content-Type\" header to be one of {'application/json'}.")
TAG_REQUIRED = error(40067, "A tag is required to create a forum post in this channel")
NEITHER = error(220001, "Webhooks posted to forum channels must have a thread_name or thread_id")
BOTH = error(
    220002, "Webhooks posted to forum channels cannot have both a thread_name and thread_id"
)
NO_FORUM = error(220003, "Webhooks can only create threads in forum channels")


class Refused(Exception):  # noqa: N818  # an answer on its way out, not a failure
    """A request ends here with an answer that is no success."""

    def __init__(
        self,
        status: int,
        body: dict[str, Any],
        headers: dict[str, str] | None = None,
        *,
        via: bool = True,
    ) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}
        self.via = via


def reply(
    status: int, body: object = None, headers: dict[str, str] | None = None, *, via: bool = True
) -> web.Response:
    """Return an answer.

    Parameters
    ----------
    body
        Its JSON value; none for None.
    via
        Whether it shows the proxy that all of Discord's own answers pass.
    """
    all_headers = dict(headers or {})
    if via:
        all_headers["Via"] = "1.1 google"
    if body is None:
        return web.Response(status=status, headers=all_headers)
    # Clients of Discord decode JSON only where no charset follows the type.
    all_headers["Content-Type"] = "application/json"
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return web.Response(status=status, body=raw, headers=all_headers)


def limit_headers(usage: Usage, bucket: str, now: float) -> dict[str, str]:
    """Return the headers that tell how a limit stands.

    Parameters
    ----------
    now
        Unix time.
    """
    return {
        "X-RateLimit-Limit": str(usage.limit),
        "X-RateLimit-Remaining": str(usage.remaining),
        "X-RateLimit-Reset": f"{now + usage.reset_after:.3f}",
        "X-RateLimit-Reset-After": f"{usage.reset_after:.3f}",
        "X-RateLimit-Bucket": bucket,
    }


def limited(
    wait: float, scope: str, *, via: bool = True, headers: dict[str, str] | None = None
) -> Refused:
    """Return a 429.

    Parameters
    ----------
    wait
        Seconds to wait.
    scope
        user, shared or global.
    via
        False for the guard in front of Discord, which bans the address and
        answers no JSON of Discord's.
    """
    retry = {"Retry-After": str(math.ceil(wait))}
    if not via:
        return Refused(429, error(0, "banned"), retry, via=False)
    if scope == "global":
        retry["X-RateLimit-Global"] = "true"
    body = {
        "message": "You are being rate limited.",
        "code": 0,
        "retry_after": round(wait, 3),
        "global": scope == "global",
    }
    return Refused(429, body, {**(headers or {}), **retry, "X-RateLimit-Scope": scope})
