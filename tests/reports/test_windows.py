"""Events at the edges of windows, and windows whose ids lie far apart."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.backend import TenantDatabase, indexes
from bot.periods import Period
from bot.reports import run
from tests.reports.asking import answer, truth
from tests.squadron import Squadron
from tests.truth import Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reports.conftest import Asking

EDGES = [
    ("cd", datetime(2024, 2, 29, 12, tzinfo=UTC)),
    ("ld", datetime(2024, 3, 1, 0, 0, tzinfo=UTC)),
    ("ld", datetime(2026, 1, 1, 0, 1, tzinfo=UTC)),
    ("cw", datetime(2026, 1, 1, 12, tzinfo=UTC)),
    ("lw", datetime(2024, 3, 4, 0, 0, tzinfo=UTC)),
    ("cm", datetime(2023, 2, 28, 23, 59, 59, tzinfo=UTC)),
    ("cm", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
    ("lm", datetime(2024, 3, 31, 8, tzinfo=UTC)),
    ("lm", datetime(2026, 1, 31, 8, tzinfo=UTC)),
    ("2m", datetime(2026, 2, 1, 8, tzinfo=UTC)),
    ("2m", datetime(2024, 4, 30, 8, tzinfo=UTC)),
    ("y", datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC)),
]


def stamps(edge: datetime) -> Iterator[str]:
    """Texts of the moments around an edge, with and without milliseconds."""
    for ms in (-1000, -1, 0, 1, 999, 1000):
        moment = edge + timedelta(milliseconds=ms)
        yield f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
        yield f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def test_both_edges_of_every_window_are_exact(ask: Asking) -> None:
    squadron = Squadron()
    windows = []
    for code, now in EDGES:
        question = Question("daily", code, now, top=None)
        shown = truth(squadron, question)["window"]
        for side in ("start", "end"):
            edge = datetime.fromisoformat(shown[side])
            for stamp in stamps(edge):
                squadron.crime(1, squadron.event(stamp, cmdr=stamp))
        windows.append(question)
    database = ask.database(squadron)
    for question in windows:
        assert answer(database, question) == truth(squadron, question)


def test_a_day_has_its_last_second_and_not_the_next_first(ask: Asking) -> None:
    squadron = Squadron()
    for amount, at in (
        (1, "2025-09-11T23:59:59Z"),
        (10, "2025-09-11T23:59:59.999Z"),
        (100, "2025-09-12T00:00:00Z"),
        (1000, "2025-09-12T00:00:00.000Z"),
        (10000, "2025-09-10T23:59:59.999Z"),
        (100000, "2025-09-11T00:00:00.000Z"),
        (1000000, "2025-09-11T00:00:00Z"),
    ):
        squadron.crime(amount, squadron.event(at))
    assert ask.sections(squadron, code="ld")["fines"]["total"] == {"amount": 1100011}


def test_all_time_reads_events_whatever_their_timestamp(ask: Asking) -> None:
    squadron = Squadron()
    for at in ("2025-09-12T00:00:00Z", "", "whenever", "0001-01-01T00:00:00Z"):
        squadron.crime(1, squadron.event(at))
    assert ask.sections(squadron, code="all")["fines"]["total"] == {"amount": 4}
    assert ask.sections(squadron, code="cd")["fines"]["total"] == {"amount": 1}


def test_the_newest_event_of_the_window_is_named(ask: Asking) -> None:
    squadron = Squadron()
    for at in ("2025-09-12T10:00:00Z", "2025-09-12T11:00:00Z", "2025-09-13T00:00:00Z"):
        squadron.cz("low", event=squadron.event(at))
    database = ask.database(squadron)
    now = datetime(2025, 9, 12, 12, tzinfo=UTC)
    for report in ("daily", "spacecz"):
        assert run(database, report, Period.TODAY, now).newest_event == "2025-09-12T11:00:00Z"
        assert run(database, report, Period.ALL_TIME, now).newest_event == "2025-09-12T11:00:00Z"
        assert run(database, report, Period.YESTERDAY, now).newest_event is None


@pytest.mark.parametrize("indexed", [False, True], ids=["plain", "indexed"])
@pytest.mark.parametrize("late", [0.0, 0.1, 1.0], ids=["punctual", "some late", "any order"])
def test_events_that_arrive_late_or_in_any_order_are_found(
    ask: Asking, indexed: bool, late: float
) -> None:
    squadron = _busy_squadron(random.Random(7), late)
    database = ask.database(squadron)
    if indexed:
        _index(database)
    now = datetime(2025, 9, 12, 12, tzinfo=UTC)
    for report in ("daily", "spacecz", "groundcz"):
        for code in ("cd", "ld", "cw", "lw", "cm", "all"):
            question = Question(report, code, now, faction_name="wolves")
            assert answer(database, question) == truth(squadron, question)


def _busy_squadron(chance: random.Random, late: float) -> Squadron:
    squadron = Squadron()
    for number in range(600):
        at = datetime(2025, 9, 2, tzinfo=UTC) + timedelta(minutes=24 * number)
        if chance.random() < late:
            at -= timedelta(days=chance.random() * 10)
        event = squadron.event(f"{at:%Y-%m-%dT%H:%M:%SZ}", chance.choice(("Ada", "Bo", None)))
        match chance.randrange(7):
            case 0:
                squadron.buy(chance.randrange(100), 1, event)
            case 1:
                squadron.voucher(chance.choice(("bounty", "CombatBond")), 5, event)
            case 2:
                squadron.influence("++", squadron.mission(event))
            case 3:
                squadron.mission(event)
                squadron.old_influence("+", event)
            case 4:
                squadron.cz("low", event=event)
            case 5:
                squadron.ground_cz("high", event=event, settlement="Grant")
            case _:
                squadron.multi_sale(9, event)
    return squadron


def _index(database: TenantDatabase) -> None:
    indexes.create(database, indexes.missing(database))


def test_an_index_that_disappears_costs_time_but_no_report(ask_sqlite: Asking) -> None:
    squadron = Squadron()
    squadron.crime(3)
    database = ask_sqlite.database(squadron)
    question = Question("daily", "cd", datetime(2025, 9, 12, 20, tzinfo=UTC))
    _index(database)
    before = answer(database, question)
    indexes.drop(database)
    assert answer(database, question) == before == truth(squadron, question)
