"""Messages on their way into the world of the sandbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.attachments import Upload


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is about to be stored.

    Attributes
    ----------
    author
        Its author as Discord shows it.
    extra
        More of its body as Discord shows it.
    """

    channel_id: str
    author: dict[str, Any]
    payload: dict[str, Any]
    arrived: float
    files: Sequence[Upload] = ()
    webhook_id: str | None = None
    own: bool = False
    ephemeral_for: str | None = None
    thinking: bool = False
    interaction_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
