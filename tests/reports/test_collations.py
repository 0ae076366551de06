"""The reports against the truth where a database compares texts in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.backend import DatabaseFailed, TenantDatabase
from tests.reports.asking import answer, truth
from tests.reports.conftest import NOW
from tests.reports.squadrons import NOWS, questions, squadrons
from tests.servers import fresh_database, unavailable, writable_engine
from tests.squadron import Squadron
from tests.truth import Question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import NoReturn

    from tests.reports.conftest import Asking

WAYS = {
    "unicode_ci": ("mariadb", "COLLATE utf8mb4_unicode_ci"),
    "uca1400": ("mariadb", "COLLATE utf8mb4_uca1400_ai_ci"),
    "bin": ("mariadb", "COLLATE utf8mb4_bin"),
    "sql_ascii": (
        "postgresql",
        "TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'",
    ),
}
QUESTIONS = 8
TICK_CODES = ("ct", "lt")


@pytest.fixture(params=WAYS)
def odd_uri(
    request: pytest.FixtureRequest, tmp_path: Path, leave_out: Callable[[str], NoReturn]
) -> Iterator[str]:
    """The URI of an empty database with another way to compare, or to keep, its texts."""
    backend, made_with = WAYS[request.param]
    if (reason := unavailable(backend)) is not None:
        leave_out(reason)
    with fresh_database(backend, tmp_path, made_with=made_with) as uri:
        yield uri


@pytest.fixture
def odd(odd_uri: str) -> Iterator[TenantDatabase]:
    """That database, with the tables of the backend."""
    Squadron().store(_writable(odd_uri))
    database = TenantDatabase(odd_uri)
    yield database
    database.dispose()


def _writable(uri: str) -> str:
    """For SQL_ASCII, where the driver does not know in what to write."""
    return f"{uri}?client_encoding=utf8" if uri.startswith("postgresql") else uri


def test_the_truth_is_told(odd: TenantDatabase, odd_uri: str) -> None:
    @settings(max_examples=15, phases=[Phase.explicit, Phase.generate])
    @given(st.data(), st.sampled_from(NOWS))
    def check(data: st.DataObject, now: datetime) -> None:
        squadron = data.draw(squadrons(now))
        squadron.replace(_writable(odd_uri))
        for _ in range(QUESTIONS):
            question = data.draw(questions(now, squadron))
            assert answer(odd, question) == truth(squadron, question)

    check()


@pytest.mark.parametrize("code", TICK_CODES)
def test_the_events_of_a_tick_are_found(odd: TenantDatabase, odd_uri: str, code: str) -> None:
    squadron = Squadron()
    for tickid, ticktime in (("zoy-1", "2025-09-10T16:00:00Z"), ("zoy-2", "2025-09-11T16:00:00Z")):
        event = squadron.event(ticktime, "Жук", tickid=tickid, ticktime=ticktime)
        squadron.sell(100, 20, event)
    squadron.replace(_writable(odd_uri))
    found = answer(odd, Question("daily", code, NOW))
    assert found == truth(squadron, Question("daily", code, NOW))
    assert found["sections"]


def test_a_text_that_is_no_utf8_is_told(
    tmp_path: Path, leave_out: Callable[[str], NoReturn]
) -> None:
    backend, made_with = WAYS["sql_ascii"]
    if (reason := unavailable(backend)) is not None:
        leave_out(reason)
    squadron = Squadron()
    squadron.sell(100, 20, squadron.event("2025-09-12T10:00:00Z", "Ada"))
    with fresh_database(backend, tmp_path, made_with=made_with) as uri:
        squadron.store(_writable(uri))
        with writable_engine(_writable(uri)).begin() as connection:
            connection.execute(
                sa.text("UPDATE event SET cmdr = convert_from('\\xff', 'SQL_ASCII')")
            )
        database = TenantDatabase(uri)
        with pytest.raises(DatabaseFailed, match="invalid byte sequence"):
            answer(database, Question("daily", "cd", NOW))
        database.dispose()


@pytest.mark.parametrize("blind", ["NOCASE", "RTRIM"])
def test_a_voucher_that_a_blind_column_lets_through_does_not_count(
    ask_sqlite: Asking, tmp_path: Path, blind: str
) -> None:
    squadron = Squadron()
    for kind in ("bounty", "Bounty", "bounty ", "CombatBond", "combatbond"):
        squadron.voucher(kind, 100, squadron.event("2025-09-12T10:00:00Z", "Ada"))
    uri = f"sqlite:///{tmp_path / 'blind.db'}"
    metadata = squadron.metadata()
    metadata.tables["redeem_voucher_event"].c.type.type = sa.String(128, collation=blind)
    squadron.store(uri, metadata)
    question = Question("daily", "cd", NOW)
    assert answer(ask_sqlite.open(uri), question) == truth(squadron, question)
