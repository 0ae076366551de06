"""What a courier is told: where a part goes, how long to try, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from bot.delivery.outcomes import (
    InDoubt,
    Lost,
    NotSent,
    PartlySent,
    RateLimited,
    Rejected,
    Sent,
)
from bot.services import is_mail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.delivery.ledger import Part
    from bot.delivery.outcomes import Outcome
    from bot.tenants import Channel, WebhookUrl

OUTCOMES: Mapping[type[Outcome], str] = {
    Sent: "sent",
    PartlySent: "partly_sent",
    InDoubt: "in_doubt",
    NotSent: "not_sent",
    RateLimited: "rate_limited",
    Rejected: "rejected",
    Lost: "lost",
}
"""Names of the outcomes, for an observer."""

_FORBIDDEN = frozenset({401, 403, 404, 410})
_NO_LOGIN = 535
"""What a mail server answers to a wrong user or password."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a part goes.

    Attributes
    ----------
    webhook
        The webhook that posts it.
    thread_id
        The thread it goes to, if any.
    opening
        Name and tags of a forum post to open for it, where the one that an
        earlier part opened is not known.
    """

    webhook: WebhookUrl
    thread_id: str | None = None
    opening: Mapping[str, Any] | None = None

    def body(self, part: Part) -> dict[str, Any]:
        """Return the request's body."""
        return {**part.payload, **(self.opening or {})}

    @property
    def marks(self) -> dict[str, str]:
        """What may be marked as refused for good, by name: the webhook, the thread."""
        marks = {f"webhook {self.webhook.id}": self.webhook.fingerprint}
        if self.thread_id is not None:
            marks[f"thread {self.thread_id}"] = f"{self.webhook.fingerprint}:{self.thread_id}"
        return marks

    def broken_by(self, outcome: Rejected) -> str | None:
        """Return the mark of what must not be used again; None if only the message is bad."""
        if outcome.breaks_webhook:
            return self.webhook.fingerprint
        if outcome.breaks_route and outcome.status in _FORBIDDEN and self.thread_id is not None:
            return f"{self.webhook.fingerprint}:{self.thread_id}"
        return None

    def opens_thread(self, part: Part) -> bool:
        """Whether the message is the first of a new forum post."""
        return "thread_name" in self.body(part)


@dataclass(frozen=True, slots=True)
class ChannelTarget:
    """A part's way to a service other than Discord."""

    channel: Channel

    @property
    def marks(self) -> dict[str, str]:
        """What may be marked as refused for good, by name: the address."""
        return {str(self.channel): self.channel.fingerprint}

    def broken_by(self, outcome: Rejected) -> str | None:
        """Return the mark of an address that must not be used again, None where it may."""
        is_gone = outcome.status in _FORBIDDEN or outcome.status == _NO_LOGIN
        return self.channel.fingerprint if is_gone else None


AnyTarget: TypeAlias = Target | ChannelTarget


@dataclass(frozen=True, slots=True)
class Policy:
    """How persistent a courier is.

    Attributes
    ----------
    lease_seconds
        How long a claim lasts without renewal; a send times out within a
        third of it, but a mail.
    retry_hours
        How long a part may fail before it is given up.
    catch_up_hours
        How old a part that was left behind may be when a later run finds it.
    in_doubt
        What to do with a part in doubt where nobody can look.
    patience
        Seconds that one run keeps at one part before it leaves it to a later
        run; the wait for another owner's lease comes on top.
    late
        Seconds after a request within which its message may still appear: a
        part in doubt that is not found sooner is looked for again.
    mail_seconds
        Within how many seconds a mail must be sent. A mail server may look
        at a message for minutes before it says yes.
    """

    lease_seconds: float = 30.0
    retry_hours: float = 6.0
    catch_up_hours: float = 36.0
    in_doubt: Literal["resend", "skip"] = "resend"
    patience: float = 45.0
    late: float = 3.0
    mail_seconds: float = 180.0

    def seconds_for(self, target: AnyTarget) -> float:
        """Return how long a send may take; the claim is renewed meanwhile."""
        seconds = self.lease_seconds / 3
        return max(seconds, self.mail_seconds) if _is_mail(target) else seconds

    def last_seconds_for(self, target: AnyTarget) -> float | None:
        """Return how long a send may go on after a stop; None for to its end."""
        return self.lease_seconds / 4 if _is_mail(target) else None


def _is_mail(target: AnyTarget) -> bool:
    return isinstance(target, ChannelTarget) and is_mail(target.channel.scheme)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a part stands after a run has tried to deliver it.

    Attributes
    ----------
    sent
        Whether this run's own request brought it there, be it to some only.
    """

    part: Part
    sent: bool = False


def in_words(outcome: PartlySent | RateLimited | Rejected | NotSent | InDoubt) -> str:
    """Return an outcome in words, for the ledger."""
    match outcome:
        case PartlySent():
            return f"it reached only some of its recipients: {outcome.reason}"
        case RateLimited():
            return f"rate limited ({outcome.scope.value}), wait {outcome.retry_after:.1f} s"
        case Rejected():
            code = f", error {outcome.code}" if outcome.code else ""
            status = f" with {outcome.status}" if outcome.status else ""
            return f"refused{status}{code}: {outcome.detail}"
        case NotSent():
            return f"not sent: {outcome.reason}"
        case InDoubt():
            status = f" (status {outcome.status})" if outcome.status else ""
            return f"in doubt: {outcome.reason}{status}"


def outcome_name(outcome: Outcome) -> str:
    """Return an outcome in one word, for an observer."""
    return OUTCOMES[type(outcome)]
