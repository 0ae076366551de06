"""What a server is told of its link, whatever the squadrons are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from bot.guilds.directory import Standing
from bot.tenants import Tenant
from bot.ui import link_texts
from tests.rendering import judge
from tests.rendering.hostile import hostile_names

WOLVES = Tenant("wolves", "Wolves", "sqlite://", Path(), link_key="s3cret-key")


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing(), "`/tenant link`"),
        (Standing(source="link", off=True), "is switched off for now"),
        (Standing(source="link"), "is gone"),
        (Standing(source="file", off=True), "switched off for now. Ask them"),
        (Standing(source="file"), "has faults. Ask them"),
    ],
)
def test_a_server_that_sees_nothing_learns_why_and_what_to_do(
    standing: Standing, words: str
) -> None:
    assert words in link_texts.nothing_seen(standing)


def test_the_form_asks_for_one_text_and_fits() -> None:
    form = link_texts.key_form().to_dict()
    assert form["custom_id"] == "bgs:m:link_key"
    assert len(form["title"]) <= 45
    ((label,),) = [[each] for each in form["components"]]
    assert label["component"]["custom_id"] == link_texts.KEY_INPUT
    assert len(label["label"]) <= 45
    assert len(label["description"]) <= 100


@given(hostile_names)
def test_any_squadrons_name_fits_and_does_nothing(name: str) -> None:
    tenant = replace(WOLVES, name=name)
    for screen in (
        link_texts.linked(tenant, name),
        link_texts.same_already(tenant),
        link_texts.unlinked(name),
        link_texts.ask_to_replace("v" * 22, tenant, tenant),
    ):
        payload: dict[str, Any] = {
            "content": screen.content,
            "allowed_mentions": {"parse": []},
        }
        assert judge.faults(payload) == []
        assert "s3cret" not in str(payload)
        assert judge.kinds(str(screen.content)) <= judge.kinds("**bold** and `code`")
