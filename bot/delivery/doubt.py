"""What is done with a part of which nobody knows whether it has arrived."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.delivery.backoff import backoff
from bot.delivery.errands import ChannelTarget
from bot.delivery.ledger import PartState
from bot.delivery.lookup import CannotLook, Found, LookFailed, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.delivery.clerk import Clerk
    from bot.delivery.errands import AnyTarget, Policy
    from bot.delivery.halt import Halt
    from bot.delivery.ledger import Ledger, Part
    from bot.delivery.lookup import Look
    from bot.delivery.ways import Ways

log = logging.getLogger(__name__)

_PROMPT_RESENDS = 2
_SPACE = timedelta(minutes=5)
_GROWTH = 4


class Doubt:
    """Looks for parts in doubt; where nobody can, the policy decides.

    Parameters
    ----------
    ways
        Can look, where the bot may read.
    halt
        Cuts a look off.
    """

    def __init__(
        self,
        ledger: Ledger,
        clerk: Clerk,
        ways: Ways,
        policy: Policy,
        *,
        halt: Halt,
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._clerk = clerk
        self._ways = ways
        self._policy = policy
        self._halt = halt
        self._clock = clock

    async def look(self, claimed: Part, target: AnyTarget) -> Look | None:
        """Look for a part; None if a stop came in between."""

        async def known(ids: Sequence[str]) -> set[str]:
            return await self._clerk.call(
                self._ledger.known_message_ids, ids, channel=claimed.key.channel
            )

        return await self._halt.unless_asked(self._ways.look(claimed, target, known))

    async def may_resend(self, claimed: Part, target: AnyTarget) -> bool:
        """Look for a part in doubt; settle it unless it may be sent again."""
        write = self._clerk.write
        if self._ways.can_look(target):
            match await self.look(claimed, target):
                case None:
                    await write(self._ledger.release, claimed)
                    return False
                case Found() as found:
                    log.info("%s: a part in doubt had arrived", claimed.key.tenant)
                    return not await write(
                        self._ledger.settle_sent,
                        claimed,
                        message_id=found.message_id,
                        thread_id=found.thread_id,
                        found=True,
                    )
                case NotFound():
                    return not await self._is_early(claimed)
                case LookFailed() as failed:
                    await self.put_off(claimed, target, f"looking for it failed: {failed.reason}")
                    return False
                case CannotLook() as blind:
                    log.warning(
                        "%s: nobody can look for a part in doubt: %s",
                        claimed.key.tenant,
                        blind.reason,
                    )
        if self._policy.in_doubt == "skip":
            reason = "in doubt, not sent again (IN_DOUBT=skip)"
            await write(self._ledger.settle_skipped, claimed, reason)
            return False
        await self._clerk.call(self._ledger.count_resend, claimed)
        return True

    async def put_off(
        self, claimed: Part, target: AnyTarget, error: str, *, slow: bool = False
    ) -> None:
        """Leave a part in doubt for later, so that a late message can be seen.

        Parameters
        ----------
        slow
            Whether no answer came at all, so that the message may come late.
            A channel, where nobody can look, then gets it again ever more
            rarely: a mail server that takes each copy without a word must not
            get one every few minutes.
        """
        wait = backoff(claimed.attempts + 1)
        if not self._ways.can_look(target) and self._policy.in_doubt == "skip":
            wait = timedelta()
        elif slow and self._ways.can_look(target):
            wait = max(wait, timedelta(seconds=self._policy.lease_seconds / 3))
        if slow and self._policy.in_doubt == "resend" and isinstance(target, ChannelTarget):
            wait = max(wait, _space(claimed))
        await self._clerk.put_off(claimed, error, self._clock() + wait)

    def is_spaced_out(self, part: Part, target: AnyTarget) -> bool:
        """Whether a part waits because copies of it may have arrived already."""
        in_doubt = part.state is PartState.IN_DOUBT and isinstance(target, ChannelTarget)
        return in_doubt and _last_pause(part) >= _SPACE

    async def _is_early(self, claimed: Part) -> bool:
        """Put a part off whose message may still be on its way."""
        if claimed.last_sent_at is None:
            return False
        until = claimed.last_sent_at + timedelta(seconds=self._policy.late)
        if self._clock() >= until:
            return False
        error = claimed.error or "in doubt"
        await self._clerk.write(self._ledger.settle_in_doubt, claimed, error, next_attempt_at=until)
        return True


def _space(claimed: Part) -> timedelta:
    """Return the least pause before a part is sent again that went without any answer.

    It grows from one such request to the next, and begins anew after another
    kind of failure, so that an outage ends in a prompt post.
    """
    if claimed.in_doubt_count < _PROMPT_RESENDS:
        return timedelta()
    last = _last_pause(claimed)
    return last * _GROWTH if last >= _SPACE else _SPACE


def _last_pause(part: Part) -> timedelta:
    """Return how long a part has had to wait since it was last sent."""
    if part.next_attempt_at is None or part.last_sent_at is None:
        return timedelta()
    return part.next_attempt_at - part.last_sent_at
