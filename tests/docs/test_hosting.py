"""What the pages say of systemd, Docker and make is what the files say."""

from __future__ import annotations

import configparser
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from bot.client import GRACE_SECONDS
from tests.docs.elsewhere import BY_CI, CONTAINER, ELSEWHERE, PARTS, UNIT
from tests.docs.pages import README, ROOT, blocks, prose_of, text_of
from tests.hosting.dockerfile import instructions

if TYPE_CHECKING:
    from tests.docs.scratch import Scratch

UNIT_FILE = ROOT / "deploy" / "bgs-bot.service"
IMAGE = {each.name: each for each in instructions(ROOT / "Dockerfile")}


def why(reason: str) -> list[str]:
    return [command for command, given in ELSEWHERE.items() if given == reason]


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False, comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names keep their capitals
    parser.read(UNIT_FILE, encoding="utf-8")
    return parser


def test_the_unit_runs_a_command_that_ends_on_its_signal_in_time() -> None:
    service = unit()["Service"]
    program, command = service["ExecStart"].split()

    assert program == f"{service['WorkingDirectory']}/.venv/bin/bgs-bot"
    assert command == "run"
    assert service["KillSignal"] == "SIGTERM"
    assert int(service["TimeoutStopSec"]) >= 2 * GRACE_SECONDS


def test_the_unit_may_write_where_the_bot_writes_and_nowhere_else() -> None:
    service = unit()["Service"]
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == service["WorkingDirectory"]


def test_the_unit_hands_the_token_over_in_a_file() -> None:
    service = unit()["Service"]
    name, _, path = service["LoadCredential"].partition(":")
    assert service["Environment"] == f"DISCORD_TOKEN_FILE=%d/{name}"
    assert f"install -m 600 /dev/stdin {path}" in ELSEWHERE


@pytest.mark.parametrize("command", why(UNIT))
async def test_a_step_for_systemd_fits_the_unit_and_what_is_inside_works(
    home: Scratch, command: str
) -> None:
    service = unit()["Service"]
    folder, user = service["WorkingDirectory"], service["User"]
    secrets = service["LoadCredential"].partition(":")[2].rpartition("/")[0]
    assert any(each in command for each in (folder, secrets, UNIT_FILE.stem))
    assert re.findall(r"(?<=-[uo] )\S+", command) in ([], [user])
    for path in re.findall(r"(?<= )deploy/\S+", command):
        assert (ROOT / path).is_file()
    _, _, inside = command.partition(f"env --chdir={folder} ")
    if inside:
        await home.type(inside)


@pytest.mark.parametrize("command", why(BY_CI))
def test_what_ci_is_said_to_do_it_does(command: str) -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    test_command = re.search(r"<!-- test-command -->\n```\n(.*)\n", text_of(README))
    assert test_command is not None
    assert command in script or command == test_command[1]


@pytest.mark.parametrize("command", why(PARTS))
def test_parts_of_the_tests_are_where_the_pages_say(command: str) -> None:
    named = re.findall(r"tests/[\w/.]+", command)
    assert named
    for path in named:
        assert (ROOT / path).exists()
    words = re.findall(r"-k (\w+)", command)
    for word in words:
        assert f"{word}" in (ROOT / named[0]).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("command", why(CONTAINER))
async def test_a_step_for_docker_fits_the_files_and_what_is_inside_works(
    home: Scratch, command: str
) -> None:
    words = command.partition(" > ")[0].split()
    match words:
        case ["docker", "compose", "build" | "up", *flags]:
            assert set(flags) <= {"--pull", "--detach"}
            assert compose()["services"]["bot"]["build"] == "."
        case ["docker", "compose", "run", "--rm", "bot", *inside]:
            assert IMAGE["ENTRYPOINT"].words[0].endswith("/bgs-bot")
            await home.type(f"bgs-bot {' '.join(inside)}")
        case ["docker", "compose", "exec", "bot", *inside]:
            folder = IMAGE["ENTRYPOINT"].words[0].rpartition("/")[0]
            assert f"PATH={folder}:" in IMAGE["ENV"].value
            await home.type(" ".join(inside))
        case ["docker", "compose", "exec", "state", "pg_dump", "--username", user, *_, name]:
            made = compose()["services"]["state"]["environment"]
            assert (user, name) == (made["POSTGRES_USER"], made["POSTGRES_DB"])
        case ["chown", user, *paths]:
            assert user == IMAGE["USER"].value.partition(":")[0]
            secrets = {Path(each["file"]) for each in compose()["secrets"].values()}
            assert {path for path in map(Path, paths) if path.parts[0] == "secrets"} <= secrets
        case _:
            raise AssertionError(command)


async def test_what_the_readme_writes_for_docker_is_what_compose_reads(home: Scratch) -> None:
    [block] = [each for each in blocks("sh") if "docker compose build" in each.commands]
    for command in block.commands:
        if command not in ELSEWHERE:
            await home.type(command)
    made = compose()["services"]["state"]["environment"]
    written = {each["file"] for each in compose()["secrets"].values()}
    password, uri = (
        (home.folder / "secrets" / name).read_text(encoding="utf-8").strip()
        for name in ("state_db_password", "state_db_uri")
    )

    assert {f"./secrets/{path.name}" for path in (home.folder / "secrets").iterdir()} == written
    assert uri == (f"postgresql://{made['POSTGRES_USER']}:{password}@state/{made['POSTGRES_DB']}")


def test_goals_of_make_that_the_readme_names_are_there() -> None:
    goals = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    named = re.findall(r"`make ([a-z-]+)`", prose_of(README))
    assert named
    assert set(named) <= set(goals)
