"""Sessions of the gateway: what was told, so that a lost connection can go on."""

from __future__ import annotations

import secrets
from collections import deque
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.gateway.connection import Connection

GUILDS = 1 << 0
GUILD_MEMBERS = 1 << 1
GUILD_PRESENCES = 1 << 8
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = GUILD_MEMBERS | GUILD_PRESENCES | MESSAGE_CONTENT
# Bits 17 to 19, 22 and 23 mean nothing.
KNOWN_INTENTS = 0b11_0011_0001_1111_1111_1111_1111
_KEPT_EVENTS = 1000


def shard_of(guild_id: str, count: int) -> int:
    """Return the shard that a guild belongs to."""
    return (int(guild_id) >> 22) % count


@dataclass(slots=True, eq=False)
class Session:
    """What one shard of the bot was told.

    Attributes
    ----------
    connection
        Where it listens now; None while it is away.
    lost_at
        When it went away, in monotonic seconds.
    """

    shard: int
    shards: int
    intents: int
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    sequence: int = 0
    connection: Connection | None = None
    lost_at: float = 0.0
    _events: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_KEPT_EVENTS))

    def covers(self, guild_id: str) -> bool:
        """Return whether a guild belongs to this shard."""
        return shard_of(guild_id, self.shards) == self.shard

    def dispatch(self, event: str, data: Any) -> None:
        """Tell an event, now or once the client is back."""
        self.sequence += 1
        # A copy: what is told later must still say what was so now.
        payload = {"t": event, "s": self.sequence, "op": 0, "d": deepcopy(data)}
        self._events.append(payload)
        if self.connection is not None:
            self.connection.send(payload)

    def missed_since(self, sequence: int) -> list[dict[str, Any]] | None:
        """Return the events after one; None if they are no longer known."""
        missed = [event for event in self._events if event["s"] > sequence]
        return missed if len(missed) == self.sequence - sequence else None
