"""``init`` at a terminal and without one: what is asked, written, and left alone."""

from __future__ import annotations

import json
import stat
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.backend import schema
from bot.cli.main import run
from bot.sandbox.server import Sandbox
from bot.sandbox.switches import BOT_TOKEN
from tests.cli.commands import Home, tenant, url, write_database
from tests.cli.terminal import CTRL_C, CTRL_D, Terminal
from tests.servers import create_tables

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = "a-link-key-nobody-sees"
GIVEN = ("--name", "Wolves", "--db-uri", "sqlite:///wolves.db", "--webhook", "")


@pytest.fixture
def empty(tmp_path: Path) -> Home:
    """A folder that holds a database and nothing else."""
    write_database(tmp_path / "wolves.db")
    return Home(tmp_path)


@pytest.fixture
async def sandbox(empty: Home) -> AsyncIterator[Sandbox]:
    """A Discord that the folder's settings lead to."""
    async with Sandbox(limits=False) as running:
        empty.trust(running)
        empty.env["DISCORD_API_BASE"] = running.api_base
        yield running


def entries(home: Home) -> list[dict[str, Any]]:
    """Return what the tenant file holds."""
    found: list[dict[str, Any]] = json.loads((home.folder / "tenant.json").read_text("utf-8"))
    return found


def names(home: Home) -> set[str]:
    """Return the names of all files of the folder."""
    return {path.name for path in home.folder.iterdir()}


async def test_somebody_at_a_terminal_gets_a_setup_that_check_finds_good(
    empty: Home, sandbox: Sandbox
) -> None:
    hook = sandbox.world.add_webhook()
    guild = sandbox.world.channels[hook.channel_id].guild_id
    async with Terminal(empty, "init") as screen:
        await screen.answer("squadron's name", "Wolves of Wolf 359")
        await screen.answer("database [sqlite:///wolves.db]", "")
        await screen.see("5 events")
        await screen.answer("Webhook: ", url(sandbox, hook))
        await screen.see("alive")
        await screen.answer("Minor faction: ", "Wolf 359 Independents")
        await screen.answer(f"Server id [{guild}]", "")
        await screen.answer("Link key: ", KEY)
        await screen.answer("Bot token: ", BOT_TOKEN)
        await screen.see("the bot's name is")
        await screen.answer("Write this?", "y")
        assert await screen.end() == 0
    assert KEY not in screen.shown
    assert BOT_TOKEN not in screen.shown
    assert f"client_id={sandbox.bot.id}" in screen.shown
    assert "bgs-bot check --webhooks" in screen.shown
    assert entries(empty) == [
        {
            "id": "wolves-of-wolf-359",
            "name": "Wolves of Wolf 359",
            "db_uri": "sqlite:///wolves.db",
            "discord_webhooks": {"shoutout": url(sandbox, hook)},
            "faction_name": "Wolf 359 Independents",
            "guild_ids": [guild],
            "link_key": KEY,
        }
    ]
    assert f"\nDISCORD_TOKEN={BOT_TOKEN}\n" in (empty.folder / ".env").read_text()
    for name in ("tenant.json", ".env"):
        assert stat.S_IMODE((empty.folder / name).stat().st_mode) == 0o600
    checked = await empty.run("check", "--webhooks")
    assert checked.status == 0
    assert "0 in error, 0 warnings." in checked.out
    assert sandbox.messages == []
    assert sandbox.arrivals == []


async def test_bad_answers_are_explained_and_asked_again(empty: Home, sandbox: Sandbox) -> None:
    async with Terminal(empty, "init") as screen:
        for question, bad, words, good in [
            ("squadron's name", "", "needs a name", "Wolves"),
            ("database [", "oracle://x/y", "'oracle'", "wolves.db"),
            ("Webhook: ", "https://example.org/hook", "Copy Webhook URL", ""),
            ("Minor faction: ", "F" * 101, "too long", ""),
            ("Server id: ", "my server", "Copy Server ID", ""),
            ("Link key: ", "short", "at least 8 characters", ""),
            ("Bot token: ", "Bot abc", "without 'Bot'", ""),
        ]:
            await screen.answer(question, bad)
            await screen.see("Sorry, ")
            await screen.see(words)
            await screen.answer(question, good)
        await screen.answer("Write this?", "")
        assert await screen.end() == 0
    (entry,) = entries(empty)
    assert (entry["name"], entry["db_uri"]) == ("Wolves", "sqlite:///wolves.db")
    assert len(entry["link_key"]) >= 24
    assert entry["link_key"] not in screen.shown


async def test_an_answer_can_be_changed_before_anything_is_written(empty: Home) -> None:
    async with Terminal(empty, "init", *GIVEN) as screen:
        for question in ("Minor faction: ", "Server id: ", "Link key: ", "Bot token: "):
            await screen.answer(question, "")
        await screen.answer("Write this?", "eight")
        await screen.see("a number from 1 to 7")
        await screen.answer("Write this?", "1")
        await screen.answer("squadron's name", "Owls")
        await screen.see("Owls")
        await screen.answer("Write this?", "y")
        assert await screen.end() == 0
    assert [entry["name"] for entry in entries(empty)] == ["Owls"]


async def test_what_cannot_be_reached_is_told_and_may_stay(empty: Home, sandbox: Sandbox) -> None:
    gone = f"{sandbox.address}/api/webhooks/4/dead-token-of-the-test"
    async with Terminal(empty, "init") as screen:
        await screen.answer("squadron's name", "Wolves")
        await screen.answer("database [", "sqlite:///nowhere.db")
        await screen.see("there is no file")
        await screen.answer("Give another database?", "y")
        await screen.answer("database [", "postgresql://bgs:password-nobody-sees@127.0.0.1:9/bgs")
        await screen.see("cannot reach")
        await screen.answer("Give another database?", "n")
        await screen.answer("Webhook: ", gone)
        await screen.see("404")
        await screen.answer("Give another webhook?", "n")
        for question in ("Minor faction: ", "Server id: ", "Link key: "):
            await screen.answer(question, "")
        await screen.answer("Bot token: ", "a-token-nobody-has")
        await screen.see("refuses this token")
        await screen.answer("Give another bot token?", "n")
        await screen.answer("Write this?", "y")
        assert await screen.end() == 0
    assert "a-token-nobody-has" not in screen.shown
    assert "password-nobody-sees" not in screen.shown.replace("sees@127.0.0.1:9/bgs\r\n", "", 1)
    (entry,) = entries(empty)
    assert entry["discord_webhooks"] == {"shoutout": gone}


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("Minor faction: ", CTRL_C),
        ("Link key: ", CTRL_C),
        ("Link key: ", CTRL_D),
        ("Write this?", CTRL_C),
        ("Write this?", CTRL_D),
        ("Write this?", "n"),
    ],
)
async def test_who_stops_in_the_middle_leaves_nothing_behind(
    empty: Home, place: str, key: str
) -> None:
    before = names(empty)
    async with Terminal(empty, "init", *GIVEN) as screen:
        for question in ("Minor faction: ", "Server id: ", "Link key: ", "Bot token: "):
            if question == place:
                break
            await screen.answer(question, "")
        await screen.see(place)
        await screen.press_until(key, "nothing was written")
        assert await screen.end() == 1
    assert names(empty) == before


async def test_a_second_run_offers_to_add_a_token_only(empty: Home, sandbox: Sandbox) -> None:
    assert (await empty.run("init", *GIVEN)).status == 0
    before = (empty.folder / "tenant.json").read_bytes()
    async with Terminal(empty, "init") as screen:
        await screen.answer("Add another squadron?", "")
        await screen.answer("Bot token: ", BOT_TOKEN)
        await screen.answer("Write this?", "")
        assert await screen.end() == 0
    assert (empty.folder / "tenant.json").read_bytes() == before
    assert f"DISCORD_TOKEN={BOT_TOKEN}" in (empty.folder / ".env").read_text()
    assert "/tenant link" in screen.shown


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
    assert "only its owner can read tenant.json" in ended.err
    text = path.read_text()
    assert text.startswith(old.rstrip("]").rstrip())
    assert [entry["name"] for entry in entries(home)] == ["Bears", "Wolves"]
    assert "preview daily --tenant wolves" in ended.out
    (copy,) = home.folder.glob("tenant.json.*.bak")
    assert copy.read_text() == old
    assert [stat.S_IMODE(each.stat().st_mode) for each in (copy, path)] == [0o600, 0o600]


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


@settings(max_examples=60)
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
