"""A channel of a service other than Discord."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field

MARK = "apprise:"
"""What every name of a channel in the ledger begins with, and none of a webhook."""
_PASSWORD = re.compile(r"(?<=://)([^/?#@:]*):[^/?#@]*(?=@)")
_SECRET_OPTION = re.compile(r"[?&](?:pass(?:word|wd)?|pwd|secret|token|api_?key)=[^&]*", re.I)


@dataclass(frozen=True, slots=True, repr=False)
class Channel:
    """Where reports go through Apprise; its text form hides the address.

    Attributes
    ----------
    url
        The address, in Apprise's syntax.
    scheme
        What the address begins with.
    reports
        The reports that go there; None for all.
    systems, factions
        Filters; empty for everything.
    top
        What differs from the report's own configuration; None for nothing.
    """

    url: str = field(repr=False)
    scheme: str
    reports: frozenset[str] | None = None
    systems: tuple[str, ...] = ()
    factions: tuple[str, ...] = ()
    top: int | None = None

    @property
    def kind(self) -> str:
        """What it is, in one word."""
        return self.scheme

    @property
    def key(self) -> str:
        """The ledger's name for this channel; never holds the address.

        It stays the same when a password in the address changes, so that such
        a change posts nothing again.
        """
        plain = _SECRET_OPTION.sub("", _PASSWORD.sub(r"\1", self.url))
        key = f"{MARK}{self.scheme}:{hashlib.sha256(plain.encode()).hexdigest()[:12]}"
        if self.systems or self.factions:
            parts = [sorted(name.casefold() for name in each) for each in self._filters]
            key += f"#{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]}"
        return key

    @property
    def fingerprint(self) -> str:
        """A short text that tells addresses apart and gives nothing away."""
        return f"{MARK}{hashlib.sha256(self.url.encode()).hexdigest()[:16]}"

    @property
    def _filters(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.systems, self.factions

    def takes(self, report: str) -> bool:
        """Whether a report may go there."""
        return self.reports is None or report in self.reports

    def __str__(self) -> str:
        return f"channel {self.key}"

    def __repr__(self) -> str:
        return f"<Channel {self.key}>"
