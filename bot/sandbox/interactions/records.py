"""What is known of one interaction: what a user did, and how the bot answered."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.people import Guild, User
    from bot.sandbox.world import Channel, StoredMessage

ANSWER_SECONDS = 3.0
TOKEN_SECONDS = 900.0


class Kind(IntEnum):
    """What a user did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(IntEnum):
    """How the bot answered first."""

    PONG = 1
    MESSAGE = 4
    DEFERRED = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, eq=False)
class Interaction:
    """One interaction.

    Attributes
    ----------
    data
        What was chosen or typed, as Discord tells the bot.
    created
        Monotonic seconds.
    message
        The message whose component was used.
    parent
        The interaction that showed the modal which was submitted.
    expired
        Whether its user gave up waiting.
    original
        The message that answers it: a new one, or the one with the component.
    """

    id: str
    kind: Kind
    user: User
    guild: Guild
    channel: Channel
    data: dict[str, Any]
    created: float
    message: StoredMessage | None = None
    parent: Interaction | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(120), repr=False)
    expired: bool = False
    answer: Answer | None = None
    acknowledged_after: float | None = None
    original: StoredMessage | None = None
    followups: list[StoredMessage] = field(default_factory=list)
    modal: dict[str, Any] | None = None
    choices: list[dict[str, Any]] | None = None
    edits: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def note_change(self) -> None:
        """Wake whoever waits for an answer."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self) -> None:
        """Wait until something about it changes."""
        await self._changed.wait()

    @property
    def waiting(self) -> bool:
        """Whether its user sees that the bot is still at work."""
        original = self.original
        if original is None or original.deleted:
            return False
        if self.answer is Answer.DEFERRED:
            return original.thinking
        return self.answer is Answer.DEFERRED_UPDATE and not self.edits and not self.followups

    @property
    def first_answers(self) -> tuple[Answer, ...]:
        """What the bot may answer first."""
        on_message = (Answer.DEFERRED_UPDATE, Answer.UPDATE) if self.message else ()
        match self.kind:
            case Kind.AUTOCOMPLETE:
                return (Answer.CHOICES,)
            case Kind.MODAL:
                return (Answer.MESSAGE, Answer.DEFERRED, *on_message)
            case _:
                return (Answer.MESSAGE, Answer.DEFERRED, *on_message, Answer.MODAL)
