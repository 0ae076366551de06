"""Posts of an ordinary squadron, beside the files that a reviewer can read.

After a wanted change: ``BGS_BOT_REWRITE=1 pytest tests/rendering/test_expected.py``,
and read the difference.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.rendering import quiet_day, render
from bot.rendering.terminal import payload_text, table
from bot.tenants import Style
from tests.rendering import samples

if TYPE_CHECKING:
    from bot.rendering import RenderContext
    from bot.reports.results import Result

EXPECTED = Path(__file__).parent / "expected"
RESULTS: dict[str, tuple[Result, RenderContext]] = {
    "daily": (samples.DAILY, samples.WOLVES),
    "ground": (samples.GROUND, samples.KESTREL),
    "space": (samples.SPACE, samples.KESTREL),
}
QUIET: dict[str, Result] = {
    "daily": samples.EMPTY_DAILY,
    "ground": samples.EMPTY_GROUND,
    "space": samples.EMPTY_SPACE,
}
EXAMPLE = """\
⚔️:gun:
**Kamadhenu - Ground CZ Summary (2026-11-23 to 2026-11-29) - Kestrel**

Total Ground CZs: 5
```text
Type     | Count
---------+------
Low      |     1
Medium   |     2
High     |     2
```
Settlements:
```text
Settlement                          |   CZs
------------------------------------+------
Grant Base                          |     3
Ashby Yard                          |     2
```
Cmdr Distribution:
```text
Cmdr              |   Low |  Medium |  High |  Total
------------------+-------+---------+-------+-------
Brann O'Neil      |     0 |       2 |     1 |      3
Ada               |     1 |       0 |     1 |      2
```"""


def compare(name: str, text: str) -> None:
    path = EXPECTED / name
    if os.environ.get("BGS_BOT_REWRITE"):
        path.write_text(f"{text}\n", encoding="utf-8")
    assert f"{text}\n" == path.read_text(encoding="utf-8")


def test_classic_ground_post_is_the_example_to_the_letter() -> None:
    (message,) = render(samples.GROUND_ONE, samples.KESTREL, Style.CLASSIC)
    assert message.content == EXAMPLE


@pytest.mark.parametrize("name", RESULTS)
def test_classic_posts(name: str) -> None:
    result, context = RESULTS[name]
    parts = [message.content or "" for message in render(result, context, Style.CLASSIC)]
    compare(f"{name}_classic.txt", "\n======== next message ========\n".join(parts))


@pytest.mark.parametrize("name", RESULTS)
def test_embed_posts_as_sent(name: str) -> None:
    result, context = RESULTS[name]
    posts = [message.payload() for message in render(result, context, Style.EMBED)]
    compare(f"{name}_embed.json", json.dumps(posts, indent=1, ensure_ascii=False))


@pytest.mark.parametrize("name", RESULTS)
def test_embed_posts_as_read(name: str) -> None:
    result, context = RESULTS[name]
    posts = [payload_text(m.payload()) for m in render(result, context, Style.EMBED)]
    compare(f"{name}_embed.txt", "\n======== next message ========\n".join(posts))


@pytest.mark.parametrize("name", RESULTS)
def test_tables_for_the_terminal(name: str) -> None:
    result, context = RESULTS[name]
    compare(f"{name}_table.txt", table(result, context.tenant_name))


@pytest.mark.parametrize("style", Style)
def test_quiet_days(style: Style) -> None:
    posts = [
        payload_text(quiet_day(result, samples.KESTREL, style).payload())
        for result in QUIET.values()
    ]
    compare(f"quiet_{style}.txt", "\n========\n".join(posts))


@pytest.mark.parametrize("style", Style)
@pytest.mark.parametrize("name", QUIET)
def test_an_empty_result_gives_no_message(name: str, style: Style) -> None:
    assert render(QUIET[name], samples.KESTREL, style) == ()


def test_several_systems_share_a_classic_message() -> None:
    messages = render(samples.SPACE, samples.KESTREL, Style.CLASSIC)
    assert [(m.content or "").count("⚔️:rocket:") for m in messages] == [4, 2]


@pytest.mark.parametrize(
    ("result", "context", "lines"),
    [
        (
            samples.DAILY,
            samples.WOLVES,
            [
                "📅 Daily Summary for 2025-09-12 (UTC) - Demo Wolves",
                "1. Ada                  | Vol:   1,234,567,890 Cr. -    89,000 t",
                "4. A very long name ... | Vol:       1,234,567 Cr. -       890 t",
                "1. Ada                  |   45",
                "2. Ada                  | Kamadhenu Advanced Lim... | +  12",
                "4. Old Hand             | Crimson Posse             | -  27",
                "1. Ada                  | +131",
                "2. Old Hand             | -3",
                "1. Ada                  |      50,000,000 Cr.",
            ],
        )
    ],
)
def test_classic_daily_lines_are_the_old_ones(
    result: Result, context: RenderContext, lines: list[str]
) -> None:
    text = "\n".join(message.content or "" for message in render(result, context, Style.CLASSIC))
    for line in lines:
        assert line in text.split("\n")
