"""The README cannot rot: its tables and commands are held against the program."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.periods import Period
from bot.settings import describe_settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted(set(re.findall(r"\| `bgs-bot ([^`]+)`", README)))


def help_of(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words, "--help"], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_settings_table_is_the_settings() -> None:
    table = README.split("<!-- settings -->")[1].split("<!-- /settings -->")[0]
    rows = [
        f"| `{each.name}` | {f'`{each.default}`' if each.default else ''} | {each.help} |"
        for each in describe_settings()
    ]
    assert table.strip().splitlines()[2:] == rows


def test_every_command_of_the_program_is_in_the_readme() -> None:
    listed = re.findall(r"^  (\w+)  ", help_of().split("Commands:")[1], re.M)
    assert listed
    assert {each for each in listed if f"`bgs-bot {each}" not in README} == set()


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_line_of_the_readme_is_understood(line: str) -> None:
    words = line.split()
    options = [word for word in words if word.startswith("--")]
    command = words[:2] if words[0] == "deliveries" and len(words) > 1 else words[:1]
    text = help_of(*(word for word in command if not word.startswith("--")))
    assert all(option in text for option in options)


def test_every_period_is_in_the_readme() -> None:
    text = " ".join(README.split())
    named = [period for period in Period if f"`{period.value}` {period.title.lower()}" in text]
    assert set(Period) - set(named) == {Period.LAST_TWO_MONTHS}, "this one is put in more words"
    assert "`2m` the two months before this one" in text


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["postgres"], *extras["mysql"]]
    names = [re.split(r"[\[<>=~]", each)[0] for each in wanted]
    table = README.split("What each dependency is for")[1]
    assert [name for name in names if name.lower() not in table.lower()] == []


def test_ci_runs_the_test_command_of_the_readme() -> None:
    block = README.split("<!-- test-command -->")[1]
    command = block.split("```")[1].strip()
    assert command.startswith("python3 -m venv .venv && ")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    found = re.findall(r"^test_command=.*$", script, re.M)
    assert len(found) == 1
    done = subprocess.run(
        ["bash", "-c", f'{found[0]}; echo "$test_command"'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == command
