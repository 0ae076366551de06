"""Entries of a tenant file, as tests need them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bot.tenants import TenantRegistry

if TYPE_CHECKING:
    from pathlib import Path

WEBHOOK = "https://discord.com/api/webhooks/123456789012345678/Tok_en-of-the-shoutout"


def entry(**changes: Any) -> dict[str, Any]:
    """Return an entry as the backend writes it, with some keys changed."""
    return {
        "name": "Wolves",
        "api_key": "a-key-of-the-wolves",
        "api_version": "1.6.0",
        "db_uri": "sqlite:///db/wolves.db",
        "discord_webhooks": {"shoutout": WEBHOOK},
        "faction_name": "Wolf 359 Independents",
        "faction_logo": "/assets/eic.png",
        **changes,
    }


def load(
    folder: Path, *entries: object, hosts: tuple[str, ...] = (), text: str | None = None
) -> TenantRegistry:
    """Write a tenant file and load it."""
    path = folder / "tenant.json"
    path.write_text(json.dumps(entries) if text is None else text, encoding="utf-8")
    return TenantRegistry.load(path, webhook_hosts=hosts)


def faults(registry: TenantRegistry) -> list[tuple[str, str, str]]:
    """Return level, tenant and field of every problem."""
    return [(each.level, each.tenant, each.field) for each in registry.problems]
