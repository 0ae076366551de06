"""What became of one request to a webhook or another service.

An outcome carries facts, never an address or a token, so it may go
into the ledger, a log or a table as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_GONE = frozenset({401, 403, 404, 410})
_UNKNOWN_CHANNEL = 10003
UNKNOWN_WEBHOOK = 10015
_INVALID_WEBHOOK_TOKEN = 50027
_WEBHOOK_CODES = frozenset({UNKNOWN_WEBHOOK, _INVALID_WEBHOOK_TOKEN})
# Unknown, archived or locked thread; wrong kind of channel; thread and name
# both or neither given; a tag that is required or unknown.
_ROUTE_CODES = frozenset(
    {_UNKNOWN_CHANNEL, 10087, 40067, 50024, 50083, 160005, 220001, 220002, 220003, 220004}
)
_ROUTE_FIELDS = frozenset({"thread_id", "applied_tags", "username", "avatar_url"})


class Scope(StrEnum):
    """What a rate limit applies to."""

    WEBHOOK = "webhook"
    CHANNEL = "channel"
    GLOBAL = "global"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Sent:
    """The message is stored.

    Attributes
    ----------
    message_id
        Its id; None where the answer did not (legibly) tell it.
    channel_id
        The channel or thread it went to, as the answer tells.
    """

    message_id: str | None
    channel_id: str | None = None


@dataclass(frozen=True, slots=True)
class RateLimited:
    """The message was not taken; it may be sent again later.

    Attributes
    ----------
    retry_after
        Seconds to wait.
    scope
        What has to wait.
    asked
        False where nothing was written, because a limit that was already
        known asks for a longer wait than the caller has time for.
    """

    retry_after: float
    scope: Scope
    asked: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """The message was refused; the same request would be refused again.

    Attributes
    ----------
    status
        HTTP status, 3xx or 4xx.
    code
        Discord's own error code, where the answer holds one.
    detail
        What the answer says, on one line, without status and code.
    fields
        Top-level fields of the request that the answer complains of.
    """

    status: int
    code: int | None
    detail: str
    fields: frozenset[str] = frozenset()

    @property
    def breaks_webhook(self) -> bool:
        """Whether this webhook must not be used again."""
        if self.code in _WEBHOOK_CODES:
            return True
        return self.status in _GONE and self.code not in _ROUTE_CODES

    @property
    def breaks_route(self) -> bool:
        """Whether everything else on this route would be refused, too.

        True for what belongs to the route's own settings (thread, tags, name
        shown); another route of the same webhook may work.
        """
        if self.breaks_webhook:
            return False
        return self.code in _ROUTE_CODES or bool(self.fields & _ROUTE_FIELDS)


@dataclass(frozen=True, slots=True)
class NotSent:
    """The request did not reach the server, or it said that it had not read it."""

    reason: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The request was written and no clear answer came back.

    Attributes
    ----------
    reason
        What happened instead, without the status.
    status
        HTTP status where there was one (5xx).
    """

    reason: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class PartlySent:
    """Some of the recipients have the message; to send it again would bring it twice to them.

    Attributes
    ----------
    reason
        Why the others have not.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing was written: the claim was lost to another process."""


Outcome = Sent | PartlySent | RateLimited | Rejected | NotSent | InDoubt | Lost
