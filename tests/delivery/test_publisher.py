"""What is posted, where, and how often."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.delivery.postings import Status

if TYPE_CHECKING:
    from tests.delivery.office import Office

BOTH = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)


@BOTH
async def test_three_processes_at_one_instant_send_each_part_once(
    office: Office, backend_name: str
) -> None:
    office.add()
    async with (
        office.open(patience=20) as one,
        office.open(patience=20) as two,
        office.open(patience=20) as three,
    ):
        postings = await asyncio.gather(one.post(), two.post(), three.post())
    arrived = office.arrived()
    assert len(arrived) == len(set(arrived)) >= 3
    assert sum(posting.messages for [posting] in postings) == len(arrived)
    for [posting] in postings:
        assert posting.status is (Status.SENT if posting.messages else Status.SKIPPED)
        if not posting.messages:
            assert posting.reason == "already sent"
