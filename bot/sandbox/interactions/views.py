"""What a user sees after doing something to the bot."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from bot.sandbox.interactions.records import ANSWER_SECONDS, Answer

if TYPE_CHECKING:
    from bot.sandbox.interactions.records import Interaction
    from bot.sandbox.world import StoredMessage

_KINDS = {
    Answer.MESSAGE: "message",
    Answer.UPDATE: "update",
    Answer.CHOICES: "choices",
    Answer.MODAL: "modal",
}


class InteractionView:
    """What became of an interaction, as its user sees it; it keeps up with what comes.

    Attributes
    ----------
    interaction
        The whole record.
    """

    def __init__(self, interaction: Interaction) -> None:
        self.interaction = interaction

    def __repr__(self) -> str:
        message = self.message
        words = message.body["content"] if message else ""
        return f"<InteractionView {self.kind} {words!r}>"

    @property
    def kind(self) -> str:
        """One of message, update, deferred, deferred_update, modal, choices, nothing."""
        answer = self.interaction.answer
        if answer is None:
            return "nothing"
        if answer is Answer.DEFERRED:
            return "deferred" if self.interaction.waiting else "message"
        if answer is Answer.DEFERRED_UPDATE:
            return "update" if self.interaction.edits else "deferred_update"
        return _KINDS.get(answer, "nothing")

    @property
    def acknowledged_after(self) -> float | None:
        """Seconds until the first answer; None for none."""
        return self.interaction.acknowledged_after

    @property
    def message(self) -> StoredMessage | None:
        """The message that answers, or that was changed; None if it was deleted."""
        original = self.interaction.original
        return None if original is None or original.deleted else original

    @property
    def followups(self) -> list[StoredMessage]:
        """Further messages, in order, without deleted ones."""
        return [message for message in self.interaction.followups if not message.deleted]

    @property
    def modal(self) -> dict[str, Any] | None:
        """The modal that was shown."""
        return self.interaction.modal

    @property
    def choices(self) -> list[dict[str, Any]]:
        """What was suggested."""
        return self.interaction.choices or []

    @property
    def ephemeral(self) -> bool:
        """Whether only this user sees the answer."""
        original = self.interaction.original
        return original is not None and original.ephemeral_for is not None

    async def settled(self, timeout: float = 10.0) -> InteractionView:  # noqa: ASYNC109  # a view has patience of its own
        """Wait until a deferred answer was filled in, deleted or followed up.

        Raises
        ------
        TimeoutError
            If it is not within so many seconds.
        """
        async with asyncio.timeout(timeout):
            while self.interaction.waiting:
                await self.interaction.changed()
        return self

    async def acknowledged(self) -> InteractionView:
        """Wait for the first answer as long as Discord's client does."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                while self.interaction.answer is None:
                    await self.interaction.changed()
        except TimeoutError:
            self.interaction.expired = True
        return self
