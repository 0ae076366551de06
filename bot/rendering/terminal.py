"""Posts and results as plain text for a terminal.

Names come from strangers: nothing here lets a control character through, so
that no name can move the cursor or change the terminal's colours.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.rendering.figures import counted, exact, signed
from bot.rendering.phrases import (
    amount,
    missing,
    named,
    newest_event,
    quiet_text,
    report_title,
)
from bot.rendering.text import column_width, plain, visible
from bot.reports.filters import NO_FILTERS
from bot.reports.results import DailyResult, ListResult, SectionKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bot.reports.filters import Filters
    from bot.reports.results import CzCounts, CzResult, CzSystem, ListSection, Result, Section

_NAME_LIMIT = 128
_FENCE_LINE = re.compile(r"```[A-Za-z0-9_+.#-]*$")
_MARKS = re.compile(r"\\([^0-9A-Za-z\s])|\*\*|:(rocket|gun):")
_SHORTCODES = {"rocket": "🚀", "gun": "🔫"}
_BAR = "│"
_NOTHING_FOUND = "Nothing found. Names count whole, in any case; `--period all` looks at all time."


def payload_text(payload: Mapping[str, Any]) -> str:
    """Return a payload, or a letter, as readable text, without a last line break."""
    lines = [*_notes(payload)]
    if body := payload.get("body"):
        lines += (visible(line) for line in (payload.get("title") or "", *body.split("\n")))
    if content := payload.get("content"):
        lines += _markdown_lines(content)
    for embed in payload.get("embeds") or ():
        lines += (f"{_BAR} {line}".rstrip() for line in _embed_lines(embed))
    return "\n".join(lines)


def table(result: Result, tenant_name: str, filters: Filters = NO_FILTERS) -> str:
    """Return a result with exact figures in aligned columns, without a last line break.

    Parameters
    ----------
    filters
        What the result was narrowed to.
    """
    heading = f"{report_title(result.report)} · {result.window.label} · {_name(tenant_name)}"
    paragraphs = [heading]
    if only := ", ".join(f"{kind} {_name(name)}" for kind, name in filters.named()):
        paragraphs.append(f"Only {only}")
    if result.is_empty and only:
        paragraphs.append(_NOTHING_FOUND)
    elif result.is_empty:
        paragraphs.append(quiet_text(result))
    elif isinstance(result, DailyResult):
        paragraphs += map(_section_text, result.sections)
    elif isinstance(result, ListResult):
        paragraphs += map(_list_text, result.sections)
    else:
        paragraphs += _cz_texts(result)
    if newest := newest_event(result):
        paragraphs.append(f"Newest event: {newest}")
    if note := missing(result, 4000):
        paragraphs.append(note)
    return "\n\n".join(paragraphs)


def aligned(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, left: Sequence[int] = (0,)
) -> str:
    """Return rows as columns under their heads; wide signs count two.

    Parameters
    ----------
    left
        The columns that hold names; the others are aligned to the right.
    """
    grid = [head, *rows]
    widths = [max(column_width(line[index]) for line in grid) for index in range(len(head))]

    def drawn(line: Sequence[str]) -> str:
        cells = (
            text + _pad(text, width) if index in left else _pad(text, width) + text
            for index, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    rule = "  ".join("-" * width for width in widths)
    return "\n".join((drawn(head), rule, *map(drawn, grid[1:])))


def _pad(text: str, width: int) -> str:
    return " " * (width - column_width(text))


def _name(text: str) -> str:
    return plain(text, _NAME_LIMIT)


def _section_text(section: Section) -> str:
    totals = {"value": exact(section.total), "tonnes": exact(section.tonnes or 0)}
    heads = ["#", "CMDR"]
    match section.key:
        case SectionKey.MARKET:
            heads += ["Cr", "t"]
            total = f"{totals['value']} Cr, {totals['tonnes']} t"
        case SectionKey.MISSIONS:
            heads.append("Missions")
            total = counted(section.total, "mission", exact)
        case SectionKey.INFLUENCE:
            heads += ["Faction", "Influence"]
            total = signed(section.total, grouped=True)
        case SectionKey.OWN_INFLUENCE:
            heads.append("Influence")
            total = signed(section.total, grouped=True)
        case _:
            heads.append("Cr")
            total = f"{totals['value']} Cr"
    left = (1, 2) if section.key is SectionKey.INFLUENCE else (1,)
    lines = [
        f"{_name(section.title)} ({counted(section.cmdrs, 'CMDR')}, {total})",
        aligned(heads, _section_rows(section), left=left),
    ]
    return "\n".join([*lines, *_more(section)])


def _list_text(section: ListSection) -> str:
    facts = f"{named(section, exact)}, {amount(section, section.total, exact)}"
    rows = ([str(row.rank), _name(row.name), exact(row.value)] for row in section.rows)
    heads = ("#", _head(section.noun), _head(section.units) or "Figure")
    lines = [f"{_name(section.title)} ({facts})", aligned(heads, rows, left=(1,))]
    return "\n".join([*lines, *_more(section)])


def _head(word: str) -> str:
    return word[:1].upper() + word[1:]


def _more(section: Section | ListSection) -> Iterator[str]:
    if (more := section.rows_in_all - len(section.rows)) > 0:
        yield f"and {exact(more)} more"


def _section_rows(section: Section) -> Iterator[list[str]]:
    for row in section.rows:
        start = [str(row.rank), _name(row.cmdr)]
        match section.key:
            case SectionKey.MARKET:
                yield [*start, exact(row.value), exact(row.tonnes or 0)]
            case SectionKey.INFLUENCE:
                yield [*start, _name(row.faction or ""), signed(row.value, grouped=True)]
            case SectionKey.OWN_INFLUENCE:
                yield [*start, signed(row.value, grouped=True)]
            case _:
                yield [*start, exact(row.value)]


def _cz_texts(result: CzResult) -> Iterator[str]:
    total = counted(result.counts.total, "CZ", exact)
    yield f"{total} in {counted(len(result.systems), 'system')}"
    yield from map(_system_text, result.systems)


def _system_text(system: CzSystem) -> str:
    head = ("CMDR", "Low", "Medium", "High", "Unknown", "Total")
    rows = [[_name(cmdr.cmdr), *_sizes(cmdr.counts)] for cmdr in system.cmdrs]
    rows.append(["All", *_sizes(system.counts)])
    lines = [_name(system.system), aligned(head, rows)]
    if system.settlements:
        places = ([_name(place.settlement), exact(place.total)] for place in system.settlements)
        lines += ["", aligned(("Settlement", "CZs"), places)]
    return "\n".join(lines)


def _sizes(counts: CzCounts) -> Iterator[str]:
    yield from map(exact, (counts.low, counts.medium, counts.high, counts.unknown, counts.total))


def _notes(payload: Mapping[str, Any]) -> Iterator[str]:
    if username := payload.get("username"):
        yield f"[as {_name(username)}]"
    if thread := payload.get("thread_name"):
        yield f"[new thread: {_name(thread)}]"
    if payload.get("flags"):
        yield "[silent]"


def _embed_lines(embed: Mapping[str, Any]) -> Iterator[str]:
    if author := (embed.get("author") or {}).get("name"):
        yield visible(author)
    if title := embed.get("title"):
        yield from _markdown_lines(title)
    if description := embed.get("description"):
        yield from _markdown_lines(description)
    for field in embed.get("fields") or ():
        yield ""
        yield from _markdown_lines(field["name"])
        yield from (f"  {line}" for line in _markdown_lines(field["value"]))
    if footer := (embed.get("footer") or {}).get("text"):
        yield ""
        yield visible(footer)


def _markdown_lines(text: str) -> Iterator[str]:
    in_block = False
    for line in text.split("\n"):
        if _FENCE_LINE.match(line):
            in_block = not in_block
        elif in_block:
            yield visible(line)
        else:
            yield visible(_MARKS.sub(_shown, line.removeprefix("-# ")))


def _shown(mark: re.Match[str]) -> str:
    return mark[1] or _SHORTCODES.get(mark[2], "")
