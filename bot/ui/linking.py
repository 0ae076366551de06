"""Links guilds to tenants: who may, with which key, and what it replaces."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.guilds.book import Link
from bot.guilds.keys import tenant_by_key
from bot.ui import link_texts
from bot.ui.errors import STALE, Refusal
from bot.ui.permissions import require_manager

if TYPE_CHECKING:
    from collections.abc import Mapping

    import discord

    from bot.client import ReportBot
    from bot.tenants import Tenant
    from bot.ui.reply import Screen
    from bot.ui.router import Press

log = logging.getLogger(__name__)

KIND = "link"
_TIME_TO_DECIDE = timedelta(minutes=10)


class Linking:
    """Does what ``/tenant link`` and ``/tenant unlink`` ask for.

    Keys are neither kept nor told to anybody, nor do they come into the log.

    Parameters
    ----------
    bot
        What knows the tenants, the guilds and their links.
    """

    def __init__(self, bot: ReportBot) -> None:
        self._bot = bot

    def check(self, interaction: discord.Interaction[ReportBot]) -> int:
        """Return the guild whose link the asker may change; from memory.

        Raises
        ------
        Refusal, discord.app_commands.MissingPermissions
            If the asker may not, or the tenant file decides what the guild sees.
        """
        require_manager(interaction)
        guild_id = interaction.guild_id
        if guild_id is None:
            raise Refusal(STALE)
        if self._bot.directory.standing(guild_id).source == "file":
            raise Refusal(link_texts.IN_FILE)
        return guild_id

    async def use_key(self, guild_id: int, user_id: int, typed: str) -> Screen:
        """Link a guild to the tenant whose key was typed, or ask whether to replace a link.

        Raises
        ------
        Refusal
            If the key is wrong, or there were too many.
        """
        tenant = await self._tenant_of(guild_id, user_id, typed)
        present = await self._bot.call(self._bot.runtime.guilds.link_of, guild_id)
        known = None if present is None else self._bot.directory.linked_tenant(present)
        if present is None or known is None or not known.enabled:
            # Nobody sees a tenant that is gone or off, so nothing is taken from anybody.
            return await self._link(guild_id, user_id, tenant, present)
        await self._bot.call(self._bot.directory.load)
        if known.id == tenant.id:
            return link_texts.same_already(tenant)
        wanted = Link.to(tenant)
        view_id = await self._bot.call(
            self._bot.runtime.guilds.store_view,
            guild_id=guild_id,
            tenant=known.id,
            user_id=user_id,
            kind=KIND,
            state={"from": asdict(present), "to": asdict(wanted)},
            lifetime=_TIME_TO_DECIDE,
        )
        return link_texts.ask_to_replace(view_id, known, tenant)

    async def replace(self, press: Press, guild_id: int) -> Screen:
        """Replace a link as the asker has confirmed.

        Raises
        ------
        Refusal
            If it was decided already, or the tenants are not what they were.
        """
        present, to = _links_in(press.view.state)
        if not await self._bot.call(self._bot.runtime.guilds.end_view, press.view.id):
            raise Refusal(STALE)
        wanted = self._bot.directory.linked_tenant(to)
        if wanted is None or not wanted.enabled:
            raise Refusal(link_texts.CHANGED)
        return await self._link(guild_id, press.view.user_id, wanted, present)

    async def keep(self, press: Press) -> None:
        """Leave a link as it is."""
        await self._bot.call(self._bot.runtime.guilds.end_view, press.view.id)

    async def unlink(self, guild_id: int, user_id: int) -> Screen:
        """End a guild's link and its stored views.

        Raises
        ------
        Refusal
            If it has none.
        """
        ended = await self._bot.call(self._bot.runtime.guilds.unlink, guild_id)
        await self._bot.call(self._bot.directory.load)
        if ended is None:
            raise Refusal(link_texts.NO_LINK)
        log.info("Guild %s was unlinked from %s by %s", guild_id, ended.tenant, user_id)
        return link_texts.unlinked(ended.name)

    async def _tenant_of(self, guild_id: int, user_id: int, typed: str) -> Tenant:
        book = self._bot.runtime.guilds
        again = await self._bot.call(book.try_key, guild_id, user_id)
        if again is not None:
            log.warning("User %s has tried too many link keys in guild %s", user_id, guild_id)
            raise Refusal(link_texts.too_many(again))
        tenant = tenant_by_key(typed, self._bot.registry.tenants)
        if tenant is None:
            raise Refusal(link_texts.WRONG_KEY)
        await self._bot.call(book.forget_attempts, guild_id, user_id)
        if not self._bot.directory.can_be_linked(tenant):
            raise Refusal(link_texts.NAMESAKE)
        return tenant

    async def _link(
        self, guild_id: int, user_id: int, tenant: Tenant, present: Link | None
    ) -> Screen:
        done = await self._bot.call(
            self._bot.runtime.guilds.link,
            guild_id,
            tenant,
            by=user_id,
            replacing=None if present is None else present.tenant,
        )
        # The file may have been read anew meanwhile and list the guild for another.
        await self._bot.call(self._bot.directory.reconcile)
        seen = self._bot.directory.tenant_of(guild_id)
        if not done or seen is None or seen.id != tenant.id:
            raise Refusal(link_texts.CHANGED)
        log.info("Guild %s was linked to %s by %s", guild_id, tenant.id, user_id)
        return link_texts.linked(tenant, None if present is None else present.name)


def _links_in(state: Mapping[str, Any]) -> tuple[Link, Link]:
    """Return the link that a question is about and the one that was wanted."""
    try:
        return Link(**state["from"]), Link(**state["to"])
    except (KeyError, TypeError) as error:
        # Another version of the bot has asked.
        raise Refusal(STALE) from error
