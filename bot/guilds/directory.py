"""Which tenant each guild sees: the one place that decides it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.guilds.book import GuildBook
    from bot.tenants import Listing, Tenant, TenantRegistry

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a guild sees and why.

    Attributes
    ----------
    tenant
        The tenant whose data it sees; None if it sees nothing.
    source
        What decides: ``guild_ids`` of the tenant file, a link made by
        command, or nothing. A guild that the file lists cannot be linked.
    off
        Whether it sees nothing because its tenant is switched off.
    """

    tenant: Tenant | None = None
    source: Literal["file", "link"] | None = None
    off: bool = False


class GuildDirectory:
    """Answers from memory which tenant a guild sees; thread-safe.

    The tenant file counts as the registry has it at that moment, links as
    they were when `load` was last called.

    Parameters
    ----------
    registry
        The tenants and the guilds that the file lists for them.
    book
        Holds the links.
    """

    def __init__(self, registry: TenantRegistry, book: GuildBook) -> None:
        self._registry = registry
        self._book = book
        self._loading = threading.Lock()
        self._links: Mapping[int, str] = MappingProxyType({})

    def standing(self, guild_id: int) -> Standing:
        """Return what a guild sees and why."""
        return _standing(guild_id, self._registry.listing, self._links)

    def tenant_of(self, guild_id: int) -> Tenant | None:
        """Return the tenant that a guild sees; None if it sees nothing."""
        return self.standing(guild_id).tenant

    def guilds_of(self, tenant_id: str) -> set[int]:
        """Return the guilds that see a tenant; none if it is switched off or gone."""
        listing, links = self._registry.listing, self._links
        tenant = listing.tenants.get(tenant_id)
        if tenant is None or not tenant.enabled:
            return set()
        linked = {guild for guild, linked_to in links.items() if linked_to == tenant_id}
        return {*tenant.guild_ids, *(linked - listing.guilds.keys())}

    def load(self) -> None:
        """Read the links; call it in a worker thread.

        At start, after every change of a link, and each minute, since other
        processes may have changed some.

        Raises
        ------
        LedgerError
            If they cannot be read; those read before stay.
        """
        with self._loading:
            self._read()

    def reconcile(self) -> list[int]:
        """End the links of guilds that the file lists for another tenant.

        Their stored views end with them. Call it in a worker thread, at start
        and when the file was read anew. A guild whose entry is left out for
        its faults keeps its link, without effect, until the file is mended.

        Returns
        -------
        list of int
            The guilds whose link was ended.

        Raises
        ------
        LedgerError
            If the state database cannot be used; call it again later.
        """
        with self._loading:
            self._read()
            listed = self._registry.listing.guilds
            elsewhere = {
                guild: tenant.id
                for guild, linked_to in self._links.items()
                if (tenant := listed.get(guild)) is not None and tenant.id != linked_to
            }
            ended = self._book.end_links_elsewhere(elsewhere)
            if ended:
                self._read()
        for guild in ended:
            tenant_id = elsewhere[guild]
            log.info(
                "Guild %s is no longer linked: the file lists it for %s",
                guild,
                tenant_id,
                extra={"tenant": tenant_id},
            )
        return ended

    def _read(self) -> None:
        self._links = MappingProxyType(self._book.links())


def _standing(guild_id: int, listing: Listing, links: Mapping[int, str]) -> Standing:
    if guild_id in listing.guilds:
        return _seen(listing.guilds[guild_id], "file")
    if guild_id in links:
        return _seen(listing.tenants.get(links[guild_id]), "link")
    return Standing()


def _seen(tenant: Tenant | None, source: Literal["file", "link"]) -> Standing:
    if tenant is None or not tenant.enabled:
        return Standing(None, source, off=tenant is not None)
    return Standing(tenant, source)
