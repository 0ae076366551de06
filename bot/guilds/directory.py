"""Which tenant each guild sees: the one place that decides it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.guilds.book import GuildBook, Link
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
        self._links: Mapping[int, Link] = MappingProxyType({})

    def standing(self, guild_id: int) -> Standing:
        """Return what a guild sees and why."""
        return _standing(guild_id, self._registry.listing, self._links)

    def tenant_of(self, guild_id: int) -> Tenant | None:
        """Return the tenant that a guild sees; None if it sees nothing."""
        return self.standing(guild_id).tenant

    def linked_tenant(self, link: Link) -> Tenant | None:
        """Return the tenant that a link leads to, switched off or not; None if it is gone."""
        return _linked(link, self._registry.listing)

    def can_be_linked(self, tenant: Tenant) -> bool:
        """Whether guilds can be linked to a tenant: not if only its place tells it from another."""
        return tenant.id not in self._registry.listing.namesakes

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
                guild: tenant
                for guild, link in self._links.items()
                if (tenant := listed.get(guild)) is not None and not link.leads_to(tenant)
            }
            ended = self._book.end_links_elsewhere(elsewhere)
            if ended:
                self._read()
        for guild in ended:
            tenant_id = elsewhere[guild].id
            log.info(
                "Guild %s is no longer linked: the file lists it for %s",
                guild,
                tenant_id,
                extra={"tenant": tenant_id},
            )
        return ended

    def _read(self) -> None:
        self._links = MappingProxyType(self._book.links())


def _standing(guild_id: int, listing: Listing, links: Mapping[int, Link]) -> Standing:
    if guild_id in listing.guilds:
        return _seen(listing.guilds[guild_id], "file")
    if guild_id in links:
        return _seen(_linked(links[guild_id], listing), "link")
    return Standing()


def _linked(link: Link, listing: Listing) -> Tenant | None:
    tenant = listing.tenants.get(link.tenant)
    if tenant is None or tenant.id in listing.namesakes or not link.leads_to(tenant):
        return None
    return tenant


def _seen(tenant: Tenant | None, source: Literal["file", "link"]) -> Standing:
    if tenant is None or not tenant.enabled:
        return Standing(None, source, off=tenant is not None)
    return Standing(tenant, source)
