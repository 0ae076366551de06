"""Which messages of a channel a bot asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sandbox.replies import Refused
from bot.sandbox.rules.fields import bounded_int
from bot.sandbox.validation import error, is_snowflake

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.sandbox.validation import Problem
    from bot.sandbox.world import StoredMessage

_MOST = 100
_USUAL = 50
_MARKS = ("around", "before", "after")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of messages.

    Attributes
    ----------
    limit
        How many at most.
    around, before, after
        The id of the message that they lie about.
    """

    limit: int = _USUAL
    around: int | None = None
    before: int | None = None
    after: int | None = None

    def cut(self, messages: Sequence[StoredMessage]) -> list[StoredMessage]:
        """Return what is on the page, newest first as they came."""
        if self.around is not None:
            newer = [message for message in messages if int(message.id) > self.around]
            half = newer[len(newer) - min(self.limit // 2, len(newer)) :]
            return [*half, *messages[len(newer) : len(newer) + self.limit - len(half)]]
        found = [
            message
            for message in messages
            if (self.before is None or int(message.id) < self.before)
            and (self.after is None or int(message.id) > self.after)
        ]
        return found[: self.limit] if self.after is None else found[-self.limit :]


def page_of(query: Mapping[str, str]) -> Page:
    """Return the page that a query asks for; refuse what is none."""
    problems: list[Problem] = []
    found: dict[str, int] = {}
    for mark in _MARKS:
        text = query.get(mark)
        if text is not None and not is_snowflake(text):
            problems.append(((mark,), "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.'))
        elif text is not None:
            found[mark] = int(text)
    limit = query.get("limit")
    if limit is not None:
        given = int(limit) if is_snowflake(limit) else limit
        problems += bounded_int({"limit": given}, "limit", 1, _MOST, ())
        found["limit"] = given if isinstance(given, int) else _USUAL
    if problems:
        raise Refused(400, error(50035, "Invalid Form Body", problems))
    return Page(**found)
