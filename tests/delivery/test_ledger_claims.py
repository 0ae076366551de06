"""Who may work on a part, and for how long."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.delivery.ledger import PartState
from tests.delivery.ledgers import LEASE, claim, key, plan, sending, sent

if TYPE_CHECKING:
    from bot.delivery.ledger import Ledger, Part
    from tests.delivery.ledgers import Clock, Ledgers

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)


def test_a_claimed_part_is_nobody_elses(ledger: Ledger, other: Ledger, clock: Clock) -> None:
    (part,) = plan(ledger)

    claimed = claim(ledger, part)

    assert claimed.lease_until == clock.now + timedelta(seconds=LEASE)
    assert claimed.state is PartState.PENDING
    assert other.claim(part.id) is None
    assert ledger.claim(part.id) is None, "another task of the same process"


def test_at_the_leases_last_instant_it_still_holds_a_moment_later_not(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    (part,) = plan(ledger)
    claim(ledger, part)

    clock.advance(LEASE)
    assert other.claim(part.id) is None
    assert other.lease_left(part.id) > 0
    clock.advance(0.000001)
    assert other.lease_left(part.id) == 0
    assert other.claim(part.id) is not None


def test_after_the_time_that_is_left_the_part_is_free(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    first, second = plan(ledger, 2)
    claim(ledger, first)
    clock.advance(7.25)

    assert other.lease_left(second.id) == other.lease_left(first.id)
    clock.advance(other.lease_left(first.id))
    assert other.lease_left(first.id) == 0
    assert other.claim(first.id) is not None


def test_a_renewed_lease_lasts_a_full_term_again(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    (part,) = plan(ledger)
    claimed = claim(ledger, part)

    clock.advance(LEASE)
    assert ledger.renew([claimed]) == {part.id}
    clock.advance(LEASE)
    assert other.claim(part.id) is None
    assert ledger.begin_send(claimed)


def test_a_lost_claim_cannot_be_renewed(ledger: Ledger, other: Ledger, clock: Clock) -> None:
    one, two = plan(ledger)[0], plan(ledger, 1, key(window="w"))[0]
    lost, kept = claim(ledger, one), claim(ledger, two)
    clock.advance(LEASE + 1)
    claim(other, one)

    assert ledger.renew([lost, kept]) == {two.id}
    assert ledger.renew([]) == set()


def test_a_released_part_is_free_at_once(ledger: Ledger, other: Ledger) -> None:
    (part,) = plan(ledger)
    claimed = claim(ledger, part)

    assert ledger.release(claimed)
    assert not ledger.release(claimed)
    assert claim(other, part).state is PartState.PENDING


def test_a_part_released_while_it_was_sent_is_in_doubt(ledger: Ledger, other: Ledger) -> None:
    (part,) = plan(ledger)

    assert ledger.release(sending(ledger, part))

    again = claim(other, part)
    assert (again.state, again.in_doubt_count) == (PartState.IN_DOUBT, 1)


def test_a_part_waits_for_those_before_it(ledger: Ledger, other: Ledger) -> None:
    first, second, third = plan(ledger, 3)

    assert ledger.claim(second.id) is None
    assert ledger.waits_for_lower(second.id)
    assert not ledger.waits_for_lower(first.id)
    sent(ledger, first, "1")
    assert not ledger.waits_for_lower(second.id)
    claimed = claim(other, second)
    assert ledger.claim(third.id) is None
    assert other.settle_broken(claimed, "400")
    assert ledger.claim(third.id) is not None


@pytest.mark.parametrize("state", ["sending", "failed", "in_doubt"])
def test_an_unsettled_part_holds_up_the_next(ledger: Ledger, clock: Clock, state: str) -> None:
    first, second = plan(ledger, 2)
    claimed = sending(ledger, first)
    later = clock.now + timedelta(minutes=5)
    if state == "failed":
        ledger.settle_failed(claimed, "429", later)
    if state == "in_doubt":
        ledger.settle_in_doubt(claimed, "502", later)

    assert ledger.part(first.id).state == state
    assert ledger.claim(second.id) is None


def test_deliveries_do_not_wait_for_each_other(ledger: Ledger) -> None:
    first, _ = plan(ledger, 2)
    claim(ledger, first)

    assert ledger.claim(plan(ledger, 1, key(channel="discord:9"))[0].id) is not None


def test_a_settled_part_cannot_be_claimed(ledger: Ledger, clock: Clock) -> None:
    ends = ["settle_gave_up", "settle_broken", "settle_skipped", "settle_partly"]
    parts = [plan(ledger, 1, key(window=end))[0] for end in ends]
    for part, end in zip(parts, ends, strict=True):
        assert getattr(ledger, end)(claim(ledger, part), "so it ended")
    parts.append(sent(ledger, plan(ledger)[0], "1"))
    clock.advance(LEASE * 10)

    for part in parts:
        assert ledger.claim(part.id) is None
        assert ledger.part(part.id).state.settled
        assert ledger.part(part.id).settled_at is not None
    assert ledger.claim(4711) is None


def test_backoff_binds_those_who_ask_for_due_parts_only(ledger: Ledger, clock: Clock) -> None:
    (part,) = plan(ledger)
    ledger.settle_failed(claim(ledger, part), "503", clock.now + timedelta(seconds=60))

    assert ledger.claim(part.id, due_only=True) is None
    claimed = ledger.claim(part.id)
    assert claimed is not None
    ledger.release(claimed)
    clock.advance(60)
    assert ledger.claim(part.id, due_only=True) is not None


def test_due_are_the_parts_that_could_be_claimed_now(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    first, _second = plan(ledger, 2)
    failed = plan(ledger, 1, key(window="failed"))[0]
    held = plan(ledger, 1, key(window="held"))[0]
    done = plan(ledger, 1, key(window="done"))[0]
    ledger.settle_failed(claim(ledger, failed), "503", clock.now + timedelta(seconds=20))
    claim(other, held)
    sent(other, done, "1")

    assert [part.id for part in ledger.due()] == [first.id]
    clock.advance(20)
    assert [part.id for part in ledger.due()] == [first.id, failed.id]
    clock.advance(LEASE)
    assert [part.id for part in ledger.due()] == [first.id, failed.id, held.id]
    assert ledger.due(tenant="nobody") == []


def test_the_next_attempt_is_when_a_backoff_or_an_orphans_lease_ends(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    assert ledger.next_attempt() is None
    one = plan(ledger)[0]
    assert ledger.next_attempt() is None
    later = clock.now + timedelta(seconds=LEASE + 20)
    ledger.settle_failed(claim(ledger, one), "503", later)
    assert ledger.next_attempt() == later
    claim(other, plan(ledger, 1, key(window="w"))[0])
    assert ledger.next_attempt() == clock.now + timedelta(seconds=LEASE)


def test_threads_and_processes_that_grab_at_once_get_each_part_once(ledgers: Ledgers) -> None:
    owners = [ledgers.open() for _ in range(2)]
    parts = [plan(owners[0], 1, key(window=str(number)))[0] for number in range(12)]
    barrier = threading.Barrier(6)
    won: list[Part] = []

    def grab(owner: Ledger) -> None:
        barrier.wait()
        won.extend(claimed for part in parts if (claimed := owner.claim(part.id)) is not None)

    threads = [threading.Thread(target=grab, args=(owners[n % 2],)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(part.id for part in won) == Counter(part.id for part in parts)
    assert len({part.claim for part in won}) == len(parts)
    for part in won:
        owner = next(owner for owner in owners if (part.claim or "").startswith(owner.owner))
        assert owner.begin_send(part)
