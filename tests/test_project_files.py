"""Changelog, licence and the files for contributors agree with the program and with each other."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.cli.main import bgs_bot
from bot.delivery.transport import user_agent
from bot.periods import Period
from bot.settings import describe_settings
from bot.version import version

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PROJECT["project"]
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
PAGES = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
READERS = ["Before you update", "For players", "For admins"]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def marked(name: str, mark: str) -> str:
    """The command in the block behind a mark."""
    block = text_of(name).split(f"<!-- {mark} -->")[1]
    return block.split("```")[1].removeprefix("sh").strip()


def test_the_version_is_that_of_the_project() -> None:
    assert version() == metadata.version(PROJECT["name"]) == PROJECT["version"]


def test_everything_that_tells_the_version_tells_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"bgs-bot {version()}\n"
    assert user_agent().endswith(f", {version()})")


def test_the_version_is_written_nowhere_else_in_the_program() -> None:
    literal = re.compile(rf"[\"']v?{re.escape(PROJECT['version'])}[\"']")
    files = [*ROOT.glob("bot/**/*.py"), *ROOT.glob("cogs/**/*.py"), ROOT / "Dockerfile"]
    assert [str(each) for each in files if literal.search(each.read_text(encoding="utf-8"))] == []


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(r"^## (\S+)", text_of("CHANGELOG.md"), re.M)
    assert headings[0] == PROJECT["version"]
    assert len(set(headings)) == len(headings)


def test_the_changelog_is_split_by_reader() -> None:
    for entry in text_of("CHANGELOG.md").split("\n## ")[1:]:
        assert re.findall(r"^### (.+)$", entry, re.M) == READERS


def test_the_changelog_counts_the_periods_right() -> None:
    numbers = {10: "ten", 11: "eleven", 12: "twelve", 13: "thirteen"}
    assert f"for\n  {numbers[len(Period)]} periods" in text_of("CHANGELOG.md")


@pytest.mark.parametrize("page", PAGES)
def test_a_command_that_is_named_is_one_of_the_bot(page: str) -> None:
    named = re.findall(r"`bgs-bot (\w+)", text_of(page))
    assert set(named) <= set(bgs_bot.list_commands(bgs_bot.make_context("bgs-bot", ["demo"])))


@pytest.mark.parametrize("page", PAGES)
def test_a_setting_that_is_named_is_one_of_the_bot(page: str) -> None:
    known = {each.name for each in describe_settings()}
    known |= {f"{each.name}_FILE" for each in describe_settings() if each.secret}
    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", text_of(page))) <= known


def test_the_licence_is_the_one_that_the_package_names() -> None:
    assert text_of("LICENSE").startswith(f"{PROJECT['license']} License\n")
    assert "WITHOUT WARRANTY OF ANY KIND" in text_of("LICENSE")


def test_contributors_run_the_tests_as_the_readme_says() -> None:
    assert marked("CONTRIBUTING.md", "test-command") == marked("README.md", "test-command")


@pytest.mark.parametrize("mark", ["style-command", "types-command"])
def test_ci_asks_for_what_contributors_are_told_to_run(mark: str) -> None:
    for command in marked("CONTRIBUTING.md", mark).split(" && "):
        program = re.sub(r" (--fix|\.)(?= |$)", "", command)
        assert re.search(rf"^{re.escape(program)}( |$)", CI, re.M), command


def test_hooks_are_local_and_ask_for_what_ci_asks_for() -> None:
    config: dict[str, Any] = yaml.safe_load(text_of(".pre-commit-config.yaml"))
    assert [each["repo"] for each in config["repos"]] == ["local"]
    hooks = config["repos"][0]["hooks"]
    assert [each["language"] for each in hooks] == ["system"] * len(hooks)
    asked = re.findall(r"^(\.venv/bin/(?:ruff \w+|mypy))", CI, re.M)
    assert [each["entry"] for each in hooks] == asked


def test_tools_of_the_hooks_are_installed_for_contributors() -> None:
    extra = " ".join(PROJECT["optional-dependencies"]["test"])
    assert {"ruff", "mypy"} <= set(re.findall(r"[\w-]+", extra))
