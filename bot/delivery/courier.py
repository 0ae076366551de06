"""Takes one part from the ledger to where it goes: write down, send, settle.

Every step that matters is in the ledger before the next one begins, so that
a process may be killed anywhere and another one knows what to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from bot.delivery.backoff import backoff
from bot.delivery.clerk import Clerk
from bot.delivery.doubt import Doubt
from bot.delivery.errands import ChannelTarget, Delivered, Target, in_words, outcome_name
from bot.delivery.halt import Halt
from bot.delivery.ledger import ARRIVED, PartState
from bot.delivery.lookup import Found
from bot.delivery.outcomes import (
    InDoubt,
    Lost,
    NotSent,
    PartlySent,
    RateLimited,
    Rejected,
    Scope,
    Sent,
)
from bot.delivery.pauses import Pauses
from bot.delivery.ways import Ways
from bot.observing import SILENT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from concurrent.futures import Executor
    from datetime import datetime

    from bot.delivery.errands import AnyTarget, Policy
    from bot.delivery.ledger import Ledger, Part
    from bot.delivery.lookup import Lookup
    from bot.delivery.messenger import Messenger
    from bot.delivery.outcomes import Outcome
    from bot.delivery.webhook import WebhookClient
    from bot.observing import Observer

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_POLL_SECONDS = 0.5
_REPLACE = "put a new one into the tenant file, then run `bgs-bot deliveries retry`"
_LONG_WAIT = timedelta(minutes=10)


class Courier:
    """Delivers parts; several couriers on one ledger never send one twice.

    Parameters
    ----------
    ledger
        The shared ledger.
    client
        Sends one request per attempt.
    lookup
        Looks for a message in doubt; None without a bot token.
    pool
        Where the ledger's calls run, off the event loop.
    clock
        Real time, aware, in UTC.
    observer
        Hears how each request went.
    messenger
        Sends to services other than Discord.
    """

    def __init__(
        self,
        ledger: Ledger,
        client: WebhookClient,
        lookup: Lookup | None,
        *,
        policy: Policy,
        pool: Executor,
        clock: Callable[[], datetime],
        observer: Observer = SILENT,
        messenger: Messenger | None = None,
    ) -> None:
        self._ledger = ledger
        self._policy = policy
        self._clock = clock
        self._observer = observer
        self._halt = Halt()
        self._pauses = Pauses(ledger, clock)
        self._ways = Ways(client, lookup, messenger, policy)
        self._clerk = Clerk(ledger, policy, pool, clock)
        self._doubt = Doubt(ledger, self._clerk, self._ways, policy, halt=self._halt, clock=clock)

    @property
    def clock(self) -> Callable[[], datetime]:
        """Real time."""
        return self._clock

    @property
    def stopping(self) -> bool:
        """Whether nothing new is begun any more."""
        return self._halt.asked

    def stop(self) -> None:
        """Begin nothing new; a request that is being written is finished."""
        self._halt.ask()

    async def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call of the ledger off the event loop."""
        return await self._clerk.call(fn, *args, **kwargs)

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Wait for work that a stop cuts off; None if it did."""
        return await self._halt.unless_asked(work)

    async def deliver(self, part: Part, target: AnyTarget, *, expire: bool = False) -> Delivered:
        """Bring one part as far as patience allows and return how it stands.

        Parameters
        ----------
        part
            The part, as planned.
        target
            Where it goes.
        expire
            Whether a part that was written down too long ago is given up
            instead of sent.
        """
        deadline = self._clock() + timedelta(seconds=self._policy.patience)
        current, wait, asked = part, self._first_wait(part, target), False
        while not self.stopping:
            if wait > 0 and self._clock() + timedelta(seconds=wait) > deadline:
                break
            if await self._halt.sleep(wait):
                break
            claimed = await self.call(self._ledger.claim, part.id)
            if claimed is not None:
                async with self._keep(claimed):
                    asked |= await self._attempt(claimed, target, expire=expire)
            current = await self.call(self._ledger.part, part.id)
            if current.state.settled:
                return Delivered(current, asked and current.state in ARRIVED)
            if claimed is None and not await self._wait_for_others(current, deadline):
                break
            wait = self._wait_of(current)
        return Delivered(current)

    def _first_wait(self, part: Part, target: AnyTarget) -> float:
        """Return how long a new run waits: it need not sit out an earlier run's back-off.

        It must where the part may have arrived several times by now.
        """
        if self._doubt.is_spaced_out(part, target):
            return self._wait_of(part)
        if part.state is PartState.FAILED:
            return 0.0
        return min(self._wait_of(part), self._policy.lease_seconds / 3)

    async def give_up(self, part: Part, reason: str) -> Part:
        """Give a part up that is not to be sent any more; a retry revives it."""
        claimed = await self.call(self._ledger.claim, part.id)
        if claimed is not None:
            await self._clerk.write(self._ledger.settle_gave_up, claimed, reason)
        return await self.call(self._ledger.part, part.id)

    async def leave(self, part: Part, reason: str) -> None:
        """Note why a part cannot be sent now; it is given up when it is stale."""
        claimed = await self.call(self._ledger.claim, part.id)
        if claimed is not None and self._clerk.is_stale(claimed):
            await self._clerk.give_up(claimed, reason)
        elif claimed is not None:
            await self._clerk.fail(claimed, reason, self._clock() + _LONG_WAIT)

    def _wait_of(self, part: Part) -> float:
        if part.next_attempt_at is None:
            return 0.0
        return max(0.0, (part.next_attempt_at - self._clock()).total_seconds())

    async def _wait_for_others(self, part: Part, deadline: datetime) -> bool:
        """Wait a little for another owner; False if there is nothing to wait for."""
        deadline += timedelta(seconds=self._policy.lease_seconds)
        if self._clock() > deadline or await self.call(self._ledger.waits_for_lower, part.id):
            return False
        left = await self.call(self._ledger.lease_left, part.id)
        await self._halt.sleep(min(max(left, 0.05), _POLL_SECONDS))
        return True

    @contextlib.asynccontextmanager
    async def _keep(self, claimed: Part) -> AsyncIterator[None]:
        """Renew the claim while the block runs, and give it back after it."""
        renewal = asyncio.create_task(self._renew(claimed))
        try:
            yield
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)

    async def _renew(self, claimed: Part) -> None:
        while True:
            await asyncio.sleep(self._policy.lease_seconds / 3)
            try:
                await self.call(self._ledger.renew, [claimed])
            except Exception:  # the claim may still hold until the next try
                log.warning("A claim could not be renewed", exc_info=True)

    async def _attempt(self, claimed: Part, target: AnyTarget, *, expire: bool) -> bool:
        """Try once, and return whether our own request may have brought the part there."""
        if expire and self._clerk.is_stale(claimed):
            await self._clerk.give_up(claimed, claimed.error or "it was never sent")
            return False
        if await self._is_barred(claimed, target):
            return False
        in_doubt = claimed.state is PartState.IN_DOUBT
        if in_doubt and not await self._doubt.may_resend(claimed, target):
            return False
        begun = time.monotonic()
        outcome = await self._send(claimed, target)
        took = time.monotonic() - begun
        self._observer.delivery_done(outcome_name(outcome), took, again=claimed.attempts > 0)
        await self._settle(claimed, target, outcome)
        return isinstance(outcome, Sent | PartlySent | InDoubt)

    async def _is_barred(self, claimed: Part, target: AnyTarget) -> bool:
        """Settle a part whose webhook or address must not be used now."""
        for name, mark in target.marks.items():
            broken = await self.call(self._ledger.broken, mark)
            if broken is not None:
                await self._clerk.write(
                    self._ledger.settle_broken,
                    claimed,
                    f"{name} is refused since {broken.since:%Y-%m-%d %H:%M} UTC"
                    f" ({broken.detail}); {_REPLACE}",
                )
                return True
        pause = await self._pause(target)
        if pause is None:
            return False
        until, scope = pause
        whom = "this webhook" if scope is Scope.WEBHOOK else "this address"
        await self._clerk.write(
            self._ledger.settle_failed,
            claimed,
            f"Discord asked {whom} to pause until {until:%Y-%m-%d %H:%M:%S} UTC",
            next_attempt_at=until,
        )
        return True

    async def _pause(self, target: AnyTarget) -> tuple[datetime, Scope] | None:
        """Return until when Discord wants nothing, and for whom; other services only refuse."""
        if isinstance(target, ChannelTarget):
            return None
        return await self.call(self._pauses.until, target.webhook)

    async def _send(self, claimed: Part, target: AnyTarget) -> Outcome:
        """Send once; a stop before the request is written takes it back."""
        written = False

        async def before_write() -> bool:
            nonlocal written
            if self.stopping or await self._pause(target) is not None:
                return False
            written = True
            return await self.call(self._ledger.begin_send, claimed)

        sending = asyncio.create_task(self._ways.send(claimed, target, before_write))
        stop = asyncio.create_task(self._halt.wait())
        try:
            await asyncio.wait({sending, stop}, return_when=asyncio.FIRST_COMPLETED)
            if written and not sending.done():
                await asyncio.wait({sending}, timeout=self._policy.last_seconds_for(target))
            if not sending.done():
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            if not sending.cancelled():
                return await sending
            return InDoubt("stopped before an answer came") if written else Lost()
        finally:
            stop.cancel()

    async def _settle(self, claimed: Part, target: AnyTarget, outcome: Outcome) -> None:
        match outcome:
            case Sent():
                await self._settle_sent(claimed, target, outcome)
            case PartlySent():
                reason = f"{in_words(outcome)}; not sent again, for the others have it"
                await self._clerk.write(self._ledger.settle_partly, claimed, reason)
            case RateLimited():
                until = self._clock() + timedelta(seconds=outcome.retry_after)
                if isinstance(target, Target):
                    until = await self.call(self._pauses.note, target.webhook, outcome)
                await self._clerk.fail(claimed, in_words(outcome), until)
            case Rejected():
                mark = target.broken_by(outcome)
                if mark is not None:
                    await self.call(
                        self._ledger.mark_broken,
                        mark,
                        tenant=claimed.key.tenant,
                        status=outcome.status,
                        detail=in_words(outcome),
                    )
                advice = f"; {_REPLACE}" if mark is not None else ""
                reason = in_words(outcome) + advice
                await self._clerk.write(self._ledger.settle_broken, claimed, reason)
            case InDoubt():
                await self._doubt.put_off(
                    claimed, target, in_words(outcome), slow=outcome.status is None
                )
            case NotSent():
                await self.call(self._ledger.count_attempt, claimed)
                wait = backoff(claimed.attempts + 1)
                await self._clerk.fail(claimed, in_words(outcome), self._clock() + wait)
            case Lost():
                await self._clerk.write(self._ledger.release, claimed)

    async def _settle_sent(self, claimed: Part, target: AnyTarget, sent: Sent) -> None:
        message_id = sent.message_id
        if isinstance(target, ChannelTarget):
            await self._clerk.write(self._ledger.settle_sent, claimed, message_id=message_id)
            return
        thread_id = sent.channel_id if target.opens_thread(claimed) else target.thread_id
        if message_id is None and self._ways.can_look(target) and not self.stopping:
            found = await self._doubt.look(claimed, target)
            if isinstance(found, Found):
                message_id, thread_id = found.message_id, found.thread_id or thread_id
        await self._clerk.write(
            self._ledger.settle_sent, claimed, message_id=message_id, thread_id=thread_id
        )
