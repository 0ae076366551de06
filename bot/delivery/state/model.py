"""The ledger's words: what a part of a delivery is and how it can stand."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.tenants.channel import MARK as CHANNEL_MARK

if TYPE_CHECKING:
    from datetime import datetime

_LONGEST_KEY = 200
_LONGEST_TEXT = 2000


class PartState(StrEnum):
    """How a part stands.

    Not planned yet: ``UNPLANNED`` (the report could not be computed; the
    error says why), ``EMPTY`` (there was nothing to post). One such row
    stands for the whole delivery and gives way to real parts.

    Unsettled: ``PENDING`` (written down, not tried), ``SENDING`` (its request
    may be on the wire), ``IN_DOUBT`` (a request went out and nobody knows
    what became of it), ``FAILED`` (refused or not sent, to be tried again).

    Settled: ``SENT``, ``GAVE_UP`` (failed for too long), ``BROKEN`` (refused
    for good), ``SKIPPED`` (in doubt and left alone by choice), ``PARTLY_SENT``
    (some of its recipients have it, and would have it twice).
    """

    UNPLANNED = "unplanned"
    EMPTY = "empty"
    PENDING = "pending"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"
    SENT = "sent"
    GAVE_UP = "gave_up"
    BROKEN = "broken"
    SKIPPED = "skipped"
    PARTLY_SENT = "partly_sent"

    @property
    def planned(self) -> bool:
        """Whether there is a message whose words are written down."""
        return self not in UNPLANNED_STATES

    @property
    def settled(self) -> bool:
        """Whether nothing more needs to happen."""
        return self not in UNSETTLED and self is not PartState.UNPLANNED


UNPLANNED_STATES = frozenset({PartState.UNPLANNED, PartState.EMPTY})
"""States of a row that gives way to real parts."""

UNSETTLED = frozenset({PartState.PENDING, PartState.SENDING, PartState.IN_DOUBT, PartState.FAILED})
"""States of a part that may be claimed, or is."""

TROUBLED = frozenset(
    {
        PartState.UNPLANNED,
        PartState.FAILED,
        PartState.IN_DOUBT,
        PartState.GAVE_UP,
        PartState.BROKEN,
        PartState.SKIPPED,
        PartState.PARTLY_SENT,
    }
)
"""States an admin wants to hear of."""

ARRIVED = frozenset({PartState.SENT, PartState.PARTLY_SENT})
"""States of a part that somebody has."""

WELL = frozenset({PartState.SENT, PartState.EMPTY})
"""States of a part that came to a good end."""


@dataclass(frozen=True, slots=True, order=True)
class DeliveryKey:
    """What makes a post one post; equal keys are posted once.

    A field over 200 bytes is cut and ends in a digest of the whole, and what
    no database can store (NUL, lone surrogates) is written as an escape,
    so that names from strangers' databases always fit.
    """

    tenant: str
    report: str
    window: str
    occasion: str
    channel: str

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, key_text(getattr(self, field.name)))


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a delivery, as the ledger holds it.

    Attributes
    ----------
    part, parts
        Its number, from 1, and how many there are; a row without a message
        (``EMPTY``, ``UNPLANNED``) is part 1 of 0.
    payload
        The request's body as it was planned; a retry sends the same words.
    label, period
        The window as shown to people, and the period's code.
    attempts
        Requests that were begun, and connections that failed before one could be.
    in_doubt_count, resent_in_doubt
        How often it came into doubt, and how often it was then sent again
        though nobody could look: only then may it have arrived twice.
    in_doubt_since
        When the first request whose outcome is unknown was begun; None if
        there is none.
    failing_since
        When the row of failures began that still goes on; a retry that
        somebody asked for begins it anew. None if nothing has failed yet.
    first_sent_at, last_sent_at
        When the first and the latest request were begun.
    next_attempt_at
        Not to be tried before; None means at once.
    claim
        Names the claim that holds the part; None if nobody does.
    settled_at
        When it was settled; None while unsettled.
    """

    id: int
    key: DeliveryKey
    part: int
    parts: int
    period: str
    label: str
    state: PartState
    payload: dict[str, Any]
    attempts: int
    in_doubt_count: int
    resent_in_doubt: int
    message_id: str | None
    thread_id: str | None
    error: str | None
    claim: str | None
    lease_until: datetime | None
    planned_at: datetime
    first_sent_at: datetime | None
    last_sent_at: datetime | None
    in_doubt_since: datetime | None
    failing_since: datetime | None
    next_attempt_at: datetime | None
    settled_at: datetime | None
    updated_at: datetime

    @property
    def in_doubt(self) -> bool:
        """Whether it was ever in doubt, however it ended."""
        return self.in_doubt_count > 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a part stands, without its words.

    Attributes
    ----------
    failing_since
        As `Part` has it.
    """

    state: PartState
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class BrokenWebhook:
    """A webhook, one of its threads, or a channel that is refused for good.

    Attributes
    ----------
    fingerprint
        Names it without its token.
    status
        The HTTP status of the refusal.
    since
        When it was first refused.
    """

    fingerprint: str
    tenant: str
    status: int
    detail: str
    since: datetime

    @property
    def is_channel(self) -> bool:
        """Whether it is a channel of a service other than Discord."""
        return self.fingerprint.startswith(CHANNEL_MARK)


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over the whole ledger or one tenant.

    Attributes
    ----------
    states
        Parts by state; states without parts are left out.
    in_doubt
        Parts that were ever in doubt.
    resent_in_doubt
        Parts that were sent again in doubt, and so may have arrived twice.
    """

    states: dict[PartState, int]
    in_doubt: int
    resent_in_doubt: int


def storable(text: str) -> str:
    """Return text that every database takes, cut to 2000 characters."""
    return _escaped(text)[:_LONGEST_TEXT]


def key_text(text: str) -> str:
    """Return text that every database takes in a key: at most 200 bytes, still unique."""
    clean = _escaped(text)
    encoded = clean.encode()
    if len(encoded) <= _LONGEST_KEY:
        return clean
    digest = hashlib.sha256(encoded).hexdigest()[:32]
    return f"{encoded[: _LONGEST_KEY - 33].decode(errors='ignore')}~{digest}"


def _escaped(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
