"""A report that a package adds: its figures against a plain reading, and what is refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, Any

import pytest

from bot import catalogue
from bot.backend import TenantDatabase, indexes, schema
from bot.periods import Period
from bot.reports import Filters, registry, run
from bot.reports.api import (
    ListResult,
    Need,
    ReportLeftError,
    ReportRefusedError,
    Source,
    event_rows,
    ranked,
    report,
)
from bot.reports.export import to_csv, to_dict
from tests.added import EXAMPLE, KEY, added, fail_missions
from tests.servers import create_tables, writable_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NOW = datetime(2025, 9, 12, 12, tzinfo=UTC)
DAYS = ("2025-09-11", "2025-09-03")
CMDRS = ("Ada", "ada", "Bo", "Ünal", "", None)
FACTIONS = ("Wolves", "Foxes of Sol", None)


def failures() -> list[dict[str, Any]]:
    """Failed missions of many kinds; every number is there, and none is even."""
    return [
        {
            "timestamp": f"{day}T18:{index:02d}:00Z",
            "ticktime": f"{day}T15:00:00Z",
            "tickid": f"zoy-{day}",
            "cmdr": cmdr,
            "starsystem": "Sol" if index % 3 else "Lave",
            "fine": None if index % 5 == 0 else 1000 * index + 7,
            "awarding_faction": FACTIONS[index % len(FACTIONS)],
        }
        for day in DAYS
        for index, cmdr in enumerate(CMDRS * 3)
    ]


def plain_reading(rows: list[dict[str, Any]], **only: str) -> dict[str, dict[str, int]]:
    """What the report must say, told from the rows alone."""
    sums: dict[str, Counter[str]] = {
        "missions": Counter(),
        "fines": Counter(),
        "factions": Counter(),
    }
    for row in rows:
        if any((row[name] or "").casefold() != value.casefold() for name, value in only.items()):
            continue
        sums["missions"][row["cmdr"] or ""] += 1
        sums["fines"][row["cmdr"] or ""] += row["fine"] or 0
        sums["factions"][row["awarding_faction"] or ""] += 1
    named = {
        key: {name: value for name, value in figures.items() if name and value}
        for key, figures in sums.items()
    }
    return {key: figures for key, figures in named.items() if figures}


@pytest.fixture(autouse=True)
def example() -> Iterator[None]:
    """The example's report, for these tests only."""
    with added():
        yield


@pytest.fixture
def database(backend_uri: str) -> Iterator[TenantDatabase]:
    """A database with failed missions and nothing else."""
    fail_missions(backend_uri, failures())
    opened = TenantDatabase(backend_uri)
    yield opened
    opened.dispose()


def told(
    database: TenantDatabase, period: Period = Period.YESTERDAY, **how: Any
) -> dict[str, dict[str, int]]:
    """What the report says, by section and name."""
    how.setdefault("top", None)
    data = to_dict(run(database, KEY, period, NOW, **how), "wolves")
    for section in data["sections"]:
        assert section["total"] == sum(row["value"] for row in section["rows"]) or how["top"]
    return {
        section["key"]: {row["name"]: row["value"] for row in section["rows"]}
        for section in data["sections"]
    }


def of(day: str) -> list[dict[str, Any]]:
    return [row for row in failures() if row["timestamp"].startswith(day)]


def test_the_figures_are_those_of_the_rows(database: TenantDatabase) -> None:
    assert told(database) == plain_reading(of("2025-09-11"))
    assert told(database, Period.ALL_TIME) == plain_reading(failures())
    assert told(database, Period.THIS_TICK) == plain_reading(of("2025-09-11"))
    assert told(database, Period.LAST_TICK) == plain_reading(of("2025-09-03"))
    assert told(database, Period.TODAY) == {}


def test_filters_narrow_it(database: TenantDatabase) -> None:
    assert told(database, filters=Filters(systems=("SOL",))) == plain_reading(
        of("2025-09-11"), starsystem="Sol"
    )
    assert told(database, filters=Filters(cmdrs=("ADA",))) == plain_reading(
        of("2025-09-11"), cmdr="Ada"
    )
    assert told(database, filters=Filters(factions=("foxes OF sol",))) == plain_reading(
        of("2025-09-11"), awarding_faction="Foxes of Sol"
    )


def test_the_top_cuts_rows_and_no_sum(database: TenantDatabase) -> None:
    whole = run(database, KEY, Period.ALL_TIME, NOW, top=None)
    cut = run(database, KEY, Period.ALL_TIME, NOW, top=2)
    assert isinstance(whole, ListResult)
    assert isinstance(cut, ListResult)
    for one, other in zip(whole.sections, cut.sections, strict=True):
        assert other.rows == one.rows[:2]
        assert (other.total, other.rows_in_all) == (one.total, len(one.rows))
    assert whole.newest_event == "2025-09-11T18:17:00Z"


def test_indexes_change_nothing(backend_uri: str) -> None:
    create_tables(backend_uri, schema.metadata)
    fail_missions(backend_uri, failures())
    database = TenantDatabase(backend_uri)
    before = told(database), told(database, Period.THIS_TICK), told(database, Period.ALL_TIME)
    indexes.create(database, indexes.missing(database))
    database.dispose()
    database = TenantDatabase(backend_uri)
    assert before == (
        told(database),
        told(database, Period.THIS_TICK),
        told(database, Period.ALL_TIME),
    )
    database.dispose()


def test_an_old_database_without_the_table_says_what_is_missing(backend_uri: str) -> None:
    schema.event.create(writable_engine(backend_uri))
    database = TenantDatabase(backend_uri)
    result = run(database, KEY, Period.YESTERDAY, NOW)
    assert result.is_empty
    assert result.missing == ("mission_failed_event",)
    database.dispose()


def test_an_old_database_without_fines_counts_missions(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/old.db"
    fail_missions(uri, failures())
    engine = writable_engine(uri)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE mission_failed_event DROP COLUMN fine")
    database = TenantDatabase(uri)
    wanted = plain_reading(of("2025-09-11"))
    assert told(database) == {key: wanted[key] for key in ("missions", "factions")}
    assert run(database, KEY, Period.YESTERDAY, NOW).missing == ("mission_failed_event.fine",)
    database.dispose()


def test_rubbish_in_a_column_of_numbers_counts_as_none(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/odd.db"
    fail_missions(uri, [{"cmdr": "Ada", "fine": 5}, {"cmdr": "Ada", "fine": 1}])
    with writable_engine(uri).begin() as connection:
        connection.exec_driver_sql("UPDATE mission_failed_event SET fine = 'much' WHERE fine = 1")
    database = TenantDatabase(uri)
    assert told(database)["fines"] == {"Ada": 5}
    assert to_csv(run(database, KEY, Period.YESTERDAY, NOW)).splitlines() == [
        "section,rank,name,value,unit",
        "missions,1,Ada,2,missions",
        "fines,1,Ada,5,Cr",
    ]
    database.dispose()


@pytest.mark.parametrize(
    ("key", "how", "why"),
    [
        ("daily", {"title": "Mine"}, "there is a report 'daily' already"),
        (KEY, {"title": "Mine"}, "already"),
        ("mine", {"title": "daily summary"}, "'daily' has the title"),
        ("Mine", {"title": "Mine"}, "small letters"),
        ("m" * 33, {"title": "Mine"}, "up to 32"),
        ("my report", {"title": "Mine"}, "small letters"),
        ("mine", {"title": ""}, "one line"),
        ("mine", {"title": "a\nb"}, "one line"),
        ("mine", {"title": "Mine", "sign": "**"}, "no emoji"),
        ("mine", {"title": "Mine", "colour": 1 << 24}, "0xFFFFFF"),
        ("mine", {"title": "Mine", "colour": 1.5}, "0xFFFFFF"),
        ("mine", {"title": "The **most** @everyone"}, "none of them"),
    ],
)
def test_a_key_that_is_taken_or_malformed_is_refused(key: str, how: Any, why: str) -> None:
    before = registry.keys()
    with pytest.raises(ReportRefusedError, match=why):
        report(key, **how)(_nothing)
    assert registry.keys() == before


def _nothing(source: Source) -> ListResult:
    return ListResult(source.window, ())


@pytest.mark.parametrize(
    ("need", "why"),
    [
        (Need("no_such_table", ("id",)), "no table 'no_such_table'"),
        (Need("cmdr", ("name",)), "no table 'cmdr' of details"),
        (Need("mission_failed_event", ("reward",)), "no column reward"),
    ],
)
def test_a_need_that_the_backend_cannot_meet_is_the_authors_mistake(need: Need, why: str) -> None:
    source: Any = None
    with pytest.raises(ValueError, match=why):
        event_rows(source, need)


def test_a_list_is_ordered_and_knows_its_sum() -> None:
    section = ranked("k", "T", {"b": 2, "a": 2, "c": 5, " ": 9, "d": 0, "e": -1}, unit="t")
    assert [(row.rank, row.name, row.value) for row in section.rows] == [
        (1, "c", 5),
        (2, "a", 2),
        (3, "b", 2),
        (4, "e", -1),
    ]
    assert (section.total, section.rows_in_all, section.nouns) == (8, 4, "CMDRs")


@pytest.mark.parametrize(
    ("key", "title", "how"),
    [
        ("K", "T", {}),
        ("k", "", {}),
        ("k", "a\nb", {}),
        ("k", "T", {"unit": "**"}),
        ("k", "T", {"noun": ""}),
        ("k", "T", {"units": "u" * 25}),
    ],
)
def test_words_that_no_drawing_could_show_are_refused(key: str, title: str, how: Any) -> None:
    with pytest.raises(ValueError, match="section"):
        ranked(key, title, {"a": 1}, **how)


def test_a_function_that_returns_something_else_is_named(tmp_path: Path) -> None:
    wrong: Callable[[Source], Any] = lambda source: "text"  # noqa: E731
    report("wrongly", title="Wrongly Made")(wrong)
    fail_missions(f"sqlite:///{tmp_path}/a.db", failures())
    database = TenantDatabase(f"sqlite:///{tmp_path}/a.db")
    try:
        with pytest.raises(TypeError, match="'wrongly' must return a ListResult, not 'text'"):
            run(database, "wrongly", Period.YESTERDAY, NOW)
    finally:
        registry.unregister("wrongly")
        database.dispose()


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), asyncio.CancelledError()])
def test_a_function_that_would_end_the_program_only_fails(
    tmp_path: Path, error: BaseException
) -> None:
    def leave(source: Source) -> ListResult:
        raise error

    report("leaving", title="Leaving")(leave)
    fail_missions(f"sqlite:///{tmp_path}/a.db", failures())
    database = TenantDatabase(f"sqlite:///{tmp_path}/a.db")
    try:
        with pytest.raises(ReportLeftError, match="leaving would have ended the program"):
            run(database, "leaving", Period.YESTERDAY, NOW)
    finally:
        registry.unregister("leaving")
        database.dispose()


def test_what_a_package_fails_with_is_told_without_passwords_and_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(catalogue, "_faults", [])
    (tmp_path / "chatty.py").write_text(
        "raise RuntimeError('postgresql://ada:hunter22@host/db \\x1b[31mred')"
    )
    catalogue.load_from([EntryPoint("chatty", "chatty", catalogue.GROUP)])
    (fault,) = catalogue.faults()
    assert "postgresql://" in fault.reason
    assert "hunter22" not in fault.reason
    assert fault.reason.isprintable()


BROKEN = {
    "raises": "raise RuntimeError('no luck')",
    "leaves": "raise SystemExit(3)",
    "takes": "from bot.reports.api import report\nreport('daily', title='Mine')(print)",
    "halfway": (
        "from bot.reports.api import report\n"
        "report('halfdone', title='Half Done')(print)\n"
        "raise RuntimeError('and no further')"
    ),
}


def test_packages_that_cannot_be_loaded_are_named_and_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(catalogue, "_faults", [])
    for name, text in BROKEN.items():
        (tmp_path / f"broken_{name}.py").write_text(text)
    points = [EntryPoint(name, f"broken_{name}", catalogue.GROUP) for name in (*BROKEN, "absent")]
    before = registry.keys()
    catalogue.load_from(points)

    assert registry.keys() == before
    with pytest.raises(registry.UnknownReportError):
        registry.get("halfdone")
    reasons = {fault.entry: fault.reason for fault in catalogue.faults()}
    assert reasons["raises"] == "RuntimeError: no luck"
    assert reasons["leaves"] == "SystemExit: 3"
    assert reasons["takes"] == "there is a report 'daily' already; use another key"
    assert reasons["halfway"] == "RuntimeError: and no further"
    assert "ModuleNotFoundError" in reasons["absent"]
    assert all(name in caplog.text for name in reasons)


def test_the_example_is_one_file_of_under_sixty_lines() -> None:
    (module,) = EXAMPLE.glob("*.py")
    assert len(module.read_text(encoding="utf-8").splitlines()) < 60
