"""A report that another package adds, in the real command line."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.added import KEY, fail_missions, install
from tests.cli.commands import LAST_DAY, NOW, Home, tenant, until, url

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.receiver import Receiver

BROKEN = """
[project]
name = "broken-report"
version = "1"
[project.entry-points."bgs_bot.reports"]
brokenreport = "broken_report"
[tool.setuptools]
py-modules = ["broken_report"]
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the example is installed."""
    return install(tmp_path_factory.mktemp("example"))


@pytest.fixture
def home(home: Home, site: Path) -> Home:
    """A folder with one squadron that failed missions, beside the installed example."""
    home.env["PYTHONPATH"] = str(site)
    rows = (("Ada", 1500), ("Ada", 500), ("Bo", None))
    fail_missions(
        f"sqlite:///{home.folder}/wolves.db",
        [{"cmdr": cmdr, "fine": fine, "awarding_faction": "Foxes"} for cmdr, fine in rows],
    )
    return home


async def test_it_is_shown_as_table_json_and_csv(home: Home) -> None:
    shown = {
        form: await home.run("report", KEY, "--now", NOW, "--format", form)
        for form in ("table", "json", "csv")
    }
    assert {form: (each.status, each.err) for form, each in shown.items()} == dict.fromkeys(
        shown, (0, "")
    )
    assert "Missions Failed · 2025-09-11 · Wolves" in shown["table"].out
    assert "Failed Most (2 CMDRs, 3 missions)" in shown["table"].out
    data = shown["json"].json
    assert (data["report"], data["missing"]) == (KEY, [])
    sections = {
        section["key"]: [(row["name"], row["value"]) for row in section["rows"]]
        for section in data["sections"]
    }
    assert sections == {
        "missions": [("Ada", 2), ("Bo", 1)],
        "fines": [("Ada", 2000)],
        "factions": [("Foxes", 3)],
    }
    lines = list(csv.DictReader(io.StringIO(shown["csv"].out)))
    assert {(line["section"], line["name"], line["value"]) for line in lines} == {
        (key, name, str(value)) for key, rows in sections.items() for name, value in rows
    }


async def test_a_preview_shows_it_and_a_post_sends_it_once(home: Home, receiver: Receiver) -> None:
    preview = await home.run("preview", KEY, "--now", NOW)
    assert preview.status == 0
    assert "❌ Missions Failed · 2025-09-11" in preview.out
    first, second = [await home.run("post", KEY, "--now", NOW) for _ in range(2)]
    assert (first.status, second.status) == (0, 0)
    assert "1 message sent" in first.out
    assert "already sent" in second.out
    (message,) = receiver.messages
    (embed,) = message.payload["embeds"]
    assert embed["title"] == f"❌ Missions Failed · {LAST_DAY}"


async def test_the_help_and_an_unknown_name_tell_of_it(home: Home) -> None:
    assert f"groundcz|{KEY}" in (await home.run("report", "--help")).out
    ended = await home.run("report", "nosuch")
    assert ended.status == 2
    assert f"use one of: daily, spacecz, groundcz, {KEY}" in ended.err


async def test_the_tenant_file_may_name_it_and_a_slip_is_told_what_there_is(home: Home) -> None:
    home.tenants(tenant("Wolves", reports={KEY: {"top": 3}, "missionfailed": {}}))
    ended = await home.run("check")
    assert f"reports.{KEY}" not in ended.out
    assert '"missionfailed" is no report that is installed' in ended.out
    assert f"use one of daily, spacecz, groundcz, {KEY}" in ended.out


async def test_a_night_posts_it_where_the_tenant_file_names_it(
    home: Home, receiver: Receiver
) -> None:
    (home.folder / "foxes.db").write_bytes((home.folder / "wolves.db").read_bytes())
    wolves, foxes = (receiver.world.add_webhook() for _ in range(2))
    only = {"spacecz": {"enabled": False}, "groundcz": {"enabled": False}}
    home.tenants(
        tenant("Wolves", url(receiver, wolves), reports={**only, KEY: {}}),
        tenant("Foxes", url(receiver, foxes), reports=only),
    )
    # Not long enough for the bot's own reports, which were due before the start.
    process = await home.start("schedule", "--now", f"{LAST_DAY[:-2]}12T00:02:57Z")
    await until(lambda: receiver.messages)
    process.terminate()
    await process.communicate()
    assert process.returncode == 0
    (message,) = receiver.messages
    assert message.webhook_id == wolves.id
    assert "❌ Missions Failed · 2025-09-11" in json.dumps(message.payload, ensure_ascii=False)


async def test_a_broken_package_is_named_and_everything_else_goes_on(
    home: Home, tmp_path: Path
) -> None:
    source = tmp_path / "broken"
    source.mkdir()
    (source / "pyproject.toml").write_text(BROKEN)
    (source / "broken_report.py").write_text("import no_such_module_anywhere")
    broken = install(tmp_path / "installed", source)
    home.env["PYTHONPATH"] += f":{broken}"
    ended = await home.run("report", KEY, "--now", NOW)
    assert ended.status == 0
    assert "Failed Most" in ended.out
    assert "brokenreport of the package broken-report is left out" in ended.err
    assert "Traceback" not in ended.err
    checked = await home.run("check")
    assert "no_such_module_anywhere" in checked.out
