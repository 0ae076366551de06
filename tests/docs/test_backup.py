"""What the operators' page calls a backup is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.delivery.ledger import Ledger, PartState
from tests.docs.pages import blocks

if TYPE_CHECKING:
    from tests.docs.scratch import Scratch


async def test_the_copy_of_a_ledger_in_use_has_all_that_was_posted(home: Scratch) -> None:
    [block] = [each for each in blocks("sh") if "VACUUM INTO" in each.text]
    with Ledger.open(f"sqlite:///{home.folder}/data/state.db") as in_use:
        await home.type("bgs-bot post daily")
        for command in block.commands:
            await home.type(command)
        posted = in_use.totals()

    [copy] = home.folder.glob("state-*.db")
    with Ledger.open(f"sqlite:///{copy}") as ledger:
        assert ledger.totals() == posted
    assert posted.states == {PartState.SENT: 1}
