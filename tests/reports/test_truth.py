"""The reports against the truth, for random squadrons on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.backend import TenantDatabase, indexes
from tests.reports.asking import answer, truth
from tests.reports.squadrons import NOWS, questions, squadrons
from tests.squadron import Squadron

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

QUESTIONS = 8
EXAMPLES = {"sqlite": 80, "postgresql": 20, "mariadb": 20}


@pytest.fixture(params=[False, True], ids=["plain", "indexed"])
def stored(
    request: pytest.FixtureRequest, backend_uri: str
) -> Iterator[Callable[[Squadron], TenantDatabase]]:
    """Put a squadron's rows into the one database of the test."""
    Squadron().store(backend_uri)
    database = TenantDatabase(backend_uri)
    if request.param:
        indexes.create(database, indexes.missing(database))

    def store(squadron: Squadron) -> TenantDatabase:
        squadron.replace(backend_uri)
        return database

    yield store
    database.dispose()


def test_every_engine_tells_the_truth(
    backend_name: str, stored: Callable[[Squadron], TenantDatabase]
) -> None:
    # Shrinking an example with this much in it takes longer than reading it.
    @settings(max_examples=EXAMPLES[backend_name], phases=[Phase.explicit, Phase.generate])
    @given(st.data(), st.sampled_from(NOWS))
    def check(data: st.DataObject, now: datetime) -> None:
        squadron = data.draw(squadrons(now))
        database = stored(squadron)
        for _ in range(QUESTIONS):
            question = data.draw(questions(now, squadron))
            assert answer(database, question) == truth(squadron, question)

    check()
