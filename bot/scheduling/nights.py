"""Which nightly posts are due: plain arithmetic on a clock that is passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.tenants import Tenant


@dataclass(frozen=True, slots=True)
class Nightly:
    """A report that is posted every night, minutes after midnight UTC."""

    report: str
    minute: int


NIGHTLIES = (Nightly("daily", 0), Nightly("spacecz", 1), Nightly("groundcz", 2))
"""The bot's own reports."""


def nightlies() -> tuple[Nightly, ...]:
    """Return all reports: the bot's own, and a minute later each the added ones."""
    own = {nightly.report for nightly in NIGHTLIES}
    added = sorted({*catalogue.keys()} - own)
    first = NIGHTLIES[-1].minute + 1
    return (*NIGHTLIES, *(Nightly(key, minute) for minute, key in enumerate(added, start=first)))


def nightlies_of(tenant: Tenant) -> tuple[Nightly, ...]:
    """Return the bot's own reports, and the added ones that a tenant wants every night."""
    added = nightlies()[len(NIGHTLIES) :]
    return (*NIGHTLIES, *(each for each in added if tenant.posts_nightly(each.report)))


@dataclass(frozen=True, slots=True)
class DuePost:
    """One nightly post and the moment at which it was due."""

    report: str
    at: datetime


def next_post(nightly: Nightly, now: datetime) -> datetime:
    """Return when a report is posted next, after ``now``."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + timedelta(minutes=nightly.minute)
    return at if at > now else at + timedelta(days=1)


def due_posts(
    now: datetime,
    *,
    since: datetime,
    catch_up: timedelta,
    reports: Iterable[Nightly] = NIGHTLIES,
) -> Iterator[DuePost]:
    """Yield the nightly posts that are due, oldest first.

    Parameters
    ----------
    now
        The report's clock.
    since
        When the bot first saw the tenant: nothing before that is due.
    catch_up
        How old a missed post may be.
    reports
        What is posted every night, in its order.
    """
    reports = tuple(reports)
    oldest = max(since, now - catch_up)
    midnight = oldest.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    while midnight <= now:
        for nightly in reports:
            at = midnight + timedelta(minutes=nightly.minute)
            if oldest <= at <= now:
                yield DuePost(nightly.report, at)
        midnight += timedelta(days=1)
