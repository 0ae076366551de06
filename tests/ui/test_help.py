"""What /help says to a squadron, to a stranger and to one that is switched off."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import discord
import pytest
from discord import app_commands
from hypothesis import given

from bot.guilds.directory import Standing
from bot.tenants import ReportConfig, Route, Tenant
from bot.tenants.model import WebhookUrl
from bot.ui.help_texts import help_screen
from tests.rendering import judge
from tests.rendering.hostile import hostile_names

if TYPE_CHECKING:
    from bot.ui.reply import Screen

NOW = datetime(2025, 9, 12, 0, 0, 30, tzinfo=UTC)
ROUTE = Route(
    "shoutout",
    WebhookUrl("https://discord.com/api/webhooks/1/s3cret", "1", "s3cret", "discord.com"),
)
WOLVES = Tenant(
    "wolves",
    "Wolves",
    "sqlite://",
    Path(),
    routes={"shoutout": (ROUTE,)},
    reports={"groundcz": ReportConfig(enabled=False)},
)


@app_commands.command(
    description="Space conflict zones",
    extras={"report": "spacecz", "example": "/spacecz period:Today"},
)
async def spacecz(interaction: discord.Interaction[Any]) -> None:
    """Do nothing."""


@app_commands.command(description="Ground conflict zones", extras={"report": "groundcz"})
async def groundcz(interaction: discord.Interaction[Any]) -> None:
    """Do nothing."""


@app_commands.command(description="Link this server")
async def link(interaction: discord.Interaction[Any]) -> None:
    """Do nothing."""


TENANT = app_commands.Group(
    name="tenant",
    description="This server's squadron",
    default_permissions=discord.Permissions(manage_guild=True),
)
TENANT.add_command(link)
COMMANDS: list[app_commands.Command[Any, ..., Any]] = [spacecz, groundcz, link]


def text_of(screen: Screen) -> str:
    """All words of a screen, as they are sent."""
    (embed,) = screen.embeds
    fields = [f"{field.name}\n{field.value}" for field in embed.fields]
    return "\n".join([embed.title or "", embed.description or "", *fields])


def test_a_squadron_sees_its_commands_with_an_example() -> None:
    text = text_of(help_screen(Standing(WOLVES, "file"), COMMANDS, NOW))

    assert "for Wolves" in text
    assert "`/spacecz` Space conflict zones" in text
    assert "`/spacecz period:Today`" in text
    assert "With the permission Manage Server\n`/tenant link`" in text


def test_a_report_that_is_switched_off_is_not_offered() -> None:
    text = text_of(help_screen(Standing(WOLVES, "file"), COMMANDS, NOW))

    assert "/groundcz" not in text
    assert "Ground CZ Summary: switched off" in text


def test_the_next_night_is_told_in_the_readers_own_time() -> None:
    text = text_of(help_screen(Standing(WOLVES, "file"), COMMANDS, NOW))
    tomorrow = int(datetime(2025, 9, 13, tzinfo=UTC).timestamp())
    in_half_a_minute = int(datetime(2025, 9, 12, 0, 1, tzinfo=UTC).timestamp())

    assert f"Daily Summary at <t:{tomorrow}:t>" in text
    assert f"Space CZ Summary at <t:{in_half_a_minute}:t>" in text


def test_a_report_without_a_webhook_is_told_as_such() -> None:
    text = text_of(help_screen(Standing(replace(WOLVES, routes={}), "link"), COMMANDS, NOW))

    assert "Daily Summary: on, but there is no webhook to post it to" in text


def test_a_server_without_a_squadron_learns_how_to_get_one() -> None:
    text = text_of(help_screen(Standing(), COMMANDS, NOW))

    assert "`/tenant link`" in text
    assert "Once this server is linked\n`/spacecz`" in text
    assert "Every night" not in text


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing(source="link", off=True), "switched off at the moment"),
        (Standing(source="file", off=True), "switched off at the moment"),
        (Standing(source="file"), "not set up right"),
        (Standing(source="link"), "not linked"),
    ],
)
def test_a_server_that_sees_nothing_learns_why(standing: Standing, words: str) -> None:
    assert words in text_of(help_screen(standing, COMMANDS, NOW))


def test_help_gives_nothing_secret_away() -> None:
    assert "s3cret" not in text_of(help_screen(Standing(WOLVES, "file"), COMMANDS, NOW))


@given(hostile_names)
def test_any_squadrons_name_fits_and_does_nothing(name: str) -> None:
    screen = help_screen(Standing(replace(WOLVES, name=name), "file"), COMMANDS, NOW)

    (embed,) = screen.embeds
    payload = {"embeds": [embed.to_dict()], "allowed_mentions": {"parse": []}}
    assert judge.faults(payload) == []
    assert judge.kinds(embed.description or "") == set()
    assert judge.names(judge.shown(embed.description or ""), name)


def test_more_commands_than_fit_are_cut_between_lines() -> None:
    many: list[app_commands.Command[Any, ..., Any]] = [
        app_commands.Command(name=f"command{number}", description="d" * 90, callback=_nothing)
        for number in range(30)
    ]
    (embed,) = help_screen(Standing(WOLVES, "file"), many, NOW).embeds

    payload = {"embeds": [embed.to_dict()], "allowed_mentions": {"parse": []}}
    assert judge.faults(payload) == []


async def _nothing(interaction: discord.Interaction[Any]) -> None:
    """Do nothing."""
