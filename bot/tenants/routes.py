"""The webhooks of a tenant: a URL, a list, or routes with options."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot import catalogue
from bot.errors import printable
from bot.logs import register_secret
from bot.tenants.errors import WebhookUrlError
from bot.tenants.fields import Faults, Fields, clean, id_digits, shown, shown_webhook
from bot.tenants.hosts import host_refusal
from bot.tenants.model import DEFAULT_REPORT, REPORT_KEYS, ReportConfig, Route, Style
from bot.tenants.webhooks import ParsedUrl, split_webhook_url

_SLIPS = (
    (re.compile(r"(?i)https?://[^/]+/channels/\d"), "is a channel's address, not a webhook's"),
    (
        re.compile(r"(?i)https?://[^/]+/(?:.*/)?webhooks/\d+/[^/]+/(?:slack|github)/?$"),
        "is for other programs: take /slack or /github off its end",
    ),
    (re.compile(r"(?i)(?:ptb\.|canary\.)?discord(?:app)?\.com/"), "lacks https:// at its start"),
)
"""What looks like an address and is none, and what is wrong with it."""

ROUTE_KEYS = (
    "url",
    "thread_id",
    "thread_name",
    "tags",
    "reports",
    "systems",
    "factions",
    "style",
    "top",
    "locale",
    "silent",
    "username",
    "avatar_url",
)
MAX_TOP = 1000
MAX_TAGS = 5
MAX_THREAD_NAME = 100
MAX_USERNAME = 80
STYLES = tuple(style.value for style in Style)


@dataclass(frozen=True, slots=True)
class _Place:
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class PlacedRoute:
    """A route and where in the entry it stands."""

    path: str
    route: Route


def parse_routes(fields: Fields, hosts: Collection[str]) -> dict[str, tuple[PlacedRoute, ...]]:
    """Return the routes of ``discord_webhooks``, by kind, and note every fault."""
    webhooks = fields.raw.get("discord_webhooks")
    if _is_nothing(webhooks):
        return {}
    if not isinstance(webhooks, Mapping):
        remedy = "write an object from kind to URL, or null"
        fault = "is no object, so that nothing is posted"
        fields.faults.add("error", "discord_webhooks", shown_webhook(webhooks), fault, remedy)
        return {}
    found = {}
    for key, value in webhooks.items():
        place = _Place(clean(str(key)), f"discord_webhooks.{key}")
        found[place.kind] = tuple(_routes(place, value, hosts, fields.faults))
    return found


def warn_shared_channels(
    placed: Mapping[str, Sequence[PlacedRoute]],
    reports: Mapping[str, ReportConfig],
    faults: Faults,
) -> None:
    """Note routes that get nothing because another leads to the same channel.

    Parameters
    ----------
    placed
        The routes by kind.
    reports
        What is configured; the others have the default.
    """
    shared: dict[tuple[str, str], list[str]] = {}
    for report in dict.fromkeys((*REPORT_KEYS, *reports)):
        config = reports.get(report, DEFAULT_REPORT)
        first: dict[str, str] = {}
        for each in (each for kind in config.kinds for each in placed.get(kind, ())):
            if not config.enabled or not each.route.takes(report):
                continue
            path = first.setdefault(each.route.key, each.path)
            if path != each.path:
                shared.setdefault((path, each.path), []).append(report)
    for (kept, dropped), names in shared.items():
        faults.add(
            "warning",
            dropped,
            "",
            f"gets no {printable(', '.join(names))}: it is the same channel as {printable(kept)}",
            "give one of the two a thread_id, systems or factions of its own or another webhook, "
            "or take it out",
        )


def _routes(
    place: _Place, value: object, hosts: Collection[str], faults: Faults
) -> Iterator[PlacedRoute]:
    if _is_nothing(value):
        return
    if isinstance(value, list | tuple):
        for index, each in enumerate(value):
            inner = _Place(place.kind, f"{place.path}[{index}]")
            if isinstance(each, list | tuple) and each:
                _wrong_type(inner.path, each, faults)
            else:
                yield from _routes(inner, each, hosts, faults)
    elif isinstance(value, Mapping):
        options = {str(key): each for key, each in value.items()}
        route = _route(place, Fields(options, place.path, faults), hosts)
        if route:
            yield PlacedRoute(place.path, route)
    elif isinstance(value, str):
        parsed = _webhook(place.path, value, hosts, faults)
        if parsed:
            thread = _url_thread(place.path, parsed, faults)
            route = Route(kind=place.kind, webhook=parsed.webhook, thread_id=thread)
            yield PlacedRoute(place.path, route)
    else:
        _wrong_type(place.path, value, faults)


def _route(place: _Place, fields: Fields, hosts: Collection[str]) -> Route | None:
    faults = fields.faults
    for key in fields.raw:
        if key not in ROUTE_KEYS:
            remedy = f"a route has {', '.join(ROUTE_KEYS)}"
            faults.add("warning", fields.path(key), "", "is not known and has no effect", remedy)
    url = fields.raw.get("url")
    parsed = None
    if "url" not in fields.raw:
        remedy = 'add "url": "https://discord.com/api/webhooks/..."'
        faults.fatal_error(fields.path("url"), "", "is missing", remedy)
    elif isinstance(url, str):
        parsed = _webhook(fields.path("url"), url, hosts, faults)
    elif not _is_nothing(url):
        faults.fatal_error(fields.path("url"), shown(url), "is no webhook", "put a URL in quotes")
    thread_id, thread_name, tags = _thread(fields, parsed)
    reports = fields.texts("reports") if fields.raw.get("reports") is not None else None
    options = {
        "systems": fields.texts("systems"),
        "factions": fields.texts("factions"),
        "style": fields.choice("style", Style, STYLES),
        "top": fields.number("top", 1, MAX_TOP),
        "locale": fields.text("locale"),
        "silent": fields.flag("silent", False),
        "username": _username(fields),
        "avatar_url": _avatar(fields),
    }
    for name in reports or ():
        warn_unknown_report(fields.path("reports"), name, faults)
    if parsed is None:
        return None
    return Route(
        kind=place.kind,
        webhook=parsed.webhook,
        thread_id=thread_id,
        thread_name=thread_name,
        tags=tags,
        reports=None if reports is None else frozenset(reports),
        **options,  # type: ignore[arg-type]  # each is read as its field's type above
    )


def warn_unknown_report(path: str, name: str, faults: Faults) -> None:
    """Note a report that neither comes with the bot nor is added by a package."""
    if catalogue.find(name) is None:
        remedy = f"if that is a slip, use one of {', '.join(catalogue.keys())}"
        faults.add("warning", path, shown(name), "is no report that is installed", remedy)


def _webhook(path: str, text: str, hosts: Collection[str], faults: Faults) -> ParsedUrl | None:
    text = clean(text)
    if not text:
        return None
    try:
        parsed = split_webhook_url(text)
    except WebhookUrlError as error:
        fault, _, remedy = str(error).partition("; ")
        faults.add("error", path, shown_webhook(text), f"is refused: {fault}", remedy)
        return None
    if parsed is None:
        remedy = "nothing is posted there; put the URL that Discord shows, or null"
        faults.add("warning", path, shown_webhook(text), _what_it_is(text), remedy)
        return None
    register_secret(parsed.webhook.token)
    refusal = host_refusal(parsed.scheme, parsed.webhook.host, hosts)
    if refusal:
        fault, _, remedy = refusal.partition("; ")
        faults.add("error", path, shown_webhook(text), f"is refused: {fault}", remedy)
        return None
    return parsed


def _what_it_is(text: str) -> str:
    """Return the words for a text that is no webhook's address."""
    for pattern, words in _SLIPS:
        if pattern.match(text):
            return words
    return "is a placeholder"


def _thread(
    fields: Fields, parsed: ParsedUrl | None
) -> tuple[str | None, str | None, tuple[str, ...]]:
    thread_id = fields.discord_id("thread_id")
    in_url = _url_thread(fields.path("url"), parsed, fields.faults) if parsed else None
    if thread_id and in_url and thread_id != in_url:
        fields.faults.fatal_error(
            fields.path("thread_id"),
            thread_id,
            f"differs from thread_id={in_url} in the URL",
            "keep one of the two",
        )
    thread_id = thread_id or in_url
    thread_name = fields.text("thread_name", limit=MAX_THREAD_NAME)
    tags = fields.discord_ids("tags", MAX_TAGS)
    if thread_id and thread_name:
        fields.faults.fatal_error(
            fields.path("thread_name"),
            shown(thread_name),
            "cannot go with a thread_id",
            "thread_id posts to a thread that exists, thread_name makes one; keep one of the two",
        )
    if tags and not thread_name:
        fields.faults.add(
            "warning",
            fields.path("tags"),
            "",
            "have no effect without thread_name",
            "tags belong to a new post of a forum; add thread_name or take them out",
        )
    return thread_id, thread_name, tags


def _url_thread(path: str, parsed: ParsedUrl, faults: Faults) -> str | None:
    if parsed.thread_id is None:
        return None
    digits = id_digits(parsed.thread_id)
    if digits is None:
        faults.fatal_error(
            path,
            shown(parsed.thread_id),
            "is no thread_id",
            "the thread_id in the URL is digits; use the number under Copy Thread ID",
        )
    return digits


def _username(fields: Fields) -> str | None:
    name = fields.text("username", limit=MAX_USERNAME)
    for word in ("discord", "clyde"):
        if name and word in name.casefold():
            remedy = f"Discord allows no name with {word!r} in it; use another"
            fields.faults.fatal_error(fields.path("username"), shown(name), "is refused", remedy)
    return name


def _avatar(fields: Fields) -> str | None:
    url = fields.text("avatar_url", limit=2048)
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        remedy = "use an address that begins with https://"
        fields.faults.fatal_error(
            fields.path("avatar_url"), shown(url), "is no address of a picture", remedy
        )
    return url


def _is_nothing(value: object) -> bool:
    """Whether a backend that asks ``if webhook`` would see none here."""
    return not (value.strip() if isinstance(value, str) else value)


def _wrong_type(path: str, value: object, faults: Faults) -> None:
    # The backend's own key: its file must load, whatever the backend left there.
    remedy = "write a URL in quotes, a list of URLs, an object with url, or null"
    faults.add("error", path, shown(value), "is no webhook", remedy)
