"""How parts end, and what is never forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.delivery.ledger import PartState
from tests.delivery.ledgers import KEY, LEASE, claim, key, plan, sending, sent

if TYPE_CHECKING:
    from bot.delivery.ledger import Ledger
    from tests.delivery.ledgers import Clock

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)


def test_a_request_is_counted_when_it_begins(ledger: Ledger, clock: Clock) -> None:
    (part,) = plan(ledger)
    began = clock.now
    claimed = sending(ledger, part)
    ledger.settle_failed(claimed, "429")
    clock.advance(5)
    sending(ledger, part)

    now = ledger.part(part.id)
    assert (now.state, now.attempts) == (PartState.SENDING, 2)
    assert (now.first_sent_at, now.last_sent_at) == (began, clock.now)
    assert now.lease_until == clock.now + timedelta(seconds=LEASE)


def test_no_request_begins_twice_under_one_claim(ledger: Ledger) -> None:
    claimed = sending(ledger, plan(ledger)[0])

    assert not ledger.begin_send(claimed)


def test_no_request_begins_without_a_claim(ledger: Ledger) -> None:
    (part,) = plan(ledger)

    assert not ledger.begin_send(part)
    assert not ledger.settle_failed(part, "no claim")
    assert ledger.part(part.id) == part


def test_no_request_begins_after_the_lease(ledger: Ledger, clock: Clock) -> None:
    claimed = claim(ledger, plan(ledger)[0])

    clock.advance(LEASE + 0.001)

    assert not ledger.begin_send(claimed)


def test_a_claim_lost_to_a_task_of_the_same_process_is_lost(ledger: Ledger, clock: Clock) -> None:
    (part,) = plan(ledger)
    suspended = claim(ledger, part)
    clock.advance(LEASE + 1)
    current = claim(ledger, part)

    assert not ledger.begin_send(suspended)
    assert not ledger.settle_failed(suspended, "too late")
    assert ledger.begin_send(current)


def test_a_sent_part_remembers_its_message(ledger: Ledger, clock: Clock) -> None:
    (part,) = plan(ledger)
    claimed = sending(ledger, part)

    assert ledger.settle_sent(claimed, "100", "7")

    now = ledger.part(part.id)
    assert (now.state, now.message_id, now.thread_id) == (PartState.SENT, "100", "7")
    assert (now.claim, now.lease_until, now.error) == (None, None, None)
    assert now.settled_at == clock.now
    assert ledger.known_message_ids(["99", "100", "100"], channel=KEY.channel) == {"100"}
    assert ledger.known_message_ids([], channel=KEY.channel) == set()


def test_thousands_of_message_ids_can_be_asked_for(ledger: Ledger) -> None:
    sent(ledger, plan(ledger)[0], "70001")

    assert ledger.known_message_ids(map(str, range(68000, 72000)), channel=KEY.channel) == {"70001"}


def test_a_part_whose_message_is_unknown_is_sent_all_the_same(ledger: Ledger) -> None:
    for window in ("a", "b"):
        (part,) = plan(ledger, 1, key(window=window))
        assert ledger.settle_sent(sending(ledger, part), None)
        assert ledger.part(part.id).state is PartState.SENT


def test_a_failed_part_remembers_since_when_it_fails(ledger: Ledger, clock: Clock) -> None:
    (part,) = plan(ledger)
    clock.advance(3600)
    began = clock.now
    for _ in range(2):
        later = clock.now + timedelta(seconds=60)
        assert ledger.settle_failed(sending(ledger, part), "refused", later)
        now = ledger.part(part.id)
        assert (now.state, now.error, now.next_attempt_at) == (PartState.FAILED, "refused", later)
        assert now.failing_since == began
        clock.advance(60)
    sent(ledger, part, "1")
    assert ledger.part(part.id).failing_since is None


def test_doubt_is_counted_and_not_forgotten_by_a_later_failure(
    ledger: Ledger, clock: Clock
) -> None:
    (part,) = plan(ledger)
    began = clock.now
    assert ledger.settle_in_doubt(sending(ledger, part), "502")
    doubtful = claim(ledger, part)
    assert (doubtful.state, doubtful.in_doubt_since) == (PartState.IN_DOUBT, began)
    assert ledger.count_resend(doubtful)
    clock.advance(5)
    assert ledger.begin_send(doubtful)
    assert ledger.settle_failed(doubtful, "429")

    again = claim(ledger, part)
    assert (again.state, again.in_doubt_since) == (PartState.IN_DOUBT, began)
    assert (again.in_doubt_count, again.resent_in_doubt, again.in_doubt) == (1, 1, True)
    totals = ledger.totals()
    assert (totals.in_doubt, totals.resent_in_doubt) == (1, 1)


def test_a_look_that_failed_is_no_new_doubt(ledger: Ledger, clock: Clock) -> None:
    (part,) = plan(ledger)
    ledger.settle_in_doubt(sending(ledger, part), "502")

    assert ledger.settle_in_doubt(claim(ledger, part), "looking failed", clock.now)

    assert ledger.part(part.id).in_doubt_count == 1


def test_a_killed_senders_part_comes_back_in_doubt(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    (part,) = plan(ledger)
    began = clock.now
    sending(ledger, part)
    clock.advance(LEASE + 1)

    inherited = claim(other, part)

    assert (inherited.state, inherited.in_doubt_count) == (PartState.IN_DOUBT, 1)
    assert inherited.in_doubt_since == inherited.first_sent_at == began
    assert inherited.payload == {"content": "message 1"}


def test_an_answer_after_the_lease_is_recorded_and_stops_the_heir(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    (part,) = plan(ledger)
    slow = sending(ledger, part)
    clock.advance(LEASE + 1)
    heir = claim(other, part)

    assert ledger.settle_sent(slow, "100")

    assert not other.begin_send(heir)
    assert not other.settle_failed(heir, "503")
    assert ledger.part(part.id).message_id == "100"


def test_when_both_have_sent_both_messages_are_known(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    (part,) = plan(ledger)
    slow = sending(ledger, part)
    clock.advance(LEASE + 1)
    heir = claim(other, part)
    assert other.count_resend(heir)
    assert other.begin_send(heir)

    assert other.settle_sent(heir, "200")
    assert ledger.settle_sent(slow, "100")

    now = ledger.part(part.id)
    assert (now.state, now.message_id, now.resent_in_doubt) == (PartState.SENT, "200", 1)
    assert ledger.known_message_ids(["100", "200"], channel=KEY.channel) == {"100", "200"}


@pytest.mark.parametrize(
    "end", ["settle_gave_up", "settle_broken", "settle_skipped", "settle_partly"]
)
def test_a_late_answer_corrects_what_the_heir_decided(
    ledger: Ledger, other: Ledger, clock: Clock, end: str
) -> None:
    (part,) = plan(ledger)
    slow = sending(ledger, part)
    clock.advance(LEASE + 1)
    assert getattr(other, end)(claim(other, part), "no luck")

    assert ledger.settle_sent(slow, "100")

    assert ledger.part(part.id).state is PartState.SENT


def test_the_same_message_may_be_recorded_twice(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    (part,) = plan(ledger)
    slow = sending(ledger, part)
    clock.advance(LEASE + 1)
    heir = claim(other, part)

    assert other.settle_sent(heir, "100", found=True)
    assert ledger.settle_sent(slow, "100")
    assert other.settle_sent(heir, "100", found=True)
    assert ledger.part(part.id).message_id == "100"


def test_a_message_is_found_for_one_part_only(ledger: Ledger, other: Ledger) -> None:
    one, two = (plan(ledger, 1, key(window=window))[0] for window in "ab")
    for part in (one, two):
        ledger.settle_in_doubt(sending(ledger, part), "502")

    assert ledger.settle_sent(claim(ledger, one), "100", found=True)
    claimed = claim(other, two)
    assert not other.settle_sent(claimed, "100", found=True)

    assert other.part(two.id) == claimed
    assert other.begin_send(claimed)


def test_nothing_found_can_replace_the_message_of_a_sent_part(
    ledger: Ledger, other: Ledger, clock: Clock
) -> None:
    (part,) = plan(ledger)
    slow = sending(ledger, part)
    clock.advance(LEASE + 1)
    heir = claim(other, part)
    ledger.settle_sent(slow, "100")

    assert not other.settle_sent(heir, "200", found=True)

    assert other.known_message_ids(["200"], channel=KEY.channel) == set()


def test_who_took_anothers_message_by_its_words_is_in_doubt_again(
    ledger: Ledger, other: Ledger
) -> None:
    sender, looker = (plan(ledger, 1, key(window=window))[0] for window in "ab")
    other.settle_in_doubt(sending(other, looker), "502")
    slow = sending(ledger, sender)
    assert other.settle_sent(claim(other, looker), "100", found=True)

    assert ledger.settle_sent(slow, "100")

    assert ledger.part(sender.id).message_id == "100"
    robbed = ledger.part(looker.id)
    assert (robbed.state, robbed.message_id, robbed.settled_at) == (PartState.IN_DOUBT, None, None)
    assert claim(other, looker).in_doubt_since is not None


def test_a_server_that_repeats_its_ids_does_not_stop_the_bot(ledger: Ledger) -> None:
    for window in ("a", "b", "c"):
        assert sent(ledger, plan(ledger, 1, key(window=window))[0], "1").state is PartState.SENT


def test_settling_tells_whoever_lost_the_claim(ledger: Ledger, other: Ledger, clock: Clock) -> None:
    (part,) = plan(ledger)
    lost = sending(ledger, part)
    clock.advance(LEASE + 1)
    heir = claim(other, part)

    assert not ledger.settle_failed(lost, "x")
    assert not ledger.settle_in_doubt(lost, "x")
    assert not ledger.settle_gave_up(lost, "x")
    assert not ledger.settle_broken(lost, "x")
    assert not ledger.settle_skipped(lost, "x")
    assert not ledger.count_resend(lost)
    assert not ledger.release(lost)
    assert ledger.part(part.id) == heir


def test_retry_revives_what_has_failed_and_nothing_else(ledger: Ledger, clock: Clock) -> None:
    windows = ("gave_up", "broken", "failed", "sent", "skipped", "partly", "held", "new")
    parts = {window: plan(ledger, 1, key(window=window))[0] for window in windows}
    ledger.settle_gave_up(sending(ledger, parts["gave_up"]), "503 for too long")
    ledger.settle_broken(sending(ledger, parts["broken"]), "404")
    ledger.settle_failed(sending(ledger, parts["failed"]), "429", clock.now + timedelta(hours=1))
    ledger.settle_skipped(sending(ledger, parts["skipped"]), "in doubt")
    ledger.settle_partly(sending(ledger, parts["partly"]), "some have it")
    sent(ledger, parts["sent"], "1")
    held = claim(ledger, parts["held"])
    clock.advance(1)

    assert ledger.reset_failed("nobody") == 0
    assert ledger.reset_failed("valk") == 3

    due = {part.key.window: part for part in ledger.due()}
    assert set(due) == {"gave_up", "broken", "failed", "new"}
    assert {part.state for part in due.values()} == {PartState.PENDING}
    assert {part.failing_since for part in due.values()} == {clock.now}, "given time anew"
    assert ledger.begin_send(held)
    assert ledger.reset_failed() == 0


def test_retry_looks_first_for_what_was_in_doubt(ledger: Ledger, clock: Clock) -> None:
    (part,) = plan(ledger)
    ledger.settle_in_doubt(sending(ledger, part), "502", clock.now + timedelta(hours=1))
    ledger.settle_gave_up(claim(ledger, part), "502 for too long")

    assert ledger.reset_failed() == 1

    assert claim(ledger, part).state is PartState.IN_DOUBT


def test_retry_looks_first_for_what_was_given_up_without_an_answer(ledger: Ledger) -> None:
    (part,) = plan(ledger)
    assert ledger.settle_gave_up(sending(ledger, part), "502 for too long", in_doubt=True)
    assert ledger.part(part.id).in_doubt

    ledger.reset_failed()

    assert claim(ledger, part).state is PartState.IN_DOUBT


def test_retry_takes_up_skipped_parts_only_when_told(ledger: Ledger) -> None:
    (part,) = plan(ledger)
    ledger.settle_in_doubt(sending(ledger, part), "502")
    ledger.settle_skipped(claim(ledger, part), "IN_DOUBT=skip")

    assert ledger.reset_failed() == 0
    assert ledger.reset_failed(skipped=True) == 1
    assert claim(ledger, part).state is PartState.IN_DOUBT


def test_a_long_error_is_cut(ledger: Ledger) -> None:
    plan(ledger)
    ledger.settle_broken(claim(ledger, ledger.parts(KEY)[0]), "x" * 100_000)

    assert ledger.parts(KEY)[0].error == "x" * 2000
