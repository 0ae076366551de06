"""What the next owner sees when a process was killed between two steps."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from bot.delivery.ledger import PartState
from tests.delivery.ledger_process import STEPS, race, spawn
from tests.delivery.ledgers import KEY, LEASE, key, open_ledgers, plan

if TYPE_CHECKING:
    from tests.delivery.ledgers import Ledgers

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)

NOTHING, FREE, DOUBT = "nothing", PartState.PENDING, PartState.IN_DOUBT
AFTER = {
    "plan": FREE,
    "claim": FREE,
    "begin": DOUBT,
    "sent": PartState.SENT,
    "failed": PartState.FAILED,
    "in_doubt": DOUBT,
    "broken": PartState.BROKEN,
    "gave_up": PartState.GAVE_UP,
    "skipped": PartState.SKIPPED,
    "partly_sent": PartState.PARTLY_SENT,
}
BEFORE = {step: {"plan": NOTHING, "claim": FREE, "begin": FREE}.get(step, DOUBT) for step in STEPS}


def kill_at(uri: str, mode: str, step: str) -> None:
    with spawn(mode, uri, step) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.kill()
    assert line == "here\n"


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("mode", ["before", "after"])
def test_a_killed_process_leaves_what_the_next_can_go_on_with(
    backend_uri: str, mode: str, step: str
) -> None:
    kill_at(backend_uri, mode, step)

    with open_ledgers(backend_uri) as ledgers:
        _check_heritage(ledgers, (BEFORE if mode == "before" else AFTER)[step])


def _check_heritage(ledgers: Ledgers, expected: str) -> None:
    heir = ledgers.open()
    if expected == NOTHING:
        assert heir.parts(KEY) == []
        expected = FREE
    first, second = plan(heir, 2)
    ledgers.clock.advance(LEASE + 0.001)
    claimed = heir.claim(first.id)
    if PartState(expected).settled:
        assert claimed is None
        assert heir.part(first.id).state == expected
        assert heir.known_message_ids(["100"], channel=KEY.channel) == (
            {"100"} if expected == "sent" else set()
        )
        assert heir.claim(second.id) is not None
        return
    assert claimed is not None
    assert claimed.state == expected
    assert claimed.in_doubt == (expected == DOUBT)
    assert claimed.payload == {"content": "message 1"}
    assert heir.claim(second.id) is None
    assert heir.begin_send(claimed)
    assert heir.settle_sent(claimed, "101")
    assert heir.claim(second.id) is not None


def test_until_the_lease_ends_the_killed_processes_part_is_waited_for(backend_uri: str) -> None:
    kill_at(backend_uri, "after", "begin")

    with open_ledgers(backend_uri) as ledgers:
        heir = ledgers.open()
        first, _second = heir.parts(KEY)
        assert heir.claim(first.id) is None
        assert heir.due() == []
        ledgers.clock.advance(heir.lease_left(first.id))
        assert [part.id for part in heir.due()] == [first.id]


def test_processes_that_grab_at_once_send_each_part_once(backend_uri: str) -> None:
    with open_ledgers(backend_uri) as ledgers:
        parts = [
            part for window in range(5) for part in plan(ledgers.open(), 3, key(window=str(window)))
        ]

    printed = race("grab", backend_uri, 3)

    assert Counter(int(line) for lines in printed for line in lines) == Counter(
        part.id for part in parts
    )
