"""Webhook URLs, as Discord shows them and people paste them."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from bot.tenants.errors import WebhookUrlError
from bot.tenants.hosts import DEFAULT_PORTS, normalise_host
from bot.tenants.model import WebhookUrl

_PATH = re.compile(
    r"(?P<prefix>(?:/[^/\s]*)*)/webhooks/(?P<id>[0-9]{1,20})/(?P<token>[\w.~%-]+)/?", re.A
)
_NOT_IN_URLS = re.compile(r"[\s\\\x00-\x20\x7f-\x9f]")


class ParsedUrl(NamedTuple):
    """What a pasted webhook URL says.

    Attributes
    ----------
    thread_id
        The text of its ``thread_id`` option, whatever that is.
    """

    webhook: WebhookUrl
    scheme: str
    thread_id: str | None


def parse_webhook_url(text: str) -> WebhookUrl:
    """Return the webhook of a URL.

    Raises
    ------
    WebhookUrlError
        If it is no http(s) URL ending in ``/webhooks/DIGITS/TOKEN``, or
        carries a user name or password. The error never shows the text.
    """
    parsed = split_webhook_url(text)
    if parsed is None:
        raise WebhookUrlError(
            "this is no webhook URL; use one that ends in /webhooks/NUMBER/TOKEN, as Discord "
            "shows it under Integrations"
        )
    return parsed.webhook


def split_webhook_url(text: str) -> ParsedUrl | None:
    """Return what a webhook URL says; None where the text is a placeholder.

    Raises
    ------
    WebhookUrlError
        If the URL carries a user name or password.
    """
    text = text.strip()
    if _NOT_IN_URLS.search(text):
        return None
    try:
        parts = urlsplit(text)
        scheme = parts.scheme.lower()
        match = _PATH.fullmatch(parts.path)
        if scheme not in DEFAULT_PORTS or match is None or not parts.hostname:
            return None
        host = _host(parts, scheme)
    except ValueError:
        return None
    if not re.search(r"[A-Za-z0-9]", match["token"]):
        return None
    if "@" in parts.netloc:
        raise WebhookUrlError("the URL carries a user name or password; take it out")
    options = parse_qsl(parts.query, keep_blank_values=True)
    thread = next((value for key, value in options if key == "thread_id" and value), None)
    kept = urlencode([each for each in options if each[0] not in ("thread_id", "wait")])
    path = parts.path.removesuffix("/")
    url = urlunsplit((scheme, host, path, kept, ""))
    return ParsedUrl(WebhookUrl(url, match["id"], match["token"], host), scheme, thread)


def _host(parts: SplitResult, scheme: str) -> str:
    name = parts.hostname or ""
    try:
        host = normalise_host(f"[{name}]" if ":" in name else name)
    except ValueError:
        host = name  # such as one in another script: a host, but never an accepted one
    port = parts.port
    return host if port in (None, DEFAULT_PORTS[scheme]) else f"{host}:{port}"
