"""What became of one report for one route, for summaries and logs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a posting ended."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Posting:
    """The outcome of one report for one route.

    Attributes
    ----------
    tenant
        The tenant's id.
    channel
        The route's key in the ledger; ``-`` where there is no route.
    label
        The window, as shown to players.
    reason
        Why it was skipped or failed; empty when sent.
    messages
        How many messages this run sent.
    is_known
        Whether it failed for what was told before: the webhook is known to be gone.
    """

    tenant: str
    report: str
    channel: str
    label: str
    status: Status
    reason: str = ""
    messages: int = 0
    is_known: bool = False
