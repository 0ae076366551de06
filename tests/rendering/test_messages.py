"""The body of a request: what a route's settings do to it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rendering import Message, RenderContext, limits, render
from bot.tenants import Style
from tests.rendering import hostile, judge, samples

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from bot.reports.results import Result

PLAIN = Message(content="Hello")


def test_a_plain_message_pings_nobody_and_says_nothing_else() -> None:
    assert PLAIN.payload() == {"content": "Hello", "allowed_mentions": {"parse": []}}


def test_a_silent_message_carries_the_flag() -> None:
    assert PLAIN.payload(silent=True)["flags"] == 4096


def test_a_forum_post_has_name_and_tags() -> None:
    body = PLAIN.payload(thread_name="Week 37", tags=["11", "11", "x", *"3456789"])
    assert body["thread_name"] == "Week 37"
    assert body["applied_tags"] == ["11", "3", "4", "5", "6"]
    assert "applied_tags" not in PLAIN.payload(tags=["1"])
    assert judge.utf16(PLAIN.payload(thread_name="😀" * 90)["thread_name"]) <= 100
    assert "thread_name" not in PLAIN.payload(thread_name=" ")


@pytest.mark.parametrize("name", ["Discord News", "my dISCORD", "Clyde", "everyone", "here"])
def test_a_username_that_discord_refuses_is_left_out_and_logged(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="bot"):
        assert "username" not in PLAIN.payload(username=name)
    assert name in caplog.text


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.org/a.png", True),
        ("http://example.org/a.png", True),
        ("ftp://example.org/a.png", False),
        ("https://", False),
        ("https://[broken", False),
        ("https://example.org/" + "a" * 2100, False),
        ("not an address", False),
    ],
)
def test_only_a_web_address_becomes_an_avatar(address: str, *, kept: bool) -> None:
    assert ("avatar_url" in PLAIN.payload(avatar_url=address)) is kept


@pytest.mark.parametrize("logo", ["http://example.org/a.png", "example.org", "", None])
def test_a_logo_that_is_no_https_address_is_left_out(logo: str | None) -> None:
    (message,) = render(samples.DAILY, RenderContext("Wolves", logo), Style.EMBED)
    assert message.payload()["embeds"][0]["author"] == {"name": "Wolves"}


def test_a_colour_of_the_tenants_own_is_used() -> None:
    (message,) = render(samples.DAILY, RenderContext("W", colour=0x123456), Style.EMBED)
    assert message.payload()["embeds"][0]["color"] == 0x123456


def test_each_report_has_its_own_colour() -> None:
    results = (samples.DAILY, samples.SPACE, samples.GROUND)
    posts = [render(result, samples.WOLVES, Style.EMBED)[0].payload() for result in results]
    assert len({post["embeds"][0]["color"] for post in posts}) == 3


@given(
    hostile.hostile_names,
    hostile.hostile_names,
    hostile.hostile_names,
    st.lists(hostile.hostile_names | st.integers(0, 2**63).map(str), max_size=8),
)
def test_any_setting_of_a_route_gives_a_body_that_discord_accepts(
    webhook_body: Draft202012Validator, username: str, avatar: str, thread: str, tags: list[str]
) -> None:
    body = PLAIN.payload(username=username, avatar_url=avatar, thread_name=thread, tags=tags)
    assert judge.faults(body) == []
    assert list(webhook_body.iter_errors(body)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"content": "x" * 2001}, "content: 2001"),
        ({"content": "😀" * 1001}, "content: 2002"),
        ({"content": " "}, "empty"),
        ({"embeds": [{"title": "x"}] * 11}, "embeds: 11"),
        ({"embeds": [{"description": "x" * 3001}] * 2}, "6002"),
        ({"embeds": [{"fields": [{"name": "x", "value": " "}]}]}, "value is blank"),
        ({"embeds": [{"fields": [{"name": "x", "value": "y"}] * 26}]}, "fields: 26"),
        ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "footer: 2049"),
        ({"embeds": [{"author": {"name": "x" * 257}}]}, "author: 257"),
    ],
)
def test_a_broken_limit_is_named(body: dict[str, Any], fault: str) -> None:
    assert any(fault in sentence for sentence in limits.excess(body))


@given(hostile.results)
def test_the_drawing_and_its_judge_measure_alike(result: Result) -> None:
    for style in Style:
        for message in render(result, samples.WOLVES, style):
            assert limits.excess(message.payload()) == ()
