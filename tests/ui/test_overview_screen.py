"""How /tenant show looks, whatever it has to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given

from bot.delivery.ledger import PartState
from bot.tenants import Tenant
from bot.ui.overview import Delivery, NextPost, Overview, Refused
from bot.ui.overview_screen import STATES, overview_screen
from tests.rendering import judge
from tests.rendering.hostile import hostile_names

NOON = datetime(2025, 9, 12, 12, tzinfo=UTC)
STAMP = int(NOON.timestamp())
LINK = "https://discord.com/channels/1234567890123456789/1234567890123456789/1234567890123456789"
TENANT = Tenant("wolves", "Wolves", "sqlite://", Path(), faction_name="Wolves of Lupus")
OVERVIEW = Overview(TENANT, "link", NOON, None, (NextPost("daily", NOON),), (), ())


def fields_of(overview: Overview) -> dict[str, str]:
    """The fields by their names; what is shown is fit to be sent."""
    (embed,) = overview_screen(overview).embeds
    payload = {"embeds": [embed.to_dict()], "allowed_mentions": {"parse": []}}
    assert judge.faults(payload) == []
    return {str(field.name): str(field.value) for field in embed.fields}


def test_a_squadron_that_has_not_posted_yet_is_shown_without_troubles() -> None:
    assert fields_of(OVERVIEW) == {
        "Faction": "Wolves of Lupus",
        "This server": "linked with `/tenant link`",
        "Newest event": f"<t:{STAMP}:f> (<t:{STAMP}:R>)",
        "Next posts": f"Daily Summary: <t:{STAMP}:R>",
        "Last posts": "none yet",
    }


def test_what_is_not_there_is_said() -> None:
    bare = replace(OVERVIEW, tenant=replace(TENANT, faction_name=None), newest=None, next_posts=())
    fields = fields_of(bare)
    assert (fields["Faction"], fields["Newest event"]) == ("not set", "none yet")
    assert fields["Next posts"] == "none"


def test_a_database_in_trouble_is_named_in_its_place() -> None:
    fields = fields_of(replace(OVERVIEW, newest=None, trouble="I can't read it."))
    assert fields["Newest event"] == "⚠️ I can't read it."


@pytest.mark.parametrize("state", PartState)
def test_every_state_of_a_post_has_words(state: PartState) -> None:
    delivery = Delivery("spacecz", "2025-09-11", state, NOON, LINK)
    (line, below) = fields_of(replace(OVERVIEW, deliveries=(delivery,)))["Last posts"].split("\n")
    assert line == f"[Space CZ Summary · 2025-09-11]({LINK})"
    assert below == f"-# {STATES[state]} <t:{STAMP}:R>"


def test_more_than_fits_is_left_out_by_whole_lines() -> None:
    delivery = Delivery("daily", "2025-09-11 to 2025-09-12", PartState.SENT, NOON, LINK)
    shown = fields_of(replace(OVERVIEW, deliveries=(delivery,) * 20))["Last posts"]
    lines = shown.split("\n")
    assert len(lines) >= 8
    assert {line[0] for line in lines[::2]} == {"["}
    assert all(line.endswith(":R>") for line in lines[1::2])


@given(hostile_names)
def test_any_name_or_reason_fits_and_does_nothing(name: str) -> None:
    hostile = replace(
        OVERVIEW,
        tenant=replace(TENANT, name=name, faction_name=name, faction_logo=name),
        deliveries=(Delivery(name, name, PartState.BROKEN, NOON),) * 6,
        refused=(Refused(name, NOON, name),) * 5,
    )
    fields = fields_of(hostile)
    (embed,) = overview_screen(hostile).embeds
    assert judge.kinds(embed.title or "") == set()
    assert judge.kinds(fields["Faction"]) == set()
