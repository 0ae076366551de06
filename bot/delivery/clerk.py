"""Writes down what became of a part, and when it is tried again."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from bot.delivery.ledger import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from datetime import datetime

    from bot.delivery.errands import Policy
    from bot.delivery.ledger import Ledger, Part

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_POLL_SECONDS = 0.5


class Clerk:
    """Keeps the ledger for a courier, off the event loop.

    Parameters
    ----------
    ledger
        The shared ledger.
    policy
        How long what fails is tried again.
    pool
        Where the ledger's calls run.
    clock
        Real time, aware, in UTC.
    """

    def __init__(
        self, ledger: Ledger, policy: Policy, pool: Executor, clock: Callable[[], datetime]
    ) -> None:
        self._ledger = ledger
        self._policy = policy
        self._pool = pool
        self._clock = clock

    async def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call of the ledger off the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: fn(*args, **kwargs))

    async def write(self, fn: Callable[P, bool], /, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Note an outcome, trying again for as long as the claim lasts."""
        give_up = self._clock() + timedelta(seconds=self._policy.lease_seconds)
        while True:
            try:
                return await self.call(fn, *args, **kwargs)
            except LedgerError:
                if self._clock() >= give_up:
                    raise
                log.warning("An outcome could not be written down yet", exc_info=True)
                await asyncio.sleep(_POLL_SECONDS)

    async def fail(self, claimed: Part, error: str, again: datetime) -> None:
        """Note why a part has not arrived and when it is tried again, unless it is given up."""
        if self._is_hopeless(claimed):
            await self.give_up(claimed, error)
            return
        await self.write(self._ledger.settle_failed, claimed, error, next_attempt_at=again)

    async def put_off(self, claimed: Part, error: str, again: datetime) -> None:
        """Leave a part in doubt and note when it is looked for, unless it is given up."""
        if self._is_hopeless(claimed):
            await self.give_up(claimed, error, in_doubt=True)
            return
        await self.write(self._ledger.settle_in_doubt, claimed, error, next_attempt_at=again)

    async def give_up(self, claimed: Part, reason: str, *, in_doubt: bool = False) -> None:
        """Note that a part is not tried any more."""
        reason = f"given up: {reason}"
        await self.write(self._ledger.settle_gave_up, claimed, reason, in_doubt=in_doubt)

    def _is_hopeless(self, claimed: Part) -> bool:
        """Whether a part has failed for too long."""
        since = claimed.failing_since
        hours = timedelta(hours=self._policy.retry_hours)
        return since is not None and self._clock() - since > hours

    def is_stale(self, claimed: Part) -> bool:
        """Whether a part that was left behind is too old to be posted."""
        hours = max(self._policy.retry_hours, self._policy.catch_up_hours)
        begun = claimed.failing_since or claimed.planned_at
        return self._clock() - begun > timedelta(hours=hours)
