"""What a guild sees, gathered from everywhere: for ``/tenant show``."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.backend.errors import DatabaseError
from bot.delivery.ledger import PartState
from bot.scheduling.nights import next_post, nightlies_of
from bot.ui.errors import failure_text, new_reference
from bot.ui.guard import log_failure
from bot.ui.message_links import message_link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import discord

    from bot.client import ReportBot
    from bot.delivery.ledger import BrokenWebhook, DeliveryKey, Part
    from bot.delivery.whereabouts import Spot
    from bot.tenants import Route, Tenant

_DELIVERIES = 6
_PARTS = 200


@dataclass(frozen=True, slots=True)
class NextPost:
    """A report and when it is posted next; None where there is no webhook for it."""

    report: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one report went to one channel.

    Attributes
    ----------
    state
        The state of the first of its messages that has not arrived.
    link
        The address of its first message, where that is in this guild.
    """

    report: str
    label: str
    state: PartState
    at: datetime
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A webhook or a channel that is refused, by what names it in the tenant file."""

    kind: str
    since: datetime
    detail: str


@dataclass(frozen=True, slots=True)
class Overview:
    """What a guild sees.

    Attributes
    ----------
    source
        What decides it: the tenant file, or a link.
    newest
        When the newest event happened; None where there is none.
    trouble
        Why that cannot be told, in the words that players read; None if it can.
    """

    tenant: Tenant
    source: Literal["file", "link"] | None
    newest: datetime | None
    trouble: str | None
    next_posts: tuple[NextPost, ...]
    deliveries: tuple[Delivery, ...]
    refused: tuple[Refused, ...]


class Surveyor:
    """Gathers what a guild sees.

    Parameters
    ----------
    bot
        What knows the ledger, the databases and the clocks.
    """

    def __init__(self, bot: ReportBot) -> None:
        self._bot = bot

    async def look(self, interaction: discord.Interaction[ReportBot], tenant: Tenant) -> Overview:
        """Return what the asking guild sees; a database in trouble leaves out its part only."""
        guild_id = interaction.guild_id or 0
        (newest, trouble), deliveries, broken = await asyncio.gather(
            self._newest(interaction, tenant),
            self._deliveries(guild_id, tenant),
            self._bot.call(self._bot.runtime.ledger.broken_webhooks, tenant.id),
        )
        return Overview(
            tenant,
            self._bot.directory.standing(guild_id).source,
            newest,
            trouble,
            tuple(self._next_posts(tenant)),
            deliveries,
            tuple(_refused(tenant, broken)),
        )

    async def _newest(
        self, interaction: discord.Interaction[ReportBot], tenant: Tenant
    ) -> tuple[datetime | None, str | None]:
        try:
            return await self._bot.runtime.reports.newest_event(tenant, self._bot.clock()), None
        except DatabaseError as error:
            reference = new_reference()
            log_failure(interaction, f"reading the newest event of {tenant.id}", error, reference)
            return None, failure_text(error, reference)

    def _next_posts(self, tenant: Tenant) -> Iterator[NextPost]:
        now = self._bot.clock()
        ahead = now - self._bot.real()
        for nightly in nightlies_of(tenant):
            if tenant.report_config(nightly.report).enabled:
                at = next_post(nightly, now) - ahead
                yield NextPost(nightly.report, at if tenant.outlets_for(nightly.report) else None)

    async def _deliveries(self, guild_id: int, tenant: Tenant) -> tuple[Delivery, ...]:
        parts = await self._bot.call(
            self._bot.runtime.ledger.history, tenant=tenant.id, limit=_PARTS
        )
        latest: dict[DeliveryKey, list[Part]] = {}
        for part in parts:
            if part.key in latest or len(latest) < _DELIVERIES:
                latest.setdefault(part.key, []).insert(0, part)
        routes = {route.key: route for route in _routes(tenant)}
        wanted = [routes[key.channel] for key in latest if key.channel in routes]
        nearby = await self._bot.runtime.whereabouts.near(guild_id, wanted)
        spots = {spot.route.key: spot for spot in nearby.here}
        return tuple(_delivery(guild_id, each, spots) for each in latest.values())


def _delivery(guild_id: int, parts: Sequence[Part], spots: Mapping[str, Spot]) -> Delivery:
    telling = next((part for part in parts if part.state is not PartState.SENT), parts[0])
    first = parts[0]
    return Delivery(
        first.key.report,
        first.label,
        telling.state,
        telling.settled_at or telling.updated_at,
        message_link(guild_id, spots.get(first.key.channel), first),
    )


def _refused(tenant: Tenant, broken: Sequence[BrokenWebhook]) -> Iterator[Refused]:
    """Yield what is refused of the webhooks and channels that the tenant file still has."""
    marks = {channel.fingerprint: channel.kind for channel in tenant.channels}
    for route in _routes(tenant):
        marks.setdefault(route.webhook.fingerprint, route.kind)
        if route.thread_id is not None:
            marks.setdefault(f"{route.webhook.fingerprint}:{route.thread_id}", route.kind)
    for each in broken:
        if each.fingerprint in marks:
            yield Refused(marks[each.fingerprint], each.since, each.detail)


def _routes(tenant: Tenant) -> Iterator[Route]:
    for routes in tenant.routes.values():
        yield from routes
