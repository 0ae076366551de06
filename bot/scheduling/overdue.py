"""Which nightly posts should be out by now and are not.

The same rules as the watch's, asked of the whole ledger at once and without a
change to it: whoever asks for the bot's health does not post.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.delivery.ledger import DeliveryKey, PartState
from bot.delivery.occasions import NIGHTLY
from bot.periods import Period, window_for
from bot.scheduling.nights import DuePost, due_posts, nightlies_of
from bot.scheduling.watch import route_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from bot.delivery.ledger import Ledger, Standing
    from bot.settings import Settings
    from bot.tenants import Outlet, Tenant

GRACE = timedelta(minutes=10)
"""How long after its minute a post is still taken for on its way."""

_LOST = frozenset({PartState.GAVE_UP, PartState.BROKEN})


@dataclass(frozen=True, slots=True)
class Nights:
    """How the nightly posts of one tenant stand.

    Attributes
    ----------
    overdue
        What is late and still being tried, or ought to be.
    given_up
        What failed for good: nothing more happens until somebody runs
        ``bgs-bot deliveries retry``.
    """

    overdue: tuple[DuePost, ...] = ()
    given_up: tuple[DuePost, ...] = ()


def audit_nights(
    ledger: Ledger,
    tenants: Collection[Tenant],
    settings: Settings,
    *,
    now: datetime,
    real: datetime,
) -> dict[str, Nights]:
    """Return how the nightly posts of some tenants stand, by tenant id.

    Parameters
    ----------
    now
        The report's clock.
    real
        Real time, for how long something has been failing.

    Raises
    ------
    LedgerError
        If the ledger cannot be read.
    """
    seen = ledger.seen()
    catch_up = timedelta(hours=settings.catch_up_hours)
    retry = timedelta(hours=settings.retry_hours)
    due = {
        tenant.id: [
            post
            for post in due_posts(
                now,
                since=seen[tenant.id],
                catch_up=max(catch_up, retry),
                reports=nightlies_of(tenant),
            )
            if post.at <= now - GRACE
        ]
        for tenant in tenants
        if tenant.id in seen
    }
    posts = [post for posts in due.values() for post in posts]
    states = ledger.states(
        NIGHTLY,
        tenants=due,
        reports={post.report for post in posts},
        windows={_window(post) for post in posts},
    )
    audit = _Audit(states, seen, now - catch_up, real - retry)
    return {tenant.id: audit.nights(tenant, due.get(tenant.id, ())) for tenant in tenants}


@dataclass(frozen=True, slots=True)
class _Audit:
    """What the ledger says, and before which moments nothing is tried any more."""

    states: Mapping[DeliveryKey, Sequence[Standing]]
    seen: Mapping[str, datetime]
    oldest: datetime
    hopeless: datetime

    def nights(self, tenant: Tenant, due: Sequence[DuePost]) -> Nights:
        overdue, given_up = [], []
        for post in due:
            routes = tenant.outlets_for(post.report)
            if any(self._is_overdue(tenant, route, post) for route in routes):
                overdue.append(post)
            elif any(self._is_lost(tenant, route, post) for route in routes):
                given_up.append(post)
        return Nights(tuple(overdue), tuple(given_up))

    def _is_overdue(self, tenant: Tenant, route: Outlet, post: DuePost) -> bool:
        parts = self.states.get(_key(tenant, route, post))
        if not parts:
            return post.at >= self.oldest and not self._may_be_missing(tenant, route, post)
        return any(not part.state.settled and not self._is_hopeless(part, post) for part in parts)

    def _is_lost(self, tenant: Tenant, route: Outlet, post: DuePost) -> bool:
        parts = self.states.get(_key(tenant, route, post), ())
        return any(part.state in _LOST or self._is_hopeless(part, post) for part in parts)

    def _is_hopeless(self, part: Standing, post: DuePost) -> bool:
        """Whether a report that could not be computed is not tried again."""
        if part.state is not PartState.UNPLANNED:
            return False
        has_failed_long = part.failing_since is not None and part.failing_since < self.hopeless
        return has_failed_long or post.at < self.oldest

    def _may_be_missing(self, tenant: Tenant, route: Outlet, post: DuePost) -> bool:
        """Whether a webhook came after a night that had arrived elsewhere."""
        first_seen = self.seen.get(route_name(tenant, route))
        if first_seen is not None and first_seen <= post.at:
            return False
        wanted = _key(tenant, route, post)
        return any(
            all(part.state is PartState.SENT for part in parts)
            for key, parts in self.states.items()
            if (key.tenant, key.report, key.window) == (wanted.tenant, wanted.report, wanted.window)
        )


def _window(post: DuePost) -> str:
    return window_for(Period.YESTERDAY, post.at).key


def _key(tenant: Tenant, route: Outlet, post: DuePost) -> DeliveryKey:
    return DeliveryKey(tenant.id, post.report, _window(post), NIGHTLY, route.key)
