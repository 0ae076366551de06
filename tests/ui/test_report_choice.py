"""Reports as the option of a command: choices, and suggestions where there are too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from discord import app_commands

from bot.reports import registry
from bot.ui.errors import Refusal
from bot.ui.report_choice import MOST_CHOICES, offer_reports, require_report, suggest_reports

if TYPE_CHECKING:
    from collections.abc import Iterator

    import discord


def fail(_source: object) -> Any:
    raise AssertionError("nobody asks for it")


@pytest.fixture
def many() -> Iterator[list[str]]:
    """More reports than Discord takes choices."""
    keys = [f"report{number}" for number in range(MOST_CHOICES)]
    for key in keys:
        registry.register(registry.Report(key, f"Title of {key}", fail))
    yield keys
    for key in keys:
        registry.unregister(key)


def command() -> app_commands.Command[Any, ..., Any]:
    @app_commands.command(name="ask", description="Ask for a report")
    @offer_reports("name")
    async def ask(interaction: discord.Interaction[Any], name: str) -> None: ...

    return ask


def test_few_reports_are_choices() -> None:
    option = command().get_parameter("name")
    assert option is not None
    assert [choice.value for choice in option.choices] == list(registry.keys())
    assert not option.autocomplete


async def test_more_than_discord_takes_are_suggested(many: list[str]) -> None:
    option = command().get_parameter("name")
    assert option is not None
    assert option.choices == []
    assert option.autocomplete
    interaction: Any = None
    assert len(await suggest_reports(interaction, "")) == MOST_CHOICES
    found = await suggest_reports(interaction, " OF Report24 ")
    assert [(choice.name, choice.value) for choice in found] == [("Title of report24", "report24")]
    assert [choice.value for choice in await suggest_reports(interaction, "groundcz")] == [
        "groundcz"
    ]


def test_a_report_that_is_not_there_is_refused() -> None:
    require_report("daily")
    with pytest.raises(Refusal, match="no such report"):
        require_report("nosuch")
