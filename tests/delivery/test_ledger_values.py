"""The ledger's values, without a database."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.ledger import PartState
from tests.delivery.ledgers import key


def test_long_names_that_differ_at_the_end_stay_different() -> None:
    one, two = (key(window="tick:" + "x" * 5000 + end) for end in "ab")

    assert one != two
    assert len(one.window.encode()) <= 200


@given(st.text(st.characters(), max_size=400))
def test_a_key_made_of_a_key_is_the_same(text: str) -> None:
    once = key(window=text)

    assert key(window=once.window) == once
    assert len(once.window.encode()) <= 200
    assert "\0" not in once.window


def test_only_parts_on_which_work_is_left_are_unsettled() -> None:
    left = {state for state in PartState if not state.settled}

    assert left == {
        PartState.UNPLANNED,
        PartState.PENDING,
        PartState.SENDING,
        PartState.IN_DOUBT,
        PartState.FAILED,
    }
