"""Tenants with names to suggest, and a clock for how long these are kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bot.tenants import Tenant, tenant_from_mapping
from tests.squadron import Squadron

if TYPE_CHECKING:
    from pathlib import Path

    from bot.reports.suggestions import Suggestions


def a_tenant(uri: str, folder: Path, name: str = "Wolves") -> Tenant:
    return tenant_from_mapping({"name": name, "db_uri": uri}, base_dir=folder, webhook_hosts=())


def at_war(*zones: tuple[str, str, str], times: int = 1) -> Squadron:
    """A squadron with ground and space zones at these systems, CMDRs and settlements."""
    squadron = Squadron()
    for _ in range(times):
        for system, cmdr, place in zones:
            event = squadron.event(starsystem=system, cmdr=cmdr)
            squadron.ground_cz("low", event=event, settlement=place)
            squadron.cz("low", event=event)
    return squadron


def systems(*names: str) -> Squadron:
    return at_war(*((name, "Ada", "Base") for name in names))


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def settle(suggestions: Suggestions) -> None:
    """Wait for all reads in the background."""
    while suggestions._tasks:
        await asyncio.wait(suggestions._tasks)
