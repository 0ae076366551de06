"""What an added report says is drawn by every style, whatever the names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.rendering import RenderContext, quiet_day, render
from bot.rendering.letters import Manner, letters
from bot.rendering.terminal import payload_text, table
from bot.reports.api import ranked
from bot.reports.results import ListResult
from bot.tenants import Style
from tests.added import KEY, added
from tests.rendering import hostile, judge, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT = RenderContext("Wolves")
FIGURES = {"Ada": 1, "Bo": 1_234_567, "Cy": 3}
RESULT = ListResult(
    samples.YESTERDAY,
    (
        ranked("missions", "Failed Most", FIGURES, unit="mission", units="missions"),
        ranked("fines", "Fined Most", {"Ada": 5000}, unit="Cr"),
        ranked("plain", "Counted", {"Wolves": 2}, noun="faction"),
    ),
    ("mission_failed_event.fine",),
    "2026-11-25T18:00:00Z",
    KEY,
)
HOSTILE = ListResult(
    samples.YESTERDAY,
    tuple(
        ranked(
            f"s{number}",
            "**" + "T" * 58,
            dict.fromkeys(hostile.NAMES, 10**40),
            unit="u" * 24,
            noun="n" * 24,
            nouns="n" * 24,
        )
        for number in range(3)
    ),
    report=KEY,
)


@pytest.fixture(autouse=True)
def example() -> Iterator[None]:
    """The example's report, so that it has a title."""
    with added():
        yield


def drawn(style: Style, result: ListResult = RESULT) -> str:
    return "\n".join(payload_text(message.payload()) for message in render(result, CONTEXT, style))


def test_an_embed_has_the_reports_own_title_sign_and_colour() -> None:
    (message,) = render(RESULT, CONTEXT, Style.EMBED)
    (embed,) = message.payload()["embeds"]
    assert embed["title"] == f"❌ Missions Failed · {samples.YESTERDAY.label}"
    assert embed["color"] == 0xD83C3E
    assert [(field["name"], field["value"]) for field in embed["fields"]] == [
        (
            "❌ Failed Most · 3 CMDRs · 1.23 M missions",
            "🥇 Bo · **1.23 M missions**\n🥈 Cy · **3 missions**\n🥉 Ada · **1 mission**",
        ),
        ("❌ Fined Most · 1 CMDR · 5,000 Cr", "🥇 Ada · **5,000 Cr**"),
        ("❌ Counted · 1 faction · 2", "🥇 Wolves · **2**"),
    ]
    assert "Not in the database: mission_failed_event.fine" in embed["footer"]["text"]


def test_the_classic_text_has_a_table_for_each_list() -> None:
    text = drawn(Style.CLASSIC)
    assert text.startswith(f"❌ Missions Failed for {samples.YESTERDAY.label} (UTC) - Wolves")
    assert "1. Bo                   |       1,234,567 missions" in text
    assert "1. Ada                  |           5,000 Cr" in text


def test_the_terminal_has_exact_figures() -> None:
    text = table(RESULT, "Wolves")
    assert "Failed Most (3 CMDRs, 1,234,571 missions)" in text
    assert "#  CMDR   Missions\n-  ----  ---------\n1  Bo    1,234,567" in text
    assert "#  Faction  Figure" in text


def test_letters_to_other_services_have_the_tables() -> None:
    (letter,) = letters(RESULT, "Wolves", Manner("text", 10_000, 200))
    assert letter.title.startswith("Missions Failed")
    assert "1  Bo    1,234,567" in letter.body


@pytest.mark.parametrize("style", Style)
def test_discord_takes_it_whatever_the_names(style: Style) -> None:
    posts = [message.payload() for message in render(HOSTILE, CONTEXT, style)]
    assert posts
    for post in [*posts, quiet_day(HOSTILE, CONTEXT, style).payload()]:
        assert judge.faults(post) == []


@pytest.mark.parametrize("style", Style)
def test_a_quiet_day_is_told_under_the_reports_title(style: Style) -> None:
    empty = ListResult(samples.YESTERDAY, (), report=KEY)
    assert render(empty, CONTEXT, style) == ()
    text = payload_text(quiet_day(empty, CONTEXT, style).payload())
    assert "❌ Missions Failed" in text
    assert "A quiet day: nothing to report" in text


def test_a_report_that_is_not_there_any_more_goes_by_its_key() -> None:
    gone = ListResult(samples.YESTERDAY, RESULT.sections, report="gonereport")
    assert "📋 Gonereport" in drawn(Style.EMBED, gone)
