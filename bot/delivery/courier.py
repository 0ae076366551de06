"""Takes one part from the ledger to Discord: write down, send, settle.

Every step that matters is in the ledger before the next one begins, so that
a process may be killed anywhere and another one knows what to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from bot.delivery.backoff import backoff
from bot.delivery.ledger import LedgerError, PartState
from bot.delivery.lookup import CannotLook, Found, LookFailed, NotFound
from bot.delivery.outcomes import InDoubt, Lost, NotSent, RateLimited, Rejected, Sent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from concurrent.futures import Executor
    from datetime import datetime

    from bot.delivery.ledger import Ledger, Part
    from bot.delivery.lookup import Look, Lookup
    from bot.delivery.outcomes import Outcome
    from bot.delivery.webhook import WebhookClient
    from bot.tenants import WebhookUrl

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

ADDRESS = "address"
"""What a ban of our address is noted under: all sending pauses."""
_POLL_SECONDS = 0.5
_LONG_WAIT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a part goes.

    Attributes
    ----------
    webhook
        The webhook that posts it.
    thread_id
        The thread it goes to, if any.
    thread_name
        Name of a forum post to open for it, where the one that an earlier
        part opened is not known.
    """

    webhook: WebhookUrl
    thread_id: str | None = None
    thread_name: str | None = None

    def body(self, part: Part) -> dict[str, Any]:
        """Return the request's body."""
        if self.thread_name is None:
            return part.payload
        return {**part.payload, "thread_name": self.thread_name}

    def opens_thread(self, part: Part) -> bool:
        """Whether the message is the first of a new forum post."""
        return "thread_name" in self.body(part)


@dataclass(frozen=True, slots=True)
class Policy:
    """How persistent a courier is.

    Attributes
    ----------
    lease_seconds
        How long a claim lasts without renewal; a send times out within a
        third of it.
    retry_hours
        How long a part may fail before it is given up.
    catch_up_hours
        How old a part that was left behind may be when a later run finds it.
    in_doubt
        What to do with a part in doubt where nobody can look.
    patience
        Seconds that one run keeps at one part before it leaves it to a later
        run.
    """

    lease_seconds: float = 30.0
    retry_hours: float = 6.0
    catch_up_hours: float = 36.0
    in_doubt: Literal["resend", "skip"] = "resend"
    patience: float = 120.0


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
    ) -> None:
        self._ledger = ledger
        self._client = client
        self._lookup = lookup
        self._policy = policy
        self._pool = pool
        self._clock = clock
        self._stopping = asyncio.Event()

    @property
    def stopping(self) -> bool:
        """Whether nothing new is begun any more."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Begin nothing new; a request that is being written is finished."""
        self._stopping.set()

    async def call(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call of the ledger off the event loop."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: fn(*args, **kwargs))

    async def deliver(self, part: Part, target: Target, *, expire: bool = False) -> Part:
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
        current, first = part, True
        while not self.stopping:
            wait = 0.0 if first and part.state is PartState.FAILED else self._wait_of(current)
            if self._clock() + timedelta(seconds=wait) > deadline:
                break
            if await self._sleep(wait):
                break
            first = False
            claimed = await self.call(self._ledger.claim, part.id)
            if claimed is not None:
                async with self._keep(claimed):
                    await self._attempt(claimed, target, expire=expire)
            current = await self.call(self._ledger.part, part.id)
            if current.state.settled:
                break
            if claimed is None and not await self._wait_for_others(current, deadline):
                break
        return current

    async def leave(self, part: Part, reason: str) -> None:
        """Note why a part cannot be sent now; it is given up when it is stale."""
        claimed = await self.call(self._ledger.claim, part.id)
        if claimed is not None and self._is_stale(claimed):
            await self._write(self._ledger.settle_gave_up, claimed, f"given up: {reason}")
        elif claimed is not None:
            await self._fail(claimed, reason, self._clock() + _LONG_WAIT)

    def _wait_of(self, part: Part) -> float:
        if part.next_attempt_at is None:
            return 0.0
        return max(0.0, (part.next_attempt_at - self._clock()).total_seconds())

    async def _wait_for_others(self, part: Part, deadline: datetime) -> bool:
        """Wait a little for another owner; False if there is nothing to wait for."""
        if self._clock() > deadline or await self.call(self._ledger.waits_for_lower, part.id):
            return False
        left = await self.call(self._ledger.lease_left, part.id)
        await self._sleep(min(max(left, 0.05), _POLL_SECONDS))
        return True

    async def _sleep(self, seconds: float) -> bool:
        """Sleep, and return whether a stop has ended it."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)
        return self._stopping.is_set()

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

    async def _attempt(self, claimed: Part, target: Target, *, expire: bool) -> None:
        if expire and self._is_stale(claimed):
            reason = claimed.error or "it was never sent"
            await self._write(self._ledger.settle_gave_up, claimed, f"given up: {reason}")
            return
        if await self._is_barred(claimed, target):
            return
        if claimed.state is PartState.IN_DOUBT and not await self._may_resend(claimed, target):
            return
        outcome = await self._send(claimed, target)
        await self._settle(claimed, target, outcome)

    def _is_stale(self, claimed: Part) -> bool:
        hours = max(self._policy.retry_hours, self._policy.catch_up_hours)
        begun = claimed.failing_since or claimed.planned_at
        return self._clock() - begun > timedelta(hours=hours)

    async def _is_barred(self, claimed: Part, target: Target) -> bool:
        """Settle a part whose webhook or address must not be used now."""
        broken = await self.call(self._ledger.broken, target.webhook.fingerprint)
        if broken is not None:
            await self._write(
                self._ledger.settle_broken,
                claimed,
                f"webhook {target.webhook.id} is refused since"
                f" {broken.since:%Y-%m-%d %H:%M} UTC ({broken.detail});"
                " put a new one into the tenant file, then run `bgs-bot deliveries retry`",
            )
            return True
        until = await self.call(self._ledger.pause_until, ADDRESS)
        if until is not None and until > self._clock():
            await self._write(
                self._ledger.settle_failed,
                claimed,
                f"Discord asked this address to pause until {until:%H:%M:%S} UTC",
                next_attempt_at=until,
            )
            return True
        return False

    async def _may_resend(self, claimed: Part, target: Target) -> bool:
        """Look for a part in doubt; settle it unless it may be sent again."""
        if self._lookup is not None:
            match await self._look(claimed, target):
                case Found() as found:
                    log.info("%s: a part in doubt had arrived", claimed.key.tenant)
                    return not await self._write(
                        self._ledger.settle_sent,
                        claimed,
                        message_id=found.message_id,
                        thread_id=found.thread_id,
                        found=True,
                    )
                case NotFound():
                    return True
                case LookFailed() as failed:
                    await self._put_off(claimed, f"looking for it failed: {failed.reason}")
                    return False
                case CannotLook() as blind:
                    log.warning(
                        "%s: nobody can look for a part in doubt: %s",
                        claimed.key.tenant,
                        blind.reason,
                    )
        if self._policy.in_doubt == "skip":
            await self._write(
                self._ledger.settle_skipped, claimed, "in doubt, not sent again (IN_DOUBT=skip)"
            )
            return False
        await self.call(self._ledger.count_resend, claimed)
        return True

    async def _look(self, claimed: Part, target: Target) -> Look:
        if self._lookup is None:
            return CannotLook("there is no bot token")

        async def known(ids: Sequence[str]) -> set[str]:
            return await self.call(self._ledger.known_message_ids, ids)

        return await self._lookup.find(
            target.webhook,
            target.body(claimed),
            since=claimed.in_doubt_since or claimed.first_sent_at or claimed.planned_at,
            thread_id=target.thread_id,
            known=known,
        )

    async def _send(self, claimed: Part, target: Target) -> Outcome:
        """Send once; a stop before the request is written takes it back."""
        written = False

        async def before_write() -> bool:
            nonlocal written
            if self.stopping or not await self.call(self._ledger.begin_send, claimed):
                return False
            written = True
            return True

        sending = asyncio.create_task(
            self._client.send(
                target.webhook,
                target.body(claimed),
                thread_id=target.thread_id,
                timeout=self._policy.lease_seconds / 3,
                max_wait=self._policy.patience,
                before_write=before_write,
            )
        )
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({sending, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done() and not written:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)
            return Lost() if sending.cancelled() else await sending
        finally:
            stop.cancel()

    async def _settle(self, claimed: Part, target: Target, outcome: Outcome) -> None:
        match outcome:
            case Sent():
                await self._settle_sent(claimed, target, outcome)
            case RateLimited():
                until = self._clock() + timedelta(seconds=outcome.retry_after)
                if outcome.scope == "address":
                    await self.call(self._ledger.pause, ADDRESS, until)
                await self._fail(claimed, _in_words(outcome), until)
            case Rejected():
                if outcome.breaks_webhook:
                    await self.call(
                        self._ledger.mark_broken,
                        target.webhook.fingerprint,
                        tenant=claimed.key.tenant,
                        status=outcome.status,
                        detail=_in_words(outcome),
                    )
                await self._write(self._ledger.settle_broken, claimed, _in_words(outcome))
            case InDoubt():
                await self._put_off(claimed, _in_words(outcome), slow=outcome.status is None)
            case NotSent():
                wait = backoff(claimed.attempts + 1)
                await self._fail(claimed, _in_words(outcome), self._clock() + wait)
            case Lost():
                await self._write(self._ledger.release, claimed)

    async def _settle_sent(self, claimed: Part, target: Target, sent: Sent) -> None:
        message_id = sent.message_id
        thread_id = sent.channel_id if target.opens_thread(claimed) else target.thread_id
        if message_id is None and self._lookup is not None:
            found = await self._look(claimed, target)
            if isinstance(found, Found):
                message_id, thread_id = found.message_id, found.thread_id or thread_id
        await self._write(
            self._ledger.settle_sent, claimed, message_id=message_id, thread_id=thread_id
        )

    async def _put_off(self, claimed: Part, error: str, *, slow: bool = False) -> None:
        """Leave a part in doubt for later, so that a late message can be seen."""
        wait = backoff(claimed.attempts + 1)
        if slow:
            wait = max(wait, timedelta(seconds=self._policy.lease_seconds / 3))
        if self._is_hopeless(claimed):
            reason = f"given up: {error}"
            await self._write(self._ledger.settle_gave_up, claimed, reason, in_doubt=True)
            return
        await self._write(
            self._ledger.settle_in_doubt, claimed, error, next_attempt_at=self._clock() + wait
        )

    async def _fail(self, claimed: Part, error: str, again: datetime) -> None:
        if self._is_hopeless(claimed):
            await self._write(self._ledger.settle_gave_up, claimed, f"given up: {error}")
            return
        await self._write(self._ledger.settle_failed, claimed, error, next_attempt_at=again)

    def _is_hopeless(self, claimed: Part) -> bool:
        since = claimed.failing_since
        hours = timedelta(hours=self._policy.retry_hours)
        return since is not None and self._clock() - since > hours

    async def _write(self, fn: Callable[P, bool], /, *args: P.args, **kwargs: P.kwargs) -> bool:
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


def _in_words(outcome: RateLimited | Rejected | NotSent | InDoubt) -> str:
    match outcome:
        case RateLimited():
            return f"rate limited ({outcome.scope.value}), wait {outcome.retry_after:.1f} s"
        case Rejected():
            code = f", error {outcome.code}" if outcome.code else ""
            return f"refused with {outcome.status}{code}: {outcome.detail}"
        case NotSent():
            return f"not sent: {outcome.reason}"
        case InDoubt():
            status = f" (status {outcome.status})" if outcome.status else ""
            return f"in doubt: {outcome.reason}{status}"
