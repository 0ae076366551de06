"""What a tenant is, once its entry in the tenant file is found good."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from bot.catalogue import OWN_KEYS
from bot.tenants.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REPORT_KEYS = OWN_KEYS
"""The reports that come with the bot."""

WEBHOOK_KINDS = ("shoutout", "shoutout_alt", "conflict", "bgs", "bullis")
"""The kinds of webhook that the backend knows."""

DEFAULT_TOP = 5


class Style(StrEnum):
    """How a report is drawn."""

    EMBED = "embed"
    CLASSIC = "classic"


@dataclass(frozen=True, slots=True, repr=False)
class WebhookUrl:
    """The address of a webhook; its text form hides the token.

    Attributes
    ----------
    url
        The whole address, without ``wait`` and ``thread_id``.
    id
        The webhook's id, digits.
    token
        Its secret.
    host
        ``host`` or, where the port is not the scheme's own, ``host:port``.
    """

    url: str = field(repr=False)
    id: str
    token: str
    host: str

    @property
    def fingerprint(self) -> str:
        """A short text that tells webhooks apart and gives nothing away."""
        return hashlib.sha256(f"{self.id}/{self.token}".encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"webhook {self.id} at {self.host}"

    def __repr__(self) -> str:
        return f"<WebhookUrl {self.id} at {self.host}>"


@dataclass(frozen=True, slots=True)
class Route:
    """Where messages of one kind go, and in which form.

    Attributes
    ----------
    reports
        The reports that go there; None for all.
    systems, factions
        Filters; empty for everything.
    style, top, locale
        What differs from the report's own configuration; None for nothing.
    """

    kind: str
    webhook: WebhookUrl
    thread_id: str | None = None
    thread_name: str | None = None
    tags: tuple[str, ...] = ()
    reports: frozenset[str] | None = None
    systems: tuple[str, ...] = ()
    factions: tuple[str, ...] = ()
    style: Style | None = None
    top: int | None = None
    locale: str | None = None
    silent: bool = False
    username: str | None = None
    avatar_url: str | None = None

    @property
    def key(self) -> str:
        """The ledger's name for this channel; never holds the token.

        It stays the same when the webhook's host or token or a matter of form
        (style, name, silence) changes, so that such a change posts nothing
        again.
        """
        key = f"discord:{self.webhook.id}"
        if self.thread_id:
            key += f":{self.thread_id}"
        if self.systems or self.factions or self.thread_name:
            parts = [
                sorted(name.casefold() for name in self.systems),
                sorted(name.casefold() for name in self.factions),
                self.thread_name,
            ]
            key += f"#{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]}"
        return key

    def takes(self, report: str) -> bool:
        """Whether a report may go there."""
        return self.reports is None or report in self.reports


Outlet: TypeAlias = Route | Channel
"""Where a report goes: a webhook of Discord's, or a channel of another service."""


@dataclass(frozen=True, slots=True)
class ReportConfig:
    """How a tenant wants one report."""

    enabled: bool = True
    kinds: tuple[str, ...] = ("shoutout",)
    style: Style = Style.EMBED
    top: int = DEFAULT_TOP


DEFAULT_REPORT = ReportConfig()


def _nothing() -> Mapping[str, object]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Tenant:
    """A squadron that uses the backend.

    Attributes
    ----------
    id
        A slug, unique in the file; the ledger and the command line use it.
    name
        The name as the file has it; untrusted text.
    db_uri
        The backend's database, as SQLAlchemy writes it.
    faction_name
        The tenant's own minor faction.
    reports, routes
        What is configured, by report and by webhook kind.
    channels
        Where reports go beside Discord.
    raw
        The entry as it is in the file.
    base_dir
        The tenant file's folder; relative SQLite paths are sought there first.
    link_key
        What ``/tenant link`` asks for.
    admin_channel
        Id of the channel where the bot tells what does not mend itself.
    """

    id: str
    name: str
    db_uri: str = field(repr=False)
    base_dir: Path
    faction_name: str | None = None
    faction_logo: str | None = None
    guild_ids: tuple[int, ...] = ()
    enabled: bool = True
    quiet_days: bool = False
    reports: Mapping[str, ReportConfig] = field(default_factory=dict, hash=False)
    routes: Mapping[str, tuple[Route, ...]] = field(default_factory=dict, hash=False)
    raw: Mapping[str, object] = field(default_factory=_nothing, hash=False, repr=False)
    link_key: str | None = field(default=None, repr=False)
    channels: tuple[Channel, ...] = ()
    locale: str | None = None
    timezone: str | None = None
    admin_channel: int | None = None

    @property
    def has_own_id(self) -> bool:
        """Whether the file gives the id; one that follows from the name may move."""
        return bool(self.raw.get("id"))

    def report_config(self, report: str) -> ReportConfig:
        """Return how a report is wanted; the default where nothing is said."""
        return self.reports.get(report, DEFAULT_REPORT)

    def posts_nightly(self, report: str) -> bool:
        """Whether a report is posted every night; an added one only where the file names it."""
        is_wanted = report in REPORT_KEYS or report in self.reports
        return is_wanted and self.report_config(report).enabled

    def routes_for(self, report: str) -> tuple[Route, ...]:
        """Return the webhooks a report goes to, each channel once; none if it is switched off."""
        config = self.report_config(report)
        if not config.enabled:
            return ()
        found: dict[str, Route] = {}
        for kind in config.kinds:
            for route in self.routes.get(kind, ()):
                if route.takes(report):
                    found.setdefault(route.key, route)
        return tuple(found.values())

    def outlets_for(self, report: str) -> tuple[Outlet, ...]:
        """Return where a report goes, webhooks first; nowhere if it is switched off."""
        if not self.report_config(report).enabled:
            return ()
        return (*self.routes_for(report), *(each for each in self.channels if each.takes(report)))
