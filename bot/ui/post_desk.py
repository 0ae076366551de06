"""Posts a report now because somebody asks for it: look, show, ask, post."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.delivery.occasions import REQUEST
from bot.ui import post_texts
from bot.ui.errors import Refusal
from bot.ui.post_order import Draft, Order
from bot.ui.report_choice import require_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.client import ReportBot
    from bot.delivery.ledger import Part
    from bot.delivery.postings import Posting
    from bot.delivery.whereabouts import Nearby, Spot
    from bot.tenants import Tenant
    from bot.ui.router import Press

log = logging.getLogger(__name__)

KIND = "post"
_TIME_TO_DECIDE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a post in one channel.

    Attributes
    ----------
    parts
        Its messages in the ledger, in order; none if it did not get so far.
    """

    spot: Spot
    posting: Posting
    parts: tuple[Part, ...]


class PostDesk:
    """Prepares and makes the posts that ``/post`` asks for, to the guild's own webhooks only.

    Parameters
    ----------
    bot
        What knows the tenants, the ledger and the publisher.
    """

    def __init__(self, bot: ReportBot) -> None:
        self._bot = bot

    def check(self, tenant: Tenant, report: str) -> None:
        """Make sure, from memory, that a report is on and goes anywhere.

        Raises
        ------
        Refusal
            If not.
        """
        require_report(report)
        if not tenant.report_config(report).enabled:
            raise Refusal(post_texts.switched_off(report))
        if not tenant.routes_for(report):
            raise Refusal(post_texts.no_webhook(report))

    async def draft(self, tenant: Tenant, guild_id: int, order: Order) -> Draft:
        """Return what would be posted to the webhooks that live in a guild.

        Raises
        ------
        Refusal
            If none does, or there is nothing to post.
        BotError
            If the tenant's database cannot be read.
        """
        nearby = await self._nearby(tenant, guild_id, order)
        compose = self._bot.runtime.composer.compose
        composed = await asyncio.gather(
            *(
                compose(tenant, spot.route, order.report, order.period, order.now)
                for spot in nearby.here
            )
        )
        window = composed[0].window
        posts = tuple(
            (spot, each.payloads)
            for spot, each in zip(nearby.here, composed, strict=True)
            if each.payloads
        )
        if not posts:
            raise Refusal(post_texts.nothing_to_post(order.report, window))
        channels = frozenset(spot.route.key for spot, _ in posts)
        return Draft(replace(order, channels=channels), window.label, posts, nearby)

    async def keep(self, tenant: Tenant, guild_id: int, user_id: int, draft: Draft) -> str:
        """Store a draft until it is decided, and return the view's id."""
        return await self._bot.call(
            self._bot.runtime.guilds.store_view,
            guild_id=guild_id,
            tenant=tenant.id,
            user_id=user_id,
            kind=KIND,
            state=draft.order.state(),
            lifetime=_TIME_TO_DECIDE,
        )

    async def confirm(self, press: Press, order: Order) -> tuple[Spot, ...]:
        """Look once more where the webhooks live, and take the order: once.

        Returns
        -------
        tuple of Spot
            Where to post.

        Raises
        ------
        Refusal
            If it was taken before, or there is nowhere to post any more.
        """
        nearby = await self._nearby(press.tenant, press.view.guild_id, order, fresh=True)
        await self._take(press)
        return nearby.here

    async def cancel(self, press: Press) -> None:
        """Throw an order away.

        Raises
        ------
        Refusal
            If it was taken before.
        """
        await self._take(press)

    async def post(self, press: Press, order: Order, spots: Sequence[Spot]) -> list[Outcome]:
        """Post, as a request of its own in the ledger, and return what became of it."""
        tenant, request = press.tenant, press.view.id
        log.info(
            "%s: %s is posted for user %s of guild %s",
            tenant.id,
            order.report,
            press.view.user_id,
            press.view.guild_id,
            extra={"tenant": tenant.id, "report": order.report},
        )
        postings = await self._bot.runtime.publisher.publish(
            tenant,
            order.report,
            order.period,
            order.now,
            request=request,
            routes=[spot.route for spot in spots],
        )
        parts = await self._bot.call(
            self._bot.runtime.ledger.parts_of_occasion, tenant.id, f"{REQUEST}{request}"
        )
        by_channel = {posting.channel: posting for posting in postings}
        return [
            Outcome(
                spot,
                by_channel.get(spot.route.key, postings[0]),
                tuple(part for part in parts if part.key.channel == spot.route.key),
            )
            for spot in spots
        ]

    async def _nearby(
        self, tenant: Tenant, guild_id: int, order: Order, *, fresh: bool = False
    ) -> Nearby:
        self.check(tenant, order.report)
        routes = [
            route
            for route in tenant.routes_for(order.report)
            if order.channels is None or route.key in order.channels
        ]
        nearby = await self._bot.runtime.whereabouts.near(guild_id, routes, fresh=fresh)
        if not nearby.here:
            raise Refusal(post_texts.nowhere(order.report, nearby))
        return nearby

    async def _take(self, press: Press) -> None:
        if not await self._bot.call(self._bot.runtime.guilds.end_view, press.view.id):
            raise Refusal(post_texts.TAKEN)
