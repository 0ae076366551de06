"""Links guilds to tenants: who may, with which key, and what it replaces."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.guilds.keys import tenant_by_key
from bot.ui import link_texts
from bot.ui.errors import STALE, Refusal
from bot.ui.permissions import require_manager

if TYPE_CHECKING:
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
        if present == tenant.id:
            await self._bot.call(self._bot.directory.load)
            return link_texts.same_already(tenant)
        known = None if present is None else self._bot.registry.listing.tenants.get(present)
        if present is None or known is None or not known.enabled:
            # Nobody sees a tenant that is gone or off, so nothing is taken from anybody.
            return await self._link(guild_id, user_id, tenant, present)
        await self._bot.call(self._bot.directory.load)
        view_id = await self._bot.call(
            self._bot.runtime.guilds.store_view,
            guild_id=guild_id,
            tenant=present,
            user_id=user_id,
            kind=KIND,
            state={"to": tenant.id},
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
        wanted = self._bot.registry.listing.tenants.get(str(press.view.state.get("to")))
        if not await self._bot.call(self._bot.runtime.guilds.end_view, press.view.id):
            raise Refusal(STALE)
        if wanted is None or not wanted.enabled:
            raise Refusal(link_texts.CHANGED)
        return await self._link(guild_id, press.view.user_id, wanted, press.view.tenant)

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
        log.info("Guild %s was unlinked from %s by %s", guild_id, ended, user_id)
        return link_texts.unlinked(self._name_of(ended))

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
        return tenant

    async def _link(
        self, guild_id: int, user_id: int, tenant: Tenant, replacing: str | None
    ) -> Screen:
        done = await self._bot.call(
            self._bot.runtime.guilds.link, guild_id, tenant.id, by=user_id, replacing=replacing
        )
        # The file may have been read anew meanwhile and list the guild for another.
        await self._bot.call(self._bot.directory.reconcile)
        seen = self._bot.directory.tenant_of(guild_id)
        if not done or seen is None or seen.id != tenant.id:
            raise Refusal(link_texts.CHANGED)
        log.info("Guild %s was linked to %s by %s", guild_id, tenant.id, user_id)
        return link_texts.linked(tenant, None if replacing is None else self._name_of(replacing))

    def _name_of(self, tenant_id: str) -> str:
        known = self._bot.registry.listing.tenants.get(tenant_id)
        return tenant_id if known is None else known.name
