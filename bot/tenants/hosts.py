"""Hosts that webhooks may point to."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

DISCORD_HOSTS = frozenset(
    f"{prefix}{host}"
    for host in ("discord.com", "discordapp.com")
    for prefix in ("", "ptb.", "canary.")
)
"""Discord's own hosts, reached over https only."""

DEFAULT_PORTS = {"http": 80, "https": 443}

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_HINT = "give a host or host:port such as proxy.example:8443 or [::1]:8080"


def normalise_host(text: str) -> str:
    """Return ``host`` or ``host:port`` in the one form that we compare.

    Names are in lower case, IPv6 addresses short and in brackets.

    Raises
    ------
    ValueError
        If the text is something else; the error says what to write.
    """
    text = text.strip()
    if "/" in text or "@" in text:
        raise ValueError(f"{_HINT}, without http://, path or user")
    if text.startswith("["):
        name, closed, rest = text[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise ValueError(_HINT)
        return _join(_ipv6(name), rest[1:] if rest else None)
    if text.count(":") > 1:
        return _ipv6(text)
    name, colon, port = text.partition(":")
    if not _NAME.fullmatch(name):
        raise ValueError(_HINT)
    return _join(name.lower(), port if colon else None)


def host_refusal(scheme: str, host: str, extra: Collection[str]) -> str | None:
    """Say why a webhook's host is refused; None where it is accepted.

    Parameters
    ----------
    scheme
        ``http`` or ``https``.
    host
        As `normalise_host` gives it, without the scheme's default port.
    extra
        The admin's hosts (``WEBHOOK_HOSTS``): one without a port stands for
        all its ports.
    """
    if host in DISCORD_HOSTS:
        return None if scheme == "https" else "Discord is reached over https only; use https://"
    name, port = _split(host)
    if {name, f"{name}:{port or DEFAULT_PORTS[scheme]}"} & set(extra):
        return None
    return (
        "its host is not Discord's; use the URL that Discord shows, "
        f"or name {host} in WEBHOOK_HOSTS if you trust it"
    )


def _split(host: str) -> tuple[str, str]:
    name, colon, port = host.rpartition(":")
    if not colon or host.endswith("]"):
        return host, ""
    return name, port


def _ipv6(text: str) -> str:
    try:
        return f"[{ipaddress.IPv6Address(text)}]"
    except ValueError:
        raise ValueError(_HINT) from None


def _join(name: str, port: str | None) -> str:
    if port is None:
        return name
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise ValueError(f"{_HINT}; ports are 1 to 65535")
    return f"{name}:{int(port)}"
