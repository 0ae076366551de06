"""How long nothing may be sent, told to every process on the ledger.

A process keeps its own limits in memory. What Discord asked for by a 429 must
also hold for the next run and for the one beside it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.delivery.outcomes import Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.delivery.ledger import Ledger
    from bot.delivery.outcomes import RateLimited
    from bot.tenants import WebhookUrl

_EVERYWHERE = (Scope.ADDRESS, Scope.GLOBAL)


class Pauses:
    """The pauses in the ledger.

    Parameters
    ----------
    clock
        Real time, aware, in UTC.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock

    def note(self, webhook: WebhookUrl, limited: RateLimited) -> datetime:
        """Remember what an answer asks for, and return when the pause ends."""
        until = self._clock() + timedelta(seconds=limited.retry_after)
        if limited.asked or limited.scope in _EVERYWHERE:
            self._ledger.pause(_name(webhook, limited.scope), until)
        return until

    def until(self, webhook: WebhookUrl) -> tuple[datetime, Scope] | None:
        """Return when a webhook may be used again, and whose pause that is."""
        pauses = [
            (until, scope)
            for scope in (*_EVERYWHERE, Scope.WEBHOOK)
            if (until := self._ledger.pause_until(_name(webhook, scope))) is not None
        ]
        return max(pauses, default=None)


def _name(webhook: WebhookUrl, scope: Scope) -> str:
    return scope.value if scope in _EVERYWHERE else f"webhook:{webhook.fingerprint}"
