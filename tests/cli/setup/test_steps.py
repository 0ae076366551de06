"""What to do after ``init``, by what is there then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bot.cli.setup.steps import invitation, next_steps


def told(**changes: Any) -> str:
    """Return the steps after a squadron was added to nothing, without a token."""
    usual: dict[str, Any] = {
        "entry": {"id": "wolves"},
        "tenant_file": None,
        "alone": True,
        "has_token": False,
        "application": "",
        "linked": False,
    }
    return "\n".join(next_steps(**usual | changes))


def test_without_a_token_the_schedule_is_named_and_no_link() -> None:
    text = told()
    assert "bgs-bot schedule " in text
    assert "bgs-bot run" not in text
    assert "/tenant link" not in text


def test_with_a_token_the_bot_is_named_and_how_to_link() -> None:
    text = told(has_token=True)
    assert "bgs-bot run " in text
    assert "/tenant link" in text
    assert "https://" not in text


def test_a_server_that_is_linked_needs_no_link() -> None:
    assert "/tenant link" not in told(has_token=True, linked=True)


def test_one_of_several_squadrons_is_previewed_alone() -> None:
    assert "preview daily --tenant wolves " in told(alone=False)


def test_another_tenant_file_is_in_every_command() -> None:
    text = told(tenant_file=Path("my files/t.json"))
    assert text.count("--tenant-file 'my files/t.json'") == 3


def test_the_invitation_asks_for_four_permissions() -> None:
    assert invitation("42") == (
        "https://discord.com/oauth2/authorize"
        "?client_id=42&scope=bot+applications.commands&permissions=84992"
    )
    assert bin(84992).count("1") == 4
