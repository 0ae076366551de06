"""The ways a part can go: a webhook of Discord's, or a channel of another service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.delivery.errands import ChannelTarget, Target
from bot.delivery.lookup import CannotLook
from bot.delivery.messenger import Messenger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.delivery.errands import AnyTarget, Policy
    from bot.delivery.ledger import Part
    from bot.delivery.lookup import Look, Lookup
    from bot.delivery.outcomes import Outcome
    from bot.delivery.webhook import WebhookClient


class Ways:
    """Sends a part where it goes, and looks for it there.

    Parameters
    ----------
    client
        Sends to webhooks.
    lookup
        Looks for messages of webhooks; None without a bot token. Nobody can
        look into other services.
    messenger
        Sends to other services.
    policy
        How long a request may take.
    """

    def __init__(
        self,
        client: WebhookClient,
        lookup: Lookup | None,
        messenger: Messenger | None,
        policy: Policy,
    ) -> None:
        self._client = client
        self._lookup = lookup
        self._messenger = messenger or Messenger()
        self._policy = policy

    def can_look(self, target: AnyTarget) -> bool:
        """Whether somebody could see that a part has arrived."""
        return self._lookup is not None and isinstance(target, Target)

    async def look(
        self,
        part: Part,
        target: AnyTarget,
        known: Callable[[Sequence[str]], Awaitable[set[str]]],
    ) -> Look:
        """Look for a part.

        Parameters
        ----------
        known
            Returns which of some ids the ledger has.
        """
        if self._lookup is None or isinstance(target, ChannelTarget):
            return CannotLook("there is no bot token")
        return await self._lookup.find(
            target.webhook,
            target.body(part),
            since=part.in_doubt_since or part.first_sent_at or part.planned_at,
            thread_id=target.thread_id,
            known=known,
        )

    async def send(
        self, part: Part, target: AnyTarget, before_write: Callable[[], Awaitable[bool]]
    ) -> Outcome:
        """Send a part once, within the time that the policy allows.

        Parameters
        ----------
        before_write
            Called at the last moment; nothing is sent if it returns False.
        """
        seconds, patience = self._policy.seconds_for(target), self._policy.patience
        if isinstance(target, ChannelTarget):
            return await self._messenger.send(
                target.channel,
                part.payload,
                timeout=seconds,
                max_wait=patience,
                before_write=before_write,
            )
        return await self._client.send(
            target.webhook,
            target.body(part),
            thread_id=target.thread_id,
            timeout=seconds,
            max_wait=patience,
            before_write=before_write,
        )
