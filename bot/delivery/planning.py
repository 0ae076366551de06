"""Writes a delivery down before anything of it is sent."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.errors import BotError
from bot.turns import Turns

if TYPE_CHECKING:
    from datetime import datetime

    from bot.delivery.composer import Composed, Composer
    from bot.delivery.courier import Courier
    from bot.delivery.ledger import DeliveryKey, Ledger, Part
    from bot.periods import Window
    from bot.tenants import Outlet, Tenant

log = logging.getLogger(__name__)

_AT_ONCE = 8
_OF_ONE_TENANT = 2
UNEXPECTED = "unexpected error, see the log"


class StoppedError(BotError):
    """A stop came before the work was begun."""

    def __init__(self) -> None:
        super().__init__("stopped before it was begun")


class Planner:
    """Composes what is not in the ledger yet, a few reports at a time.

    Parameters
    ----------
    composer
        Draws reports.
    courier
        Knows of a stop, and calls the ledger.
    """

    def __init__(self, composer: Composer, ledger: Ledger, courier: Courier) -> None:
        self._composer = composer
        self._ledger = ledger
        self._courier = courier
        self._turns = Turns(_AT_ONCE, of_one=_OF_ONE_TENANT)

    async def parts(
        self, tenant: Tenant, route: Outlet, key: DeliveryKey, window: Window, now: datetime
    ) -> list[Part]:
        """Return the parts of a delivery; compose and write them down where needed.

        Raises
        ------
        BotError
            If the report cannot be computed; that is noted in the ledger.
        """
        call = self._courier.call
        parts = await call(self._ledger.parts, key)
        if parts and parts[0].state.planned:
            return parts
        composed = await self._compose(tenant, route, key, window, now)
        if window.period.is_tick and composed.window.key != window.key:
            # A tick came in between: what was composed is the new one's.
            key, window = replace(key, window=composed.window.key), composed.window
        return await call(
            self._ledger.plan,
            key,
            composed.payloads,
            period=window.period.value,
            label=window.label,
        )

    async def _compose(
        self, tenant: Tenant, route: Outlet, key: DeliveryKey, window: Window, now: datetime
    ) -> Composed:
        compose = self._composer.compose
        try:
            async with self._turns.turn(tenant.id):
                composed = await self._courier.unless_stopped(
                    compose(tenant, route, key.report, window.period, now)
                )
        except Exception as error:
            reason = str(error) if isinstance(error, BotError) else UNEXPECTED
            await self._courier.call(
                self._ledger.note_failure,
                key,
                reason,
                period=window.period.value,
                label=window.label,
            )
            raise
        if composed is None:
            raise StoppedError
        return composed
