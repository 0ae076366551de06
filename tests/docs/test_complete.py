"""Nothing that the program has is missing in the pages, and nothing there is made up."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from typing import TYPE_CHECKING, Any

import click
import pytest
from discord import app_commands
from discord.ext import commands

import cogs
from bot.cli.main import bgs_bot
from bot.delivery.ledger import PartState
from bot.settings import describe_settings
from bot.tenants.routes import ROUTE_KEYS
from tests.docs.elsewhere import PORTAL
from tests.docs.pages import README, ROOT, name_of, pages, prose_of, table_after, text_of
from tests.test_floors import FLOORS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.docs.scratch import Scratch

AnyCommand = app_commands.Command[Any, ..., Any]

DEVELOPERS, OPERATORS = (ROOT / "docs" / name for name in ("developers.md", "operators.md"))
OF_THE_SYSTEM = {"HTTPS_PROXY"}
FOR_TESTS = {
    "DISCORD_OPENAPI",
    "TEST_CHROMIUM",
    "TEST_LIBFAKETIME",
    "TEST_MARIADB_URI",
    "TEST_POSTGRES_URI",
}
"""What looks like a setting and is one of the tests'."""


def typed_commands(group: click.Group = bgs_bot, before: str = "bgs-bot") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{before} {name}"
        if isinstance(command, click.Group):
            yield from typed_commands(command, f"{before} {name}")


def slash_commands() -> Iterator[AnyCommand]:
    for module in pkgutil.iter_modules(cogs.__path__):
        found = importlib.import_module(f"{cogs.__name__}.{module.name}")
        for cog in vars(found).values():
            if isinstance(cog, type) and issubclass(cog, commands.Cog) and cog is not commands.Cog:
                for command in cog.__cog_app_commands__:
                    yield from _leaves(command)


def _leaves(command: app_commands.Group | AnyCommand) -> Iterator[AnyCommand]:
    if isinstance(command, app_commands.Group):
        for inner in command.commands:
            yield from _leaves(inner)
    else:
        yield command


def examples_of(command: AnyCommand) -> list[str]:
    cells = [row[0] for row in table_after(text_of(README), "in Discord")]
    codes = [code for cell in cells for code in re.findall(r"`/([^`]+)`", cell)]
    form = re.compile(rf"{re.escape(command.qualified_name)}(?= \w+:|$)")
    return [code for code in codes if form.match(code)]


@pytest.mark.parametrize("command", list(typed_commands()))
def test_a_command_is_in_the_readme_with_an_example(command: str) -> None:
    cells = [row[0] for row in table_after(prose_of(README), "command")]
    assert [cell for cell in cells if re.match(rf"`{command}\b", cell)]


@pytest.mark.parametrize("command", list(slash_commands()), ids=lambda each: each.qualified_name)
def test_a_slash_command_is_in_the_readme_with_an_example_that_works(command: AnyCommand) -> None:
    examples = examples_of(command)
    options = {option.name: option.required for option in command.parameters}

    assert examples
    for example in examples:
        given = re.findall(r"(\w+):", example.removeprefix(command.qualified_name))
        assert set(given) <= options.keys()
        assert {name for name, required in options.items() if required} <= set(given)
    assert {name for name in options if f"{name}:" not in prose_of(README)} == set()


def test_no_slash_command_is_made_up() -> None:
    there = {command.qualified_name for command in slash_commands()}
    groups = {name.split()[0] for name in there}
    told = {
        code
        for page in (*pages(), ROOT / "CHANGELOG.md")
        for code in re.findall(r"`/([a-z]+(?: [a-z]+)?)(?= \w+:|`)", prose_of(page))
    }
    assert told - there - groups - PATHS == set()


PATHS = {"home", "livez", "metrics", "readyz"}
"""What begins with a slash and is an address or a folder."""


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_setting_that_a_page_names_is_one(page: Path) -> None:
    known = {each.name for each in describe_settings()}
    known |= {f"{each.name}_FILE" for each in describe_settings() if each.secret}
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", prose_of(page)))
    assert named - known - FOR_TESTS - OF_THE_SYSTEM == set()


def test_every_option_of_a_route_is_in_the_readme() -> None:
    text = text_of(README)
    missing = [key for key in ROUTE_KEYS if f"`{key}`" not in text and f'"{key}":' not in text]
    assert missing == []


def test_every_state_of_the_ledger_is_explained() -> None:
    for page in (OPERATORS, DEVELOPERS):
        told = prose_of(page)
        assert [state for state in PartState if f"`{state.value}`" not in told] == []


def test_what_one_sees_when_something_is_wrong_is_what_the_program_says() -> None:
    said = " ".join(_texts())
    rows = table_after(text_of(README), "you see")
    quoted = [words for row in rows for words in re.findall(r'"([^"]+)"', " ".join(row))]
    assert quoted
    assert [words for words in quoted if words not in said] == []


def test_words_in_italics_are_those_of_discord_itself() -> None:
    italics = re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", " ".join(prose_of(README).split()))
    assert italics
    assert set(italics) - set(PORTAL) == set()


def test_every_folder_of_the_tests_is_in_the_docs() -> None:
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}
    assert {name for name in folders if f"`tests/{name}`" not in prose_of(DEVELOPERS)} == set()


def _texts() -> Iterator[str]:
    """Yield the texts of the program, each without what is filled in."""
    for path in (*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


async def test_every_metric_and_check_that_is_served_is_in_the_docs_and_no_other(
    home: Scratch,
) -> None:
    await home.type("bgs-bot run")
    ready, metrics = await home.served("/readyz"), await home.served("/metrics")
    told = prose_of(OPERATORS)
    served = set(re.findall(r"^# TYPE (bgsbot_\w+)", metrics, re.M))

    assert {name for name in served if not name.endswith("_created")} == {
        row[0].strip("`") for row in table_after(told, "metric")
    }
    assert json.loads(ready)["checks"].keys() == {
        row[0].strip("`") for row in table_after(told, "check")
    }


def test_every_action_that_is_logged_for_alerts_is_in_the_docs() -> None:
    calls = {
        call
        for path in (*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py"))
        for call in re.findall(r'"action": ([^,}]+)', path.read_text(encoding="utf-8"))
    }
    logged = {action for call in calls for action in re.findall(r'"(\w+)"', call)}
    cells = [row[0] for row in table_after(prose_of(OPERATORS), "action")]
    assert logged == {action for cell in cells for action in re.findall(r"`(\w+)`", cell)}


def test_every_room_of_the_house_is_in_the_docs_on_its_floor() -> None:
    rows = {row[0]: row[1] for row in table_after(prose_of(DEVELOPERS), "floor")}
    for floor, rooms in FLOORS.items():
        for room in rooms:
            assert re.search(rf"`bot/{room}(\.py)?`", rows[str(floor)]), room
