"""What processes on one ledger tell each other besides deliveries."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.delivery.ledger import Ledger
    from tests.delivery.ledgers import Clock

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)


def test_a_broken_webhook_is_known_to_all_with_its_first_refusal(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    since = clock.now
    assert other.broken("abc") is None
    ledger.mark_broken("abc", tenant="valk", status=404, detail="Unknown Webhook")
    clock.advance(60)
    other.mark_broken("abc", tenant="valk", status=401, detail="Unauthorized")

    broken = other.broken("abc")
    assert broken is not None
    assert (broken.tenant, broken.status, broken.detail) == ("valk", 404, "Unknown Webhook")
    assert broken.since == since
    assert ledger.broken_webhooks("valk") == [broken] == ledger.broken_webhooks()
    assert ledger.broken_webhooks("nobody") == []


def test_broken_webhooks_are_forgiven_one_by_one_by_tenant_or_all(ledger: Ledger) -> None:
    for name, tenant in (("a", "one"), ("b", "one"), ("c", "two"), ("d", "three")):
        ledger.mark_broken(name, tenant=tenant, status=404, detail="")

    assert ledger.clear_broken(fingerprint="a") == 1
    assert ledger.clear_broken(tenant="one") == 1
    assert {webhook.fingerprint for webhook in ledger.broken_webhooks()} == {"c", "d"}
    assert ledger.clear_broken() == 2
    assert ledger.clear_broken() == 0


def test_a_pause_binds_all_until_it_is_over_and_is_never_shortened(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    until = clock.now + timedelta(minutes=10)
    assert other.pause_until("address") is None
    ledger.pause("address", until)
    other.pause("address", clock.now + timedelta(minutes=1))

    assert other.pause_until("address") == until
    assert other.pause_until("elsewhere") is None
    clock.advance(600)
    assert other.pause_until("address") is None
    longer = clock.now + timedelta(minutes=1)
    other.pause("address", longer)
    assert ledger.pause_until("address") == longer


def test_the_first_sight_of_a_tenant_stays(ledger: Ledger, other: Ledger, clock: Clock) -> None:
    seen = clock.now
    assert ledger.first_seen("valk", seen) == seen
    clock.advance(86400)
    assert other.first_seen("valk", clock.now) == seen
    assert other.first_seen("new", clock.now) == clock.now


def test_a_first_sight_by_a_clock_that_was_ahead_is_put_right(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    ledger.first_seen("valk", clock.now + timedelta(days=9000))
    assert other.first_seen("valk", clock.now) == clock.now
    seen = clock.now
    clock.advance(60)
    assert ledger.first_seen("valk", clock.now) == seen


def test_a_clock_that_is_days_behind_changes_no_first_sight(ledger: Ledger, clock: Clock) -> None:
    seen = ledger.first_seen("valk", clock.now)
    assert ledger.first_seen("valk", clock.now - timedelta(days=6)) == seen
