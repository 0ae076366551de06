"""``init`` by options alone, and in folders that hold files already."""

from __future__ import annotations

import json
import stat
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.backend import schema
from bot.cli.main import run
from bot.sandbox.switches import BOT_TOKEN
from tests.cli.commands import Home, finish, tenant, until, url, write_database
from tests.cli.folders import GIVEN, KEY, entries, names
from tests.servers import create_tables

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox


async def test_options_answer_everything_where_nobody_can_be_asked(
    empty: Home, sandbox: Sandbox
) -> None:
    ended = await empty.run(
        *("init", "--name", "Wolves", "--db-uri", "wolves.db", "--webhook", url(sandbox)),
        *("--faction", "Wolf Pack", "--guild", "123456789012345678", "--guild", "5"),
        *("--link-key", KEY, "--token", BOT_TOKEN),
    )
    assert ended.status == 0
    assert KEY not in ended.out + ended.err
    assert BOT_TOKEN not in ended.out + ended.err
    (entry,) = entries(empty)
    assert entry["guild_ids"] == ["123456789012345678", "5"]
    assert entry["link_key"] == KEY
    checked = await empty.run("check", "--webhooks")
    assert (checked.status, checked.err) == (0, "")
    assert "0 in error, 0 warnings." in checked.out
    linked = await empty.run("init", "--token", BOT_TOKEN)
    assert "Nothing to write" in linked.out


async def test_missing_options_are_named(empty: Home) -> None:
    ended = await empty.run("init", "--name", "Wolves")
    assert (ended.status, ended.out) == (2, "")
    assert "--db-uri, --webhook" in ended.err
    assert names(empty) == {"wolves.db"}


@pytest.mark.parametrize(
    ("option", "bad"),
    [
        ("--name", "a\nb"),
        ("--name", "N" * 101),
        ("--db-uri", "postgresql://bgs:nobody-sees@host:99999/x"),
        ("--db-uri", "sqlite://"),
        ("--db-uri", "n" * 5000),
        ("--db-uri", "~nobody-here/wolves.db"),
        ("--webhook", "https://discord.com/api/webhooks/1/nobody-sees?x=\udcff"),
        ("--faction", "\udcff"),
        ("--webhook", "http://discord.com/api/webhooks/1/nobody-sees"),
        ("--webhook", "https://example.org/api/webhooks/1/nobody-sees"),
        ("--webhook", "https://me:nobody-sees@discord.com/api/webhooks/1/abc"),
        ("--guild", "Wolves"),
        ("--guild", "99999999999999999999"),
        ("--link-key", "nobody\nsees"),
        ("--link-key", "replace-with-nobody-sees"),
        ("--token", "nobody sees"),
        ("--token", "nobody$sees"),
    ],
)
async def test_a_bad_option_is_named_and_no_secret_shown(
    empty: Home, option: str, bad: str
) -> None:
    ended = await empty.run("init", *GIVEN, option, bad)
    assert (ended.status, ended.out) == (2, "")
    assert option in ended.err
    assert "nobody" not in ended.err
    assert names(empty) == {"wolves.db"}


async def test_what_does_not_answer_needs_a_yes_where_nobody_can_be_asked(empty: Home) -> None:
    nowhere = (*GIVEN, "--db-uri", "sqlite:///nowhere.db")
    ended = await empty.run("init", *nowhere)
    assert (ended.status, ended.out) == (1, "")
    assert "--yes" in ended.err
    assert names(empty) == {"wolves.db"}
    assert (await empty.run("init", *nowhere, "--yes")).status == 0
    assert entries(empty)[0]["db_uri"] == "sqlite:///nowhere.db"


async def test_a_squadron_is_added_behind_what_is_there(home: Home) -> None:
    path = home.folder / "tenant.json"
    old = json.dumps([tenant("Bears", zebra=1, ape=[2.50, None])], indent=4)
    path.write_text(old)
    path.chmod(0o644)
    ended = await home.run("init", *GIVEN)
    assert ended.status == 0
    assert "api_key" in ended.err
    assert "only its owner and its group can read tenant.json now" in ended.err
    text = path.read_text()
    assert text.startswith(old.rstrip("]").rstrip())
    assert [entry["name"] for entry in entries(home)] == ["Bears", "Wolves"]
    assert "preview daily --tenant wolves" in ended.out
    (copy,) = home.folder.glob("tenant.json.*.bak")
    assert copy.read_text() == old
    assert [stat.S_IMODE(each.stat().st_mode) for each in (copy, path)] == [0o640, 0o640]


@pytest.mark.parametrize(
    "text", ["", "{}", "null", '[{"name": "Wolves"}', '[{"name": "W\xff"}]', "[] []"]
)
async def test_a_broken_tenant_file_is_refused_and_left_alone(empty: Home, text: str) -> None:
    path = empty.folder / "tenant.json"
    path.write_bytes(text.encode("latin-1"))
    ended = await empty.run("init", *GIVEN, "--yes")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("Error: the tenant file ")
    assert path.read_bytes() == text.encode("latin-1")
    assert names(empty) == {"wolves.db", "tenant.json"}


@pytest.mark.parametrize(
    ("option", "taken"),
    [
        ("--name", "BEARS"),
        ("--name", "Owls"),
        ("--guild", "77"),
        ("--guild", "78"),
        ("--link-key", "an-api-key-nobody-sees"),
    ],
)
async def test_what_another_squadron_has_is_refused(home: Home, option: str, taken: str) -> None:
    home.tenants(
        tenant("Bears", guild_ids=["77"]), {"name": "Owls", "db_uri": 7, "guild_ids": [78]}
    )
    before = (home.folder / "tenant.json").read_bytes()
    ended = await home.run("init", *GIVEN, option, taken)
    assert ended.status == 2
    assert option in ended.err
    assert (home.folder / "tenant.json").read_bytes() == before


async def test_the_id_of_no_other_squadron_moves(home: Home) -> None:
    home.tenants(tenant("Wolves!"), {"name": "WOLVES?", "db_uri": 7})
    assert (await home.run("init", *GIVEN, "--name", "Wolves.")).status == 0
    assert entries(home)[-1]["id"] == "wolves-3"


async def test_without_a_token_all_works_but_run_which_says_what_to_do(
    empty: Home, sandbox: Sandbox
) -> None:
    ended = await empty.run("init", *GIVEN, "--webhook", url(sandbox))
    assert ended.status == 0
    assert "DISCORD_TOKEN" not in dotenv_values(empty.folder / ".env")
    checked = await empty.run("check", "--webhooks")
    assert (checked.status, checked.err) == (0, "")
    assert "0 in error, 0 warnings." in checked.out
    running = await empty.run("run")
    assert (running.status, running.out) == (1, "")
    assert len(running.err.splitlines()) == 1
    assert running.err.startswith("Error: DISCORD_TOKEN is not set: copy the bot's token from")
    assert "`bgs-bot schedule`" in running.err
    process = await empty.start("schedule", "--now", "2025-09-11T23:59:56Z")
    await until(lambda: sandbox.messages)
    process.terminate()
    assert (await finish(process)).status == 0
    assert (await empty.run("init", "--token", BOT_TOKEN)).status == 0
    assert dotenv_values(empty.folder / ".env")["DISCORD_TOKEN"] == BOT_TOKEN


async def test_a_token_in_the_way_is_replaced_after_a_yes_only(empty: Home) -> None:
    path = empty.folder / ".env"
    path.write_text("# mine\nOTHER='a b' # kept\nexport DISCORD_TOKEN=old-token\nLOG_LEVEL=DEBUG\n")
    before = path.read_text()
    ended = await empty.run("init", *GIVEN, "--token", "new-token")
    assert ended.status == 2
    assert "--yes" in ended.err
    assert path.read_text() == before
    assert names(empty) == {"wolves.db", ".env"}
    ended = await empty.run("init", *GIVEN, "--token", "new-token", "--yes")
    assert ended.status == 0
    assert "new-token" not in ended.out + ended.err
    assert path.read_text() == (
        "# mine\nOTHER='a b' # kept\nDISCORD_TOKEN=new-token\nLOG_LEVEL=DEBUG\n"
    )
    (copy,) = empty.folder.glob(".env.*.bak")
    assert copy.read_text() == before


async def test_a_token_in_a_file_of_its_own_stays_there(empty: Home) -> None:
    (empty.folder / "token").write_text("old-token")
    (empty.folder / ".env").write_text("DISCORD_TOKEN_FILE=token\n")
    ended = await empty.run("init", *GIVEN, "--token", "new-token", "--yes")
    assert ended.status == 2
    assert "DISCORD_TOKEN_FILE" in ended.err
    ended = await empty.run("init", *GIVEN, "--token", "old-token", "--yes")
    assert ended.status == 0
    assert (empty.folder / ".env").read_text() == "DISCORD_TOKEN_FILE=token\n"


async def test_a_tenant_file_elsewhere_is_named_in_the_next_steps(empty: Home) -> None:
    (empty.folder / "my files").mkdir()
    there = ("--tenant-file", "my files/squadrons.json")
    ended = await empty.run("init", *GIVEN, *there)
    assert ended.status == 0
    assert "--tenant-file 'my files/squadrons.json'" in ended.out
    assert (await empty.run("check", *there)).status == 0


async def test_a_folder_that_is_not_there_is_told_at_once(empty: Home) -> None:
    ended = await empty.run("init", *GIVEN, "--tenant-file", "nowhere/tenant.json")
    assert (ended.status, ended.out) == (1, "")
    assert "there is no folder" in ended.err


async def test_every_kind_of_database_is_tried(empty: Home, backend_uri: str) -> None:
    create_tables(backend_uri, schema.metadata)
    ended = await empty.run("init", *GIVEN, "--db-uri", backend_uri)
    assert ended.status == 0
    assert "can be read: 0 events" in ended.err
    assert (await empty.run("check")).status == 0


@settings(max_examples=25)
@given(name=st.text(max_size=105))
def test_any_name_is_written_as_typed_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = tmp_path / uuid.uuid4().hex
    folder.mkdir()
    write_database(folder / "wolves.db")
    monkeypatch.chdir(folder)
    status = run(["init", f"--name={name}", *GIVEN[2:], "--yes"])
    if status == 0:
        (entry,) = json.loads(Path("tenant.json").read_text("utf-8"))
        assert entry["name"] == name.strip()
        assert run(["check", "--tenant", entry["id"]]) == 0
    else:
        assert status == 2
        assert [path.name for path in folder.iterdir()] == ["wolves.db"]
