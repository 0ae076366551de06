"""The channels of a tenant: addresses of other services, or objects with options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.errors import printable
from bot.services import ServiceError, register_address, scheme_of, service_of
from bot.tenants.channel import Channel
from bot.tenants.fields import Faults, Fields, clean, shown
from bot.tenants.routes import MAX_TOP, warn_unknown_report

if TYPE_CHECKING:
    from collections.abc import Iterator

CHANNEL_KEYS = ("url", "reports", "systems", "factions", "top")
_EXAMPLE = '["mailto://..."]'


def register_channel_secrets(value: object) -> None:
    """Mask the addresses under ``channels``, whatever else is wrong with them."""
    for _, each in _entries("", value):
        url = each.get("url") if isinstance(each, Mapping) else each
        if isinstance(url, str) and url.strip():
            register_address(url.strip())


def parse_channels(fields: Fields) -> tuple[Channel, ...]:
    """Return the usable ones of ``channels``, each once, and note every fault.

    A faulty channel is left out by itself; the tenant and its other channels
    live on.
    """
    value = fields.raw.get("channels")
    if value is None or value == "":
        return ()
    if not isinstance(value, str | list | tuple | Mapping):
        remedy = f"write a list of addresses, such as {_EXAMPLE}"
        fields.faults.add("error", "channels", shown(value), "is no list of channels", remedy)
        return ()
    found: dict[str, Channel] = {}
    for path, each in _entries("channels", value):
        channel = _channel(path, each, fields.faults)
        if channel is None:
            continue
        if channel.key in found:
            remedy = "give one of the two systems or factions of its own, or take it out"
            fault = "gets nothing: it is the same channel as one above it"
            fields.faults.add("warning", path, "", fault, remedy)
            continue
        found[channel.key] = channel
    return tuple(found.values())


def _entries(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, list | tuple):
        yield from ((f"{path}[{index}]", each) for index, each in enumerate(value))
    else:
        yield path, value


def _channel(path: str, value: object, faults: Faults) -> Channel | None:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _checked(path, Channel(clean(value), scheme_of(value)), faults)
    if not isinstance(value, Mapping):
        remedy = "write an address in quotes, or an object with url"
        faults.add("error", path, shown(value), "is no channel", remedy)
        return None
    own = Faults(faults.tenant)
    channel = _of_object(path, {str(key): each for key, each in value.items()}, own)
    faults.problems += own.problems
    return None if own.fatal or channel is None else _checked(channel[0], channel[1], faults)


def _of_object(
    path: str, options: Mapping[str, object], faults: Faults
) -> tuple[str, Channel] | None:
    """Return the channel of an object, and where its address stands."""
    fields = Fields(options, path, faults)
    for key in options:
        if key not in CHANNEL_KEYS:
            remedy = f"a channel has {', '.join(CHANNEL_KEYS)}"
            faults.add("warning", fields.path(key), "", "is not known and has no effect", remedy)
    url = fields.text("url", secret=True)
    if url is None:
        if not faults.fatal:
            remedy = 'add "url": "mailto://...", or another address of Apprise\'s'
            faults.fatal_error(fields.path("url"), "", "is missing", remedy)
        return None
    reports = fields.texts("reports") if options.get("reports") is not None else None
    for name in reports or ():
        warn_unknown_report(fields.path("reports"), name, faults)
    channel = Channel(
        url,
        scheme_of(url),
        reports=None if reports is None else frozenset(reports),
        systems=fields.texts("systems"),
        factions=fields.texts("factions"),
        top=fields.number("top", 1, MAX_TOP),
    )
    return fields.path("url"), channel


def _checked(path: str, channel: Channel, faults: Faults) -> Channel | None:
    try:
        service = service_of(channel.url)
    except ServiceError as error:
        faults.add("error", path, shown_address(channel), error.fault, error.remedy)
        return None
    if not service.is_whole:
        fault = "has a part that means nothing there, such as a recipient that is none"
        remedy = f"compare it with Apprise's documentation of {channel.scheme}://"
        faults.add("warning", path, shown_address(channel), fault, remedy)
    return channel


def shown_address(channel: Channel) -> str:
    """Return an address as its scheme only."""
    return f'"{printable(channel.scheme, 30)}://***"' if channel.scheme else "(hidden)"
