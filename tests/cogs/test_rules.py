"""Rules for every command of every cog, also for next year's."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from typing import TYPE_CHECKING, Any

import pytest
from discord import AppCommandOptionType, app_commands
from discord.ext import commands

import cogs
from bot.client import ReportBot
from bot.sandbox.rules.commands import command_list_problems
from bot.settings import load_settings
from bot.tenants import TenantRegistry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AnyCommand = app_commands.Command[Any, ..., Any]

MODULES = sorted(module.name for module in pkgutil.iter_modules(cogs.__path__))
GUILD_INSTALL = IN_GUILDS = 0
TOTAL_LENGTH = 8000
OPTION_TEXT = 6000
NAME_LENGTH, DESCRIPTION_LENGTH, CHOICES = 32, 100, 25


def cog_classes() -> list[type[commands.Cog]]:
    """Every cog's class."""
    found = []
    for name in MODULES:
        module = importlib.import_module(f"{cogs.__name__}.{name}")
        found += [
            member
            for member in vars(module).values()
            if inspect.isclass(member)
            and issubclass(member, commands.Cog)
            and member.__module__ == module.__name__
        ]
    return found


@pytest.fixture
def bot(tmp_path: Path) -> ReportBot:
    """The bot with all commands in its tree; it is not started."""
    (tmp_path / "tenant.json").write_text("[]")
    settings = load_settings(base_dir=tmp_path, env={})
    bot = ReportBot(settings, TenantRegistry.load(settings.tenant_file))
    for cog_class in cog_classes():
        cog: Any = cog_class(bot)
        for command in cog.get_app_commands():
            bot.tree.add_command(command)
    return bot


@pytest.fixture
def every(bot: ReportBot) -> list[AnyCommand]:
    """Every command, those in groups too."""
    found = [each for each in bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
    assert {"summary", "spacecz", "groundcz", "help"} <= {each.qualified_name for each in found}
    return found


@pytest.fixture
def definitions(bot: ReportBot) -> list[dict[str, Any]]:
    """Every command as Discord is told of it."""
    return [dict(command.to_dict(bot.tree)) for command in bot.tree.get_commands()]


def test_each_module_adds_its_cog() -> None:
    for name in MODULES:
        module = importlib.import_module(f"{cogs.__name__}.{name}")
        assert inspect.iscoroutinefunction(module.setup), name
    assert len(cog_classes()) >= len(MODULES)


def test_discord_takes_all_commands(definitions: list[dict[str, Any]]) -> None:
    assert list(command_list_problems(definitions)) == []


def test_commands_are_for_guilds_only(definitions: list[dict[str, Any]]) -> None:
    for definition in definitions:
        assert definition["integration_types"] == [GUILD_INSTALL], definition["name"]
        assert definition["contexts"] == [IN_GUILDS], definition["name"]
        assert not definition["nsfw"]


def test_commands_are_small_enough(definitions: list[dict[str, Any]]) -> None:
    for definition in definitions:
        texts = list(_texts(definition))
        assert sum(map(len, texts)) < TOTAL_LENGTH, definition["name"]
        options = sum(len(text) for option in definition["options"] for text in _texts(option))
        assert options < OPTION_TEXT, definition["name"]
        assert len(json.dumps(definition)) < TOTAL_LENGTH, definition["name"]


def test_commands_and_options_are_described_in_a_few_plain_words(every: list[AnyCommand]) -> None:
    for command in every:
        described = {command.qualified_name: command.description}
        for option in command.parameters:
            described[f"{command.qualified_name} {option.name}"] = str(option.description)
        for name, text in described.items():
            assert 4 < len(text) <= DESCRIPTION_LENGTH, name
            assert text[0].isupper(), name
            assert not text.endswith("."), name
            assert text.isprintable(), name


def test_names_are_words_that_players_type(every: list[AnyCommand]) -> None:
    for command in every:
        for name in (*command.qualified_name.split(), *(each.name for each in command.parameters)):
            assert name.isascii()
            assert name.isalpha()
            assert name == name.lower()
            assert len(name) <= NAME_LENGTH


def test_typed_options_have_a_greatest_length(every: list[AnyCommand]) -> None:
    for command in every:
        for option in command.parameters:
            if option.type is AppCommandOptionType.string and not option.choices:
                assert option.max_value is not None, f"{command.qualified_name} {option.name}"


def test_choices_are_named_and_not_too_many(every: list[AnyCommand]) -> None:
    for command in every:
        for option in command.parameters:
            names = [choice.name for choice in option.choices]
            values = [choice.value for choice in option.choices]
            assert len(names) <= CHOICES
            assert len(set(names)) == len(names)
            assert len(set(values)) == len(values)
            assert all(1 <= len(name) <= 100 for name in names)


def test_options_that_must_be_given_come_first(every: list[AnyCommand]) -> None:
    for command in every:
        required = [option.required for option in command.parameters]
        assert required == sorted(required, reverse=True), command.qualified_name


def test_what_changes_a_server_needs_manage_server(every: list[AnyCommand]) -> None:
    for command in every:
        root = command.root_parent or command
        if root.name in ("tenant", "post"):
            assert root.default_permissions is not None
            assert root.default_permissions.manage_guild, command.qualified_name


def _texts(definition: dict[str, Any]) -> Iterator[str]:
    """Yield what counts towards the length of a command or option."""
    yield definition["name"]
    yield definition.get("description", "")
    for choice in definition.get("choices", ()):
        yield choice["name"]
        yield str(choice["value"])
    for option in definition.get("options", ()):
        yield from _texts(option)
