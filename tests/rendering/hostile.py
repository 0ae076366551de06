"""Results made to break a drawing: names, numbers and sizes nobody should have."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from bot.periods import Period, Tick, Window, window_for
from bot.rendering import RenderContext
from bot.reports.results import (
    CzCmdr,
    CzCounts,
    CzResult,
    CzSettlement,
    CzSystem,
    DailyResult,
    Result,
    Row,
    Section,
    SectionKey,
)

NOW = datetime(2025, 9, 13, 0, 1, tzinfo=UTC)

NAMES = (
    "Ada",
    "@everyone",
    "@here",
    "<@123>",
    "<@&456>",
    "<#789>",
    "</summary:1>",
    "<t:1757700000:R>",
    "<:wolf:1234>",
    ":rocket:",
    "<id:customize>",
    "`",
    "``",
    "```",
    "```\n@everyone\n```",
    "a`b",
    "**bold**",
    "*_~`|",
    "__under__",
    "_a_ b _c_",
    "~~gone~~",
    "||spoiler||",
    "[free](https://evil.example)",
    "https://evil.example/?a=b",
    "<https://evil.example>",
    "discord://x",
    "# heading",
    "-# small",
    "> quote",
    ">>> all",
    "- item",
    "+ item",
    "1. item",
    "99) item",
    "\\",
    "\\*",
    "¯\\_(ツ)_/¯",
    "a\nb\r\nc\u2028d",
    "tab\tstop",
    "\x1b[31mred\x1b[0m",
    "\x00",
    "",
    "   ",
    "\u200b",
    "\u3164",
    "\u2800\u2800",
    "\ufeffAda\u2060",
    "\u202eevil\u202c",
    "\u2066\u2067x",
    "\u2069\u2069",
    "שלום 123",
    "مرحبا",
    "Z" + "\u0338\u0322\u035d\u0489" * 40,
    "\u0301",
    "猫耳船長",
    "👩‍👩‍👧‍👦" * 9,
    "🏴" + "\U000e0067\U000e007f",
    "\u200d" * 20 + "x",
    "👩" + "\u200d👩" * 200,
    "\ud800",
    "\udfff\ud800",
    "\uffff",
    "W" * 500,
    "*" * 500,
    "界" * 500,
    "😀" * 500,
    "ש" * 500,
)

anything = st.text(st.characters(exclude_categories=()), max_size=40)
punctuation = st.text(st.sampled_from("\\*_~`|[]()<>@:#-+.1 \nab/"), max_size=24)
hostile_names = st.one_of(
    st.sampled_from(NAMES), punctuation, anything, st.text(min_size=200, max_size=520)
)
figures = st.one_of(
    st.integers(-200, 200),
    st.integers(-(10**30), 10**30),
    st.sampled_from([999_999_500, 10**12, -(10**15), 10**36, -(10**40), 10**400]),
)
counts = st.builds(CzCounts, figures, figures, figures, figures)
windows = st.sampled_from(
    [
        *(window_for(period, NOW) for period in Period),
        Window(Period.THIS_TICK, tick=Tick("zoy-1", NOW)),
    ]
)
missing = st.lists(
    st.sampled_from(["synthetic_cz", "event.cmdr", "market_buy_event.count"]) | hostile_names,
    max_size=4,
).map(tuple)
newest = (
    st.none()
    | st.sampled_from(
        ["2025-09-12T18:04:33Z", "2025-09-12T18:04:33.512Z", "9999-12-31T23:59:59-14:00"]
    )
    | hostile_names
)
contexts = st.builds(
    RenderContext,
    hostile_names,
    st.none()
    | st.sampled_from(["https://example.org/logo.png", "http://x/y", "javascript:1"])
    | hostile_names,
)


@st.composite
def sections(draw: st.DrawFn) -> Section:
    """A section with rows of any kind."""
    key = draw(st.sampled_from(SectionKey))
    rows = tuple(
        Row(
            rank,
            draw(hostile_names),
            draw(figures),
            draw(figures) if key is SectionKey.MARKET else None,
            draw(hostile_names) if key is SectionKey.INFLUENCE else None,
        )
        for rank in range(1, draw(st.integers(1, 12)) + 1)
    )
    more = draw(st.integers(0, 3))
    title = draw(hostile_names)
    tonnes = draw(figures) if key is SectionKey.MARKET else None
    return Section(key, title, len(rows) + more, len(rows) + more, draw(figures), rows, tonnes)


systems = st.builds(
    CzSystem,
    hostile_names,
    counts,
    st.lists(st.builds(CzCmdr, hostile_names, counts), max_size=25).map(tuple),
    st.lists(st.builds(CzSettlement, hostile_names, figures), max_size=25).map(tuple),
)
daily_results = st.builds(
    DailyResult, windows, st.lists(sections(), min_size=1, max_size=8).map(tuple), missing, newest
)
cz_results = st.builds(
    CzResult,
    st.sampled_from(["spacecz", "groundcz"]),
    windows,
    st.lists(systems, min_size=1, max_size=8).map(tuple),
    missing,
    newest,
)
results: st.SearchStrategy[Result] = st.one_of(daily_results, cz_results)
