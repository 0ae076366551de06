"""``report``: a result as data, and nothing else on stdout."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.cli.commands import LAST_DAY, NOW, tenant, write_database

if TYPE_CHECKING:
    from tests.cli.commands import Home

ADA = [{"rank": 1, "cmdr": "Ada", "amount": 5_000_000}]


async def test_json_is_the_only_thing_on_stdout(home: Home) -> None:
    ended = await home.run("report", "daily", "--format", "json", "--now", NOW)
    assert (ended.status, ended.err) == (0, "")
    assert ended.json["report"] == "daily"
    assert ended.json["tenant"] == "wolves"
    assert ended.json["window"] == {
        "code": "ld",
        "start": "2025-09-11T00:00:00Z",
        "end": "2025-09-12T00:00:00Z",
        "label": LAST_DAY,
    }
    sections = {section["key"]: section for section in ended.json["sections"]}
    assert list(sections) == ["market", "bounties", "bonds"]
    assert sections["bounties"]["rows"] == ADA


@pytest.mark.parametrize(("report", "size"), [("spacecz", "high"), ("groundcz", "low")])
async def test_conflict_zones_come_by_system(home: Home, report: str, size: str) -> None:
    ended = await home.run("report", report, "--format", "json", "--now", NOW)
    (system,) = ended.json["systems"]
    assert (system["system"], system["total"], system[size]) == ("Sol", 1, 1)
    assert ("settlements" in system) == (report == "groundcz")


async def test_json_is_utf8_whatever_the_locale(home: Home) -> None:
    write_database(home.folder / "owls.db", cmdr="Ünïcødé 🦉")
    home.tenants(tenant("Owls"))
    home.env |= {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = await home.run("report", "daily", "--format", "json", "--now", NOW)
    assert "Ünïcødé 🦉" in ended.out


async def test_csv_has_a_line_per_row(home: Home) -> None:
    ended = await home.run("report", "daily", "--format", "csv", "--now", NOW)
    assert (ended.status, ended.err) == (0, "")
    rows = list(csv.reader(io.StringIO(ended.out)))
    assert [row[0] for row in rows[1:]] == ["market", "bounties", "bonds"]
    assert any("5000000" in row for row in rows)


async def test_the_table_is_plain_text_with_exact_figures(home: Home) -> None:
    ended = await home.run("report", "daily", "--now", NOW)
    assert (ended.status, ended.err) == (0, "")
    assert LAST_DAY in ended.out
    assert "5,000,000" in ended.out
    assert "\x1b" not in ended.out


async def test_names_cannot_steer_the_terminal(home: Home) -> None:
    write_database(home.folder / "owls.db", cmdr="Eve\x1b[2J\x9b31m\u202eevil\x07")
    home.tenants(tenant("Owls") | {"name": "Owls\x1b]0;title\x07"})
    ended = await home.run("report", "daily", "--now", NOW)
    assert "Eve" in ended.out
    assert not {"\x1b", "\x9b", "\u202e", "\x07"} & set(ended.out + ended.err)


@pytest.mark.parametrize(
    ("option", "name", "found"),
    [
        ("--cmdr", "aDA", True),
        ("--system", "Deciat", False),
        ("--settlement", "grant base", True),
        ("--faction", "Wolf Pack", False),
    ],
)
async def test_filters_narrow_the_report(home: Home, option: str, name: str, found: bool) -> None:
    ended = await home.run("report", "groundcz", option, name, "--format", "json", "--now", NOW)
    assert ended.status == 0
    assert bool(ended.json["systems"]) == found


@pytest.mark.parametrize(("report", "noted"), [("daily", 1), ("spacecz", 1), ("groundcz", 0)])
async def test_a_settlement_narrows_ground_conflicts_only_and_that_is_said(
    home: Home, report: str, noted: int
) -> None:
    asked = ("report", report, "--format", "json", "--now", NOW)
    plain = await home.run(*asked)
    ended = await home.run(*asked, "--settlement", "Grant Base", "--settlement", "Elsewhere")
    assert ended.status == 0
    assert ended.err.count("groundcz only") == len(ended.err.splitlines()) == noted
    assert ended.json == plain.json


async def test_a_filter_given_twice_means_any_of_both(home: Home) -> None:
    filters = ("--cmdr", "Brann", "--cmdr", "ada")
    ended = await home.run("report", "daily", *filters, "--format", "json", "--now", NOW)
    assert ended.json["sections"]


async def test_now_sets_the_window_in_utc(home: Home) -> None:
    moment = "2025-09-12T01:30:00+02:00"
    ended = await home.run("report", "daily", "--format", "json", "--now", moment)
    assert ended.json["window"]["label"] == "2025-09-10"


@pytest.mark.parametrize(
    ("period", "label"),
    [
        ("lw", "2025-09-01 to 2025-09-07"),
        ("ALL", "All time"),
        ("ct", "Tick of 2025-09-11 15:04 UTC"),
        ("lt", "No tick"),
    ],
)
async def test_periods_are_taken_by_code(home: Home, period: str, label: str) -> None:
    ended = await home.run("report", "daily", "--period", period, "--format", "json", "--now", NOW)
    assert ended.json["window"]["label"] == label


async def test_top_cuts_the_sections(home: Home) -> None:
    write_database(home.folder / "owls.db", cmdr="Ada")
    ended = await home.run("report", "daily", "--top", "1", "--format", "json", "--now", NOW)
    assert all(len(section["rows"]) == 1 for section in ended.json["sections"])


async def test_a_top_below_one_is_wrong_use(home: Home) -> None:
    ended = await home.run("report", "daily", "--top", "0")
    assert (ended.status, ended.out) == (2, "")
    assert "--top" in ended.err


async def test_several_tenants_want_a_choice_that_names_them(home: Home) -> None:
    home.tenants(tenant("Wolves"), tenant("Owls"))
    ended = await home.run("report", "daily", "--format", "json", "--now", NOW)
    assert (ended.status, ended.out) == (2, "")
    assert "wolves, owls" in ended.err


@pytest.mark.parametrize("name", ["wolves", "Wolves"])
async def test_a_tenant_is_chosen_by_id_or_name(home: Home, name: str) -> None:
    home.tenants(tenant("Owls"), tenant("Wolves"))
    ended = await home.run("report", "daily", "--tenant", name, "--format", "json", "--now", NOW)
    assert ended.json["tenant"] == "wolves"


async def test_an_unknown_tenant_is_answered_with_the_known_ones(home: Home) -> None:
    ended = await home.run("report", "daily", "--tenant", "bears")
    assert (ended.status, ended.out) == (2, "")
    assert "wolves" in ended.err


async def test_another_tenant_file_can_be_named(home: Home) -> None:
    (home.folder / "tenant.json").rename(home.folder / "other.json")
    ended = await home.run(
        "report", "daily", "--tenant-file", "other.json", "--format", "json", "--now", NOW
    )
    assert ended.json["tenant"] == "wolves"


async def test_nothing_is_written_anywhere(home: Home) -> None:
    before = sorted(home.folder.rglob("*"))
    assert (await home.run("report", "daily", "--now", NOW)).status == 0
    assert sorted(home.folder.rglob("*")) == before


async def test_a_database_that_is_gone_is_one_sentence(home: Home) -> None:
    (home.folder / "wolves.db").unlink()
    ended = await home.run("report", "daily", "--format", "json", "--now", NOW)
    assert (ended.status, ended.out) == (1, "")
    assert "wolves.db" in ended.err
    assert "Traceback" not in ended.err


async def test_a_closed_pipe_is_no_trouble(home: Home) -> None:
    process = await home.start("report", "daily", "--format", "json", "--now", NOW)
    assert process.stdout is not None
    process.stdout._transport.close()  # type: ignore[attr-defined]  # asyncio has no public way
    assert process.stderr is not None
    assert await process.stderr.read() == b""
    await process.wait()


async def test_tables_that_are_missing_are_told_and_the_rest_is_shown(home: Home) -> None:
    with closing(sqlite3.connect(home.folder / "wolves.db")) as connection:
        connection.execute("DROP TABLE synthetic_ground_cz")
    ended = await home.run("report", "groundcz", "--format", "json", "--now", NOW)
    assert ended.status == 0
    assert json.loads(ended.out)["missing"] == ["synthetic_ground_cz"]


@pytest.mark.parametrize("form", ["table", "json", "csv"])
async def test_a_database_without_events_is_perhaps_the_wrong_one(home: Home, form: str) -> None:
    sqlite3.connect(home.folder / "other.db").close()
    home.tenants(tenant("Wolves", db_uri="sqlite:///other.db"))
    ended = await home.run("report", "daily", "--format", form, "--now", NOW)
    assert ended.status == 0
    assert "no table event. Does db_uri name the one that the backend writes?" in ended.err


async def test_csv_tells_what_is_missing_beside_it(home: Home) -> None:
    with closing(sqlite3.connect(home.folder / "wolves.db")) as connection:
        connection.execute("DROP TABLE redeem_voucher_event")
    ended = await home.run("report", "daily", "--format", "csv", "--now", NOW)
    assert ended.status == 0
    assert ended.err == "Not in the database: redeem_voucher_event\n"
    assert [row[0] for row in csv.reader(io.StringIO(ended.out))] == ["section", "market"]


async def test_a_table_says_what_it_is_narrowed_to(home: Home) -> None:
    found = await home.run("report", "spacecz", "--now", NOW, "--system", "sol")
    assert "\nOnly system sol\n" in found.out
    assert "Nothing found" not in found.out


async def test_a_name_that_nobody_has_is_not_taken_for_a_quiet_time(home: Home) -> None:
    names = ("--system", "Sool", "--cmdr", "Nobody")
    ended = await home.run("report", "spacecz", "--now", NOW, *names)
    assert ended.status == 0
    assert "Only system Sool, CMDR Nobody" in ended.out
    assert "Nothing found" in ended.out
    assert "quiet" not in ended.out
