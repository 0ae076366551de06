"""What can be wrong with the tenant file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from bot.errors import BotError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in the tenant file.

    Attributes
    ----------
    level
        ``error`` where something is left out for it, else ``warning``.
    tenant
        The tenant's name, or its place in the file.
    field
        Such as ``discord_webhooks.shoutout[1].url``; empty for the whole entry.
    value
        What is there, masked where it may be a secret; empty where nothing is.
    fault
        What is wrong with it.
    remedy
        What to do.
    """

    level: Literal["error", "warning"]
    tenant: str
    field: str
    value: str
    fault: str
    remedy: str

    def __str__(self) -> str:
        where = f'tenant "{self.tenant}"' + (f", {self.field}" if self.field else "")
        what = f"{self.value} {self.fault}" if self.value else self.fault
        return f"{where}: {what}; {self.remedy}"


class TenantError(BotError):
    """Something about tenants that the user can correct."""


class TenantFileError(TenantError):
    """The tenant file, or an entry handed in directly, cannot be used."""

    def __init__(self, message: str, problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(message)


class UnknownTenantError(TenantError):
    """No tenant goes by that id or name."""

    def __init__(self, wanted: str, known: Sequence[str], reason: str = "") -> None:
        self.wanted = wanted
        self.known = tuple(known)
        choice = f"use one of: {', '.join(known)}" if known else "the tenant file has none"
        super().__init__(f"{reason or f'there is no tenant {printable(wanted)!r}'}; {choice}")


class WebhookUrlError(TenantError):
    """A text is no webhook's URL."""
