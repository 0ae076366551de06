"""Every block of configuration is read by what will read it."""

from __future__ import annotations

import ast
import configparser
import importlib
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values

from bot.settings import describe_settings, load_settings
from bot.tenants.entry import parse_tenant
from bot.tenants.routes import ROUTE_KEYS
from tests.docs.pages import SHELL, Block, blocks

SHOWN = ("text",)
"""Languages of what is only shown."""
READ = ("env", "ini", "json", "python", "sql", "toml", "yaml")
TENANT = {"name": "Wolves", "db_uri": "sqlite:///db/wolves.db"}


def place(block: Block) -> str:
    return block.place


def test_every_block_says_what_it_is() -> None:
    known = {*SHELL, *SHOWN, *READ}
    assert [block.place for block in blocks() if block.language not in known] == []


@pytest.mark.parametrize("block", blocks("json"), ids=place)
def test_json_is_a_tenant_file_an_entry_a_route_or_a_part_of_an_entry(block: Block) -> None:
    for entry in entries_of(json.loads(block.text)):
        tenant, problems = parse_tenant(
            entry, "here", base_dir=Path(), webhook_hosts=("discord.com",)
        )

        assert tenant is not None
        assert [str(each) for each in problems if each.level == "error"] == []
        assert [str(each) for each in problems if "no effect" in str(each)] == []


def entries_of(found: Any) -> list[dict[str, Any]]:
    if isinstance(found, list):
        return found
    if found.keys() <= set(ROUTE_KEYS):
        return [{**TENANT, "discord_webhooks": {"shoutout": found}}]
    return [{**TENANT, **found}]


@pytest.mark.parametrize("block", blocks("env"), ids=place)
def test_settings_are_settings_with_good_values(block: Block, tmp_path: Path) -> None:
    values = {
        name: value or "" for name, value in dotenv_values(stream=io.StringIO(block.text)).items()
    }
    in_files = {f"{each.name}_FILE" for each in describe_settings() if each.secret}
    for name in values.keys() & in_files:
        secret = tmp_path / name
        secret.write_text("sqlite:///state.db" if name.startswith("STATE") else "a-token")
        values[name] = str(secret)

    assert values.keys() - in_files - {each.name for each in describe_settings()} == set()
    load_settings(base_dir=tmp_path, env=values)


def test_units_and_ini_files_can_be_read() -> None:
    for block in blocks("ini"):
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.read_string(block.text)
        assert parser.sections(), block.place


def test_yaml_can_be_read() -> None:
    for block in blocks("yaml"):
        assert yaml.safe_load(block.text), block.place


def test_toml_can_be_read() -> None:
    for block in blocks("toml"):
        assert tomllib.loads(block.text), block.place


@pytest.mark.parametrize("block", blocks("python"), ids=place)
def test_python_compiles_and_imports_what_there_is(block: Block) -> None:
    tree = ast.parse(block.text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("bot", "cogs")):
            module = importlib.import_module(node.module or "")
            assert [each.name for each in node.names if not hasattr(module, each.name)] == []
