"""Embeds: lists that read well on a phone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from bot.rendering import limits
from bot.rendering.figures import counted, exact, short
from bot.rendering.messages import Message, web_address
from bot.rendering.phrases import (
    GROUND,
    SECTION_SIGNS,
    amount,
    missing,
    named,
    newest_event,
    quiet_text,
    report_colour,
    report_sign,
    report_title,
    sizes_text,
    total_text,
    value_text,
)
from bot.rendering.text import escape, plain
from bot.reports.results import DailyResult, ListResult, SectionKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.rendering.messages import RenderContext
    from bot.reports.results import CzResult, CzSystem, ListSection, Result, Row, Section

_OTHER_SIGN = "📋"
_MEDALS = {1: "🥇", 2: "🥈", 3: "🥉"}
_NO_BREAK = "\u00a0"
_CONTINUED = " (continued)"
_PART_ROOM = len(" (99999/99999)")
_FOOTER_LIMIT = 1500
_PLACE_LIMIT = 256


@dataclass(frozen=True, slots=True)
class _Field:
    """A field, and what it counts towards a message."""

    name: str
    value: str

    @property
    def size(self) -> int:
        """Length in UTF-16 units."""
        return limits.units(self.name) + limits.units(self.value)


def messages(result: Result, context: RenderContext) -> tuple[Message, ...]:
    """Return a result as embeds, in as few messages as it fits."""
    description = None
    if isinstance(result, DailyResult):
        fields = _daily_fields(result)
    elif isinstance(result, ListResult):
        fields = _list_fields(result)
    else:
        description = _totals(result)
        fields = _system_fields(result)
    frame = _Frame(result, context, description)
    pages = list(_pages(fields, frame.room))
    return tuple(
        Message(embeds=tuple(frame.embeds(page, number, len(pages))))
        for number, page in enumerate(pages, start=1)
    )


def quiet(result: Result, context: RenderContext) -> Message:
    """Return the short post for a day without data."""
    frame = _Frame(result, context, f"🌙 {quiet_text(result)}")
    return Message(embeds=tuple(frame.embeds([[]], 1, 1)))


class _Frame:
    """What stands around the fields: author, title, colour, totals, footer."""

    def __init__(self, result: Result, context: RenderContext, description: str | None) -> None:
        sign, title = report_sign(result.report), report_title(result.report)
        self._title = f"{sign} {title} · {result.window.label}"
        self._author = plain(context.tenant_name, limits.EMBED_AUTHOR_NAME)
        self._icon = web_address(context.logo_url) if context.logo_url else None
        self._description = description
        self._footer = _footer(result)
        if context.colour is None:
            self._colour = report_colour(result.report)
        else:
            self._colour = context.colour & 0xFFFFFF

    @property
    def room(self) -> int:
        """What the fields of one message may take in UTF-16 units."""
        around = (self._title, self._author, self._description or "", self._footer)
        return limits.EMBEDS_TOTAL - sum(map(limits.units, around)) - _PART_ROOM

    def embeds(
        self, page: Sequence[Sequence[_Field]], number: int, pages: int
    ) -> Iterator[discord.Embed]:
        """Yield the embeds of one message.

        Only the first names tenant and report, and only the last of all
        messages has the footer: together they read as one post.
        """
        for index, fields in enumerate(page):
            embed = discord.Embed(colour=self._colour)
            if index == 0:
                embed.set_author(name=self._author, icon_url=self._icon)
                embed.title = self._title + (f" ({number}/{pages})" if pages > 1 else "")
                if number == 1:
                    embed.description = self._description
            for field in fields:
                embed.add_field(name=field.name, value=field.value, inline=False)
            if self._footer and number == pages and index == len(page) - 1:
                embed.set_footer(text=self._footer)
            yield embed


def _footer(result: Result) -> str:
    newest = newest_event(result)
    parts = (f"Newest event: {newest}" if newest else "", missing(result, _FOOTER_LIMIT))
    return " · ".join(filter(None, parts))


def _daily_fields(result: DailyResult) -> Iterator[_Field]:
    for section in result.sections:
        sign = SECTION_SIGNS.get(section.key, _OTHER_SIGN)
        facts = f"{counted(section.cmdrs, 'CMDR')} · {total_text(section)}"
        name = f"{sign} {escape(section.title)} · {facts}"
        lines = [_row_line(section, row) for row in section.rows]
        yield from _fields(name, [*lines, *_more(section)])


def _list_fields(result: ListResult) -> Iterator[_Field]:
    for section in result.sections:
        facts = f"{named(section)} · {amount(section, section.total)}"
        lines = [
            f"{_place(row.rank)}{escape(row.name)} · **{amount(section, row.value)}**"
            for row in section.rows
        ]
        name = f"{report_sign(result.report)} {escape(section.title)} · {facts}"
        yield from _fields(name, [*lines, *_more(section)])


def _more(section: Section | ListSection) -> Iterator[str]:
    if (more := section.rows_in_all - len(section.rows)) > 0:
        yield f"and {exact(more)} more"


def _place(rank: int) -> str:
    # A number, a point and an ordinary space would begin a list of Discord's own.
    return f"{_MEDALS[rank]} " if rank in _MEDALS else f"{rank}.{_NO_BREAK}"


def _row_line(section: Section, row: Row) -> str:
    faction = f" · {escape(row.faction or '')}" if section.key is SectionKey.INFLUENCE else ""
    return f"{_place(row.rank)}{escape(row.cmdr)}{faction} · **{value_text(section, row)}**"


def _totals(result: CzResult) -> str:
    kind = "ground CZ" if result.report == GROUND else "space CZ"
    counts = result.counts
    sizes = sizes_text(counts)
    return (
        f"**{counted(counts.total, kind)}** in {counted(len(result.systems), 'system')}"
        f"{f': {sizes}' if sizes else ''}"
    )


def _system_fields(result: CzResult) -> Iterator[_Field]:
    for system in result.systems:
        sizes = sizes_text(system.counts)
        facts = f": {short(system.counts.total)}{f' ({sizes})' if sizes else ''}"
        room = limits.EMBED_FIELD_NAME - limits.units(facts) - len(_CONTINUED)
        yield from _fields(escape(system.system, max(room, 16)) + facts, _system_lines(system))


def _system_lines(system: CzSystem) -> list[str]:
    lines = [
        f"{escape(cmdr.cmdr)}: **{short(cmdr.counts.total)}**"
        f"{f' ({sizes})' if (sizes := sizes_text(cmdr.counts)) else ''}"
        for cmdr in system.cmdrs
    ]
    lines += (
        f"📍 {escape(place.settlement, _PLACE_LIMIT)}: **{short(place.total)}**"
        for place in system.settlements
    )
    return lines


def _fields(name: str, lines: Sequence[str]) -> Iterator[_Field]:
    """Yield lines as fields under one name; none is too long and none is blank."""
    rows: list[str] = []
    size = 0
    for line in lines or ("No CMDR is named.",):
        length = limits.units(line) + 1
        if rows and size + length > limits.EMBED_FIELD_VALUE:
            yield _Field(name, "\n".join(rows))
            rows, size = [], 0
            name = name if name.endswith(_CONTINUED) else name + _CONTINUED
        rows.append(line)
        size += length
    yield _Field(name, "\n".join(rows))


def _pages(fields: Iterable[_Field], room: int) -> Iterator[list[list[_Field]]]:
    """Yield what each message's embeds hold, filled up in order."""
    page: list[list[_Field]] = [[]]
    size = 0
    for field in fields:
        full = len(page[-1]) == limits.EMBED_FIELDS
        if page[-1] and (size + field.size > room or (full and len(page) == limits.EMBEDS)):
            yield page
            page, size, full = [[]], 0, False
        elif full:
            page.append([])
        page[-1].append(field)
        size += field.size
    yield page
