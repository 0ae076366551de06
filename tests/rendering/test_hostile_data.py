"""Whatever the data, a post is accepted, complete, silent and plain."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings

from bot.rendering import RenderContext, quiet_day, render
from bot.reports.results import (
    CzCmdr,
    CzCounts,
    CzResult,
    CzSettlement,
    CzSystem,
    DailyResult,
    Row,
    Section,
    SectionKey,
)
from bot.tenants import Style
from tests.rendering import hostile, judge, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import Draft202012Validator

    from bot.reports.results import Result

EVERY_NAME = DailyResult(
    samples.YESTERDAY,
    (
        Section(
            SectionKey.INFLUENCE,
            "Influence by Faction",
            len(hostile.NAMES),
            len(hostile.NAMES),
            1,
            tuple(
                Row(rank, name, 5 - rank, None, hostile.NAMES[-rank])
                for rank, name in enumerate(hostile.NAMES, start=1)
            ),
        ),
    ),
)
EVERY_SYSTEM = CzResult(
    "groundcz",
    EVERY_NAME.window,
    tuple(
        CzSystem(
            name,
            CzCounts(1, 2, 3, 4),
            tuple(CzCmdr(cmdr, CzCounts(1)) for cmdr in hostile.NAMES[index::9]),
            tuple(CzSettlement(place, 1) for place in hostile.NAMES[index::-9]),
        )
        for index, name in enumerate(hostile.NAMES)
    ),
)
CONTEXT = RenderContext("Wolves", "https://example.org/logo.png")


def payloads(result: Result, context: RenderContext, style: Style) -> list[dict[str, Any]]:
    return [message.payload() for message in render(result, context, style)]


def embeds(posts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return chain.from_iterable(post["embeds"] for post in posts)


def field_lines(posts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Each line of each field as a reader sees it, under its field's name."""
    return [
        (judge.shown(field["name"]), line)
        for embed in embeds(posts)
        for field in embed.get("fields", [])
        for line in judge.shown(field["value"]).split("\n")
    ]


@pytest.mark.parametrize("style", Style)
@given(result=hostile.results, context=hostile.contexts)
@example(result=EVERY_NAME, context=CONTEXT)
@example(result=EVERY_SYSTEM, context=RenderContext("```" * 300))
@settings(max_examples=40)
def test_discord_accepts_every_payload(
    webhook_body: Draft202012Validator, result: Result, context: RenderContext, style: Style
) -> None:
    posts = payloads(result, context, style)
    assert posts
    for post in [*posts, quiet_day(result, context, style).payload()]:
        assert judge.faults(post) == []
        assert [error.message for error in webhook_body.iter_errors(post)] == []


@given(result=hostile.daily_results, context=hostile.contexts)
@example(result=EVERY_NAME, context=CONTEXT)
@settings(max_examples=50)
def test_every_row_of_a_daily_embed_is_there_in_order(
    result: DailyResult, context: RenderContext
) -> None:
    lines = field_lines(payloads(result, context, Style.EMBED))
    wanted: list[tuple[str, tuple[str, ...]]] = []
    for section in result.sections:
        wanted += (
            (section.title, (row.cmdr, *([row.faction or ""] * (row.faction is not None))))
            for row in section.rows
        )
        if section.rows_in_all > len(section.rows):
            wanted.append((section.title, (f"and {section.rows_in_all - len(section.rows)} more",)))
    assert len(lines) == len(wanted)
    for (field, line), (title, names) in zip(lines, wanted, strict=True):
        assert judge.names(field, title)
        assert all(judge.names(line, name) for name in names)


@given(result=hostile.cz_results, context=hostile.contexts)
@example(result=EVERY_SYSTEM, context=CONTEXT)
@settings(max_examples=50)
def test_every_system_cmdr_and_settlement_of_a_cz_embed_is_there_in_order(
    result: CzResult, context: RenderContext
) -> None:
    lines = field_lines(payloads(result, context, Style.EMBED))
    wanted: list[tuple[str, str]] = []
    for system in result.systems:
        inside = [
            *(cmdr.cmdr for cmdr in system.cmdrs),
            *(place.settlement for place in system.settlements),
        ]
        wanted += ((system.system, name) for name in inside or ["No CMDR is named."])
    assert len(lines) == len(wanted)
    for (field, line), (title, name) in zip(lines, wanted, strict=True):
        assert judge.names(field, title)
        assert judge.names(line, name), (ascii(line), ascii(name))


@given(result=hostile.results, context=hostile.contexts)
@example(result=EVERY_NAME, context=CONTEXT)
@example(result=EVERY_SYSTEM, context=CONTEXT)
@settings(max_examples=50)
def test_no_name_formats_links_mentions_or_reorders_an_embed(
    result: Result, context: RenderContext
) -> None:
    for embed in embeds(payloads(result, context, Style.EMBED)):
        for text in (embed.get("title", ""), *(f["name"] for f in embed.get("fields", []))):
            assert judge.kinds(text) == set()
        values = [field["value"] for field in embed.get("fields", [])]
        for text in (embed.get("description", "**x**"), *values):
            assert judge.kinds(text) <= {"strong"}
        unformatted = [
            embed.get("author", {}).get("name", ""),
            embed.get("footer", {}).get("text", ""),
        ]
        for text in (*values, *unformatted):
            assert not any(judge.reorders(line) for line in text.split("\n"))


@given(result=hostile.results, context=hostile.contexts)
@example(result=EVERY_NAME, context=CONTEXT)
@example(result=EVERY_SYSTEM, context=CONTEXT)
@settings(max_examples=50)
def test_no_name_leaves_its_code_block_or_formats_a_classic_post(
    result: Result, context: RenderContext
) -> None:
    for post in payloads(result, context, Style.CLASSIC):
        outside, inside = judge.blocks(post["content"])
        for text in outside:
            allowed = {"strong", "subtext", "code", "emoji"}
            assert judge.kinds(text) <= allowed
            emoji = {piece.text for piece in judge.read(text) if piece.kind == "emoji"}
            assert emoji <= {":rocket:", ":gun:"}
        assert not any(map(judge.reorders, post["content"].split("\n")))
        assert all(block.strip() for block in inside)


@given(result=hostile.daily_results, context=hostile.contexts)
@example(result=EVERY_NAME, context=CONTEXT)
@settings(max_examples=50)
def test_every_row_of_a_classic_daily_post_is_there_in_order(
    result: DailyResult, context: RenderContext
) -> None:
    lines = _block_lines(payloads(result, context, Style.CLASSIC))
    rows = [row for section in result.sections for row in section.rows]
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert line.startswith(f"{row.rank}. ")
        assert judge.names(line, row.cmdr, "...", 7)


@given(result=hostile.cz_results, context=hostile.contexts)
@example(result=EVERY_SYSTEM, context=CONTEXT)
@settings(max_examples=50)
def test_every_system_cmdr_and_settlement_of_a_classic_cz_post_is_there_in_order(
    result: CzResult, context: RenderContext
) -> None:
    posts = payloads(result, context, Style.CLASSIC)
    headings = [
        judge.shown(line)
        for post in posts
        for text in judge.blocks(post["content"])[0]
        for line in text.split("\n")
        if line.startswith("**") and not line.endswith("(continued)")
    ]
    assert len(headings) == len(result.systems)
    for heading, system in zip(headings, result.systems, strict=True):
        assert judge.names(heading, system.system)
    lines = [
        line
        for line in _block_lines(posts)
        if not line.startswith(("----", "Type  ", "Settlement  ", "Cmdr  "))
    ]
    wanted = [name for system in result.systems for name in _table_rows(system)]
    assert len(lines) == len(wanted)
    for line, name in zip(lines, wanted, strict=True):
        assert judge.names(line, name, "...", 5)


def _table_rows(system: CzSystem) -> Iterator[str]:
    yield from ("Low", "Medium", "High")
    if system.counts.unknown or any(cmdr.counts.unknown for cmdr in system.cmdrs):
        yield "Unknown"
    yield from (place.settlement for place in system.settlements)
    yield from (cmdr.cmdr for cmdr in system.cmdrs)


def _block_lines(posts: list[dict[str, Any]]) -> list[str]:
    return [
        line
        for post in posts
        for block in judge.blocks(post["content"])[1]
        for line in block.split("\n")
    ]


@pytest.mark.parametrize("style", Style)
def test_ten_thousand_systems_are_split_without_loss(style: Style) -> None:
    systems = tuple(
        CzSystem(
            f"System {index}/ {hostile.NAMES[index % len(hostile.NAMES)]}",
            CzCounts(index % 7, 1),
            (CzCmdr(f"CMDR {index}", CzCounts(index % 7, 1)),),
            (CzSettlement(f"Base {index}", index % 7 + 1),),
        )
        for index in range(10_000)
    )
    posts = payloads(CzResult("groundcz", EVERY_NAME.window, systems), CONTEXT, style)
    assert not any(map(judge.faults, posts))
    text = "\n".join(
        post.get("content")
        or "\n".join(f"{f['name']}\n{f['value']}" for e in post["embeds"] for f in e["fields"])
        for post in posts
    )
    # In order, each exactly once: what is found is searched for behind the one before.
    position = 0
    for index in range(10_000):
        for name in (f"System {index}/", f"Base {index}", f"CMDR {index}"):
            found = text.find(name, position)
            assert found >= 0
        position = text.index(f"System {index}/", position) + 1
    if len(posts) > 1:
        numbers = [
            (post.get("content") or post["embeds"][0]["title"]) for post in (posts[0], posts[-1])
        ]
        assert ("Part 1 of " in numbers[0]) or ("(1/" in numbers[0])
        assert (f"Part {len(posts)} of {len(posts)}" in numbers[1]) or (
            f"({len(posts)}/{len(posts)})" in numbers[1]
        )


@pytest.mark.parametrize("style", Style)
def test_one_system_with_thousands_of_cmdrs_is_split_between_lines(style: Style) -> None:
    cmdrs = tuple(CzCmdr(f"CMDR {index}", CzCounts(1)) for index in range(3_000))
    system = CzSystem("Sol", CzCounts(3_000), cmdrs)
    posts = payloads(CzResult("spacecz", EVERY_NAME.window, (system,)), CONTEXT, style)
    assert not any(map(judge.faults, posts))
    if style is Style.CLASSIC:
        lines = [line for line in _block_lines(posts) if line.startswith("CMDR ")]
        assert [line.split(" | ")[0].strip() for line in lines] == [c.cmdr for c in cmdrs]
        assert all("Sol - Space CZ Summary" in post["content"] for post in posts)
    else:
        lines = [line for _, line in field_lines(posts)]
        assert [line.split(":")[0] for line in lines] == [c.cmdr for c in cmdrs]
        assert all(name.startswith("Sol: 3,000 (3,000 low)") for name, _ in field_lines(posts))
