"""Whether a key that somebody typed is a tenant's link key."""

from __future__ import annotations

import hashlib
import hmac
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.tenants import Tenant

log = logging.getLogger(__name__)

PLACEHOLDER = "replace-with"
"""How the keys in the example file begin: known to everybody, so they open nothing."""


def key_matches(typed: str, tenant: Tenant) -> bool:
    """Whether a typed text is a tenant's link key, blanks around it aside.

    Takes equally long for every wrong text.
    """
    key = (tenant.link_key or "").strip()
    usable = bool(key) and not key.lower().startswith(PLACEHOLDER)
    return hmac.compare_digest(_digest(typed), _digest(key)) and usable


def tenant_by_key(typed: str, tenants: Iterable[Tenant]) -> Tenant | None:
    """Return the tenant whose link key was typed.

    None also if several have that key: it cannot tell whom it is for.
    """
    found = [tenant for tenant in tenants if key_matches(typed, tenant)]
    if len(found) > 1:
        names = ", ".join(tenant.id for tenant in found)
        log.warning("Tenants %s have the same link key, so it links no guild", names)
        return None
    return found[0] if found else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).digest()
