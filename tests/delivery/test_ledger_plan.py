"""What is written down, and that it is written down once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.ledger import DeliveryKey, PartState
from tests.delivery.ledgers import KEY, claim, key, plan, sent

if TYPE_CHECKING:
    from bot.delivery.ledger import Ledger, Part
    from tests.delivery.ledgers import Clock, Ledgers

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)

ANY_TEXT = st.text(st.characters(), max_size=300)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


def test_planned_parts_wait_in_order(ledger: Ledger, clock: Clock) -> None:
    parts = plan(ledger, 3)

    assert [(part.part, part.parts) for part in parts] == [(1, 3), (2, 3), (3, 3)]
    assert {part.state for part in parts} == {PartState.PENDING}
    assert [part.payload for part in parts] == [{"content": f"message {n}"} for n in (1, 2, 3)]
    assert {(part.period, part.label, part.planned_at) for part in parts} == {
        ("ld", "2025-02-28", clock.now)
    }


def test_the_parts_of_a_request_are_found_whatever_their_channels_and_windows(
    ledger: Ledger,
) -> None:
    first = plan(ledger, 2, key(occasion="request:a", channel="discord:1"))
    second = plan(ledger, 1, key(occasion="request:a", channel="discord:2", window="all"))
    plan(ledger, 1, key(occasion="request:b"))
    plan(ledger, 1, key(occasion="request:a", tenant="other"))
    plan(ledger, 1)

    assert ledger.parts_of_occasion("valk", "request:a") == [*first, *second]
    assert ledger.parts_of_occasion("valk", "request:c") == []


def test_who_plans_second_gets_what_is_there(ledger: Ledger, other: Ledger) -> None:
    first = plan(ledger, 2)

    second = other.plan(KEY, [{"content": "other words"}], period="ld", label="other")

    assert second == first


@pytest.mark.parametrize("field", ["tenant", "report", "window", "occasion", "channel"])
def test_a_delivery_that_differs_in_one_word_is_another(ledger: Ledger, field: str) -> None:
    first = plan(ledger)

    second = plan(ledger, delivery=key(**{field: "different"}))

    assert first[0].id != second[0].id


def test_many_planners_at_once_leave_one_plan(ledgers: Ledgers) -> None:
    owners = [ledgers.open() for _ in range(4)]
    barrier = threading.Barrier(len(owners))
    plans: list[list[Part]] = []

    def run(owner: Ledger, number: int) -> None:
        barrier.wait()
        for window in range(5):
            payloads: list[dict[str, Any]] = [{"content": str(number)}] * number
            plans.append(owner.plan(key(window=str(window)), payloads, period="ld", label=""))

    threads = [
        threading.Thread(target=run, args=(owner, number)) for number, owner in enumerate(owners, 1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(plans) == 20
    for window in range(5):
        seen = [plan for plan in plans if plan[0].key.window == str(window)]
        assert len(seen) == 4
        assert all(plan == seen[0] for plan in seen)
        assert len(seen[0]) == seen[0][0].parts
        assert {part.payload["content"] for part in seen[0]} == {str(seen[0][0].parts)}


def test_nothing_to_post_is_remembered(ledger: Ledger, other: Ledger) -> None:
    (row,) = plan(ledger, 0)

    assert (row.state, row.part, row.parts) == (PartState.EMPTY, 1, 0)
    assert row.state.settled
    assert not row.state.planned
    assert ledger.exists(KEY)
    assert other.claim(row.id) is None
    assert plan(other, 0)[0].id == row.id


def test_an_empty_delivery_gives_way_to_real_parts_once(ledger: Ledger, other: Ledger) -> None:
    plan(ledger, 0)

    real = plan(ledger, 2)

    assert [part.state for part in real] == [PartState.PENDING] * 2
    assert real[0].settled_at is None
    assert plan(other, 3) == real
    assert plan(other, 0) == real


def test_a_report_that_failed_is_remembered_and_still_to_be_done(
    ledger: Ledger, clock: Clock
) -> None:
    began = clock.now
    ledger.note_failure(KEY, "the database is locked", period="ld", label="x")
    clock.advance(60)
    ledger.note_failure(KEY, "the database is away", period="ld", label="x")

    (row,) = ledger.parts(KEY)
    assert (row.state, row.attempts) == (PartState.UNPLANNED, 2)
    assert (row.error, row.failing_since) == ("the database is away", began)
    assert not row.state.settled
    assert not row.state.planned
    assert not ledger.exists(KEY)
    assert ledger.history(failed=True) == [row]
    assert ledger.claim(row.id) is None
    assert ledger.unsettled() == []
    assert ledger.due() == []


@pytest.mark.parametrize("number", [0, 2])
def test_a_failed_report_gives_way_to_what_came_after(ledger: Ledger, number: int) -> None:
    ledger.note_failure(KEY, "the database is locked", period="ld", label="x")

    parts = plan(ledger, number)

    assert len(parts) == max(number, 1)
    assert parts[0].state is (PartState.PENDING if number else PartState.EMPTY)
    assert (parts[0].error, parts[0].attempts, parts[0].failing_since) == (None, 0, None)
    assert ledger.exists(KEY)


def test_a_failure_leaves_a_planned_delivery_alone(ledger: Ledger) -> None:
    parts = plan(ledger, 2)

    ledger.note_failure(KEY, "the database is locked", period="ld", label="x")

    assert ledger.parts(KEY) == parts


def test_a_hundred_parts_are_planned_at_once(ledger: Ledger) -> None:
    parts = plan(ledger, 100)

    assert [part.part for part in parts] == list(range(1, 101))


def test_planned_words_outlive_the_planner(ledgers: Ledgers) -> None:
    plan(ledgers.open())

    assert ledgers.open().parts(KEY)[0].payload == {"content": "message 1"}


def test_an_unknown_delivery_has_no_parts(ledger: Ledger) -> None:
    assert ledger.parts(KEY) == []
    assert not ledger.exists(KEY)
    with pytest.raises(KeyError):
        ledger.part(4711)


@settings(max_examples=40)
@given(
    words=st.tuples(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT),
    payload=st.dictionaries(ANY_TEXT, JSON, max_size=4),
    text=ANY_TEXT,
)
def test_any_words_from_outside_can_be_kept(
    ledger: Ledger, words: tuple[str, str, str, str, str], payload: dict[str, Any], text: str
) -> None:
    delivery = DeliveryKey(*words)

    planned = ledger.plan(delivery, [payload], period=text, label=text)

    assert ledger.exists(delivery)
    assert planned == ledger.parts(DeliveryKey(*words))
    claimed = ledger.claim(planned[0].id)
    if claimed is not None:  # not an example that was here before
        assert claimed.payload == payload
        assert claimed.key == delivery
        assert ledger.settle_broken(claimed, text)


def test_history_shows_the_newest_first(ledger: Ledger) -> None:
    plan(ledger, 2)
    plan(ledger, 1, key(tenant="other"))

    assert [(part.key.tenant, part.part) for part in ledger.history()] == [
        ("other", 1),
        ("valk", 2),
        ("valk", 1),
    ]
    assert [part.part for part in ledger.history(tenant="valk", limit=1)] == [2]


def test_history_of_failures_leaves_out_what_went_well(ledger: Ledger) -> None:
    good, bad, open_ = (plan(ledger, 1, key(window=window))[0] for window in "abc")
    sent(ledger, good, "1")
    ledger.settle_broken(claim(ledger, bad), "404")

    assert [part.id for part in ledger.history(failed=True)] == [bad.id]
    assert [part.id for part in ledger.unsettled()] == [open_.id]
    assert ledger.totals().states == {
        PartState.SENT: 1,
        PartState.BROKEN: 1,
        PartState.PENDING: 1,
    }
    assert ledger.totals(tenant="nobody").states == {}


def test_the_last_success_is_of_the_same_report_and_channel_and_another_delivery(
    ledger: Ledger,
) -> None:
    other = {"report": "spacecz"}, {"channel": "discord:9"}, {"tenant": "foxes"}
    for number, changes in enumerate(other):
        sent(ledger, plan(ledger, 1, key(**changes))[0], f"90{number}")
    assert ledger.last_success(KEY) is None
    sent(ledger, plan(ledger, 2, KEY)[0], "101")
    assert ledger.last_success(KEY) is None, "its own first part"
    before, quiet = key(window="1"), key(window="2")
    sent(ledger, plan(ledger, 1, before)[0], "102")
    (empty,) = plan(ledger, 0, quiet)

    assert ledger.last_success(KEY) == ledger.part(empty.id)
    assert getattr(ledger.last_success(quiet), "key", None) == before
