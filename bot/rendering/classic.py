"""The old module's layout: message text with tables in code blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.rendering import limits
from bot.rendering.figures import exact, signed
from bot.rendering.messages import Message
from bot.rendering.phrases import GROUND, amount, missing, quiet_text, report_sign, report_title
from bot.rendering.text import cell, escape, plain
from bot.reports.results import DailyResult, ListResult, SectionKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.periods import Window
    from bot.rendering.messages import RenderContext
    from bot.reports.results import (
        CzCounts,
        CzResult,
        CzSystem,
        ListSection,
        Result,
        Row,
        Section,
    )

_OPEN, _CLOSE = "```text\n", "\n```"
_CONTINUED = " (continued)"
_BETWEEN = "\n\n"
_PART_LINE = len("\n-# Part 99999 of 99999")
_NOTE_LIMIT = 600


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows of a code block, with what stands above them."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[str, ...]

    def text(self, caption: str, rows: Sequence[str]) -> str:
        """Return the block with some of its rows; the head is always repeated."""
        above = f"{caption}\n" if caption else ""
        return above + _OPEN + "\n".join((*self.head, *rows)) + _CLOSE


@dataclass(frozen=True, slots=True)
class _Block:
    """What belongs together: a system, or a section of the daily summary."""

    title: str
    lead: str
    tables: tuple[_Table, ...]

    def text(self) -> str:
        """Return the block whole."""
        tables = "\n".join(table.text(table.caption, table.rows) for table in self.tables)
        return f"{self.title}{self.lead}{tables}"


def messages(result: Result, context: RenderContext) -> tuple[Message, ...]:
    """Return a result in the old module's layout, in as few messages as it fits."""
    blocks: Iterable[_Block]
    if isinstance(result, DailyResult):
        header = _heading(result, context) + _BETWEEN
        blocks = (_section_block(section) for section in result.sections if section.rows)
    elif isinstance(result, ListResult):
        header = _heading(result, context) + _BETWEEN
        blocks = map(_list_block, result.sections)
    else:
        header = ""
        blocks = (_system_block(result, system, context) for system in result.systems)
    texts = list(_texts(blocks, limits.CONTENT - _PART_LINE - limits.units(header)))
    if note := missing(result, _NOTE_LIMIT, _inline_code):
        texts.append(f"-# {note}")
    return tuple(Message(content=content) for content in _packed(header, texts))


def quiet(result: Result, context: RenderContext) -> Message:
    """Return the short post for a day without data."""
    if isinstance(result, DailyResult | ListResult):
        heading = _heading(result, context)
    else:
        heading = f"⚔️ {_cz_heading(result, context)}"
    text = f"{heading}\n🌙 {quiet_text(result)}"
    note = missing(result, _NOTE_LIMIT, _inline_code)
    return Message(content=f"{text}\n-# {note}" if note else text)


def _inline_code(name: str) -> str:
    """Names of tables have underscores, which read badly with escapes."""
    return f"`{plain(name.replace('`', ''), 130)}`"


def _heading(result: DailyResult | ListResult, context: RenderContext) -> str:
    return (
        f"{report_sign(result.report)} {report_title(result.report)} for {_label(result.window)} - "
        f"{escape(context.tenant_name)}"
    )


def _label(window: Window) -> str:
    return window.label if window.start is None else f"{window.label} (UTC)"


def _cz_heading(result: CzResult, context: RenderContext) -> str:
    label = result.window.classic_label
    return f"{report_title(result.report)} ({label}) - {escape(context.tenant_name)}"


def _section_block(section: Section) -> _Block:
    rows = tuple(_row_line(section.key, row) for row in section.rows)
    return _Block("", "", (_Table(f"**📊 {escape(section.title)}**", (), rows),))


def _list_block(section: ListSection) -> _Block:
    rows = tuple(
        f"{row.rank}. {cell(row.name, 20)} | {amount(section, row.value, _column)}"
        for row in section.rows
    )
    return _Block("", "", (_Table(f"**📊 {escape(section.title)}**", (), rows),))


def _column(figure: int) -> str:
    return f"{exact(figure):>15}"


def _row_line(key: SectionKey, row: Row) -> str:
    start = f"{row.rank}. {cell(row.cmdr, 20)} | "
    match key:
        case SectionKey.MARKET:
            return f"{start}Vol: {exact(row.value):>15} Cr. - {exact(row.tonnes or 0):>9} t"
        case SectionKey.MISSIONS:
            return f"{start}{exact(row.value, grouped=False):>4}"
        case SectionKey.INFLUENCE:
            return f"{start}{cell(row.faction or '', 25)} | {signed(row.value, width=4)}"
        case SectionKey.OWN_INFLUENCE:
            return f"{start}{signed(row.value)}"
        case _:
            return f"{start}{exact(row.value):>15} Cr."


def _system_block(result: CzResult, system: CzSystem, context: RenderContext) -> _Block:
    ground = result.report == GROUND
    title = (
        f"⚔️:{'gun' if ground else 'rocket'}:\n"
        f"**{escape(system.system)} - {_cz_heading(result, context)}**"
    )
    total = exact(system.counts.total, grouped=False)
    lead = f"Total Ground CZs: {total}" if ground else f"Total: {total} CZs"
    unknown = bool(system.counts.unknown or any(cmdr.counts.unknown for cmdr in system.cmdrs))
    tables = [_types_table(system.counts, unknown=unknown)]
    if system.settlements:
        tables.append(_settlements_table(system))
    if system.cmdrs:
        tables.append(_cmdrs_table(system, unknown=unknown))
    return _Block(title, f"\n\n{lead}\n", tuple(tables))


def _types_table(counts: CzCounts, *, unknown: bool) -> _Table:
    sizes = [("Low", counts.low), ("Medium", counts.medium), ("High", counts.high)]
    if unknown:
        sizes.append(("Unknown", counts.unknown))
    rows = tuple(f"{size:<8} | {exact(number, grouped=False):>5}" for size, number in sizes)
    return _Table("", (f"{'Type':<8} | {'Count':>5}", _rule(8, 5)), rows)


def _settlements_table(system: CzSystem) -> _Table:
    head = (f"{'Settlement':<35} | {'CZs':>5}", _rule(35, 5))
    rows = tuple(
        f"{cell(place.settlement, 35)} | {exact(place.total, grouped=False):>5}"
        for place in system.settlements
    )
    return _Table("Settlements:", head, rows)


def _cmdrs_table(system: CzSystem, *, unknown: bool) -> _Table:
    widths = {"Low": 5, "Medium": 7, "High": 5, "Unknown": 7, "Total": 6}
    if not unknown:
        del widths["Unknown"]

    def line(first: str, numbers: Iterable[str]) -> str:
        columns = zip(numbers, widths.values(), strict=True)
        return " | ".join((first, *(f"{number:>{width}}" for number, width in columns)))

    rows = tuple(
        line(
            cell(cmdr.cmdr, 17),
            (exact(number, grouped=False) for number in _numbers(cmdr.counts, unknown=unknown)),
        )
        for cmdr in system.cmdrs
    )
    head = (line(f"{'Cmdr':<17}", widths), _rule(17, *widths.values()))
    return _Table("Cmdr Distribution:", head, rows)


def _numbers(counts: CzCounts, *, unknown: bool) -> tuple[int, ...]:
    sizes = (counts.low, counts.medium, counts.high)
    return (*sizes, counts.unknown, counts.total) if unknown else (*sizes, counts.total)


def _rule(first: int, *others: int) -> str:
    return "+".join(("-" * (first + 1), *("-" * (width + 2) for width in others[:-1]))) + (
        f"+{'-' * (others[-1] + 1)}"
    )


def _texts(blocks: Iterable[_Block], room: int) -> Iterator[str]:
    """Yield the blocks as texts of at most ``room`` units; only a longer one is split."""
    for block in blocks:
        text = block.text()
        if limits.units(text) <= room:
            yield text
        else:
            yield from _pieces(block, room)


def _pieces(block: _Block, room: int) -> Iterator[str]:
    """Split a block between lines; each piece repeats what its rows need to be understood."""
    text = block.title + block.lead
    again = f"{block.title}{_CONTINUED}{_BETWEEN}" if block.title else ""
    joint = ""
    for table in block.tables:
        caption, rows = table.caption, list[str]()
        size = limits.units(text + joint + table.text(caption, ()))
        for row in table.rows:
            size += limits.units(row) + 1
            if size > room:
                if rows:
                    text += joint + table.text(caption, rows)
                    caption, rows = table.caption + _CONTINUED, []
                yield text
                text, joint = again, ""
                size = limits.units(text + table.text(caption, ())) + limits.units(row) + 1
            rows.append(row)
        text += joint + table.text(caption, rows)
        joint = "\n"
    yield text


def _packed(header: str, texts: Sequence[str]) -> list[str]:
    whole = header + _BETWEEN.join(texts)
    if limits.units(whole) <= limits.CONTENT:
        return [whole]
    room = limits.CONTENT - _PART_LINE - limits.units(header)
    bodies: list[list[str]] = []
    size = room
    for text in texts:
        length = limits.units(text)
        if not bodies or size + len(_BETWEEN) + length > room:
            bodies.append([])
            size = -len(_BETWEEN)
        bodies[-1].append(text)
        size += len(_BETWEEN) + length
    return [
        f"{header}{_BETWEEN.join(body)}\n-# Part {number} of {len(bodies)}"
        for number, body in enumerate(bodies, start=1)
    ]
