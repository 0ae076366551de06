"""A result as letters: text for services other than Discord.

Everything that a stranger may have named stands in a table, and a table goes
into a code block where the service knows one. What has a meaning somewhere,
such as ``@here``, a tag or a link, is written with other signs beforehand, so
that no service can be made to ping, to format or to link.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal, TypeAlias

from bot.rendering.limits import units
from bot.rendering.terminal import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.reports.results import Result

Format: TypeAlias = Literal["text", "markdown", "html"]

_FULL_WIDTH = str.maketrans({sign: chr(ord(sign) + 0xFEE0) for sign in "@<>`*[]\\|~"})
_LOOSE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_LINK = re.compile(r"(?i)\b(https?|mailto|tel|www)([:.])")
_DOMAIN_DOT = re.compile(r"(?<=[^\s.])\.(?=[^\W\d_]{2}|[^\W\d_A-Za-z])")
"""A dot before what could be a top-level domain, so that figures and "e.g." keep theirs."""
_IP_ADDRESS = re.compile(r"\d+(?:\.\d+){3,}", re.ASCII)
_DOT = "\u2024"
_RULE = re.compile(r"-+(?:  -+)*")
_WRAPS = {"text": ("", ""), "markdown": ("```\n", "\n```"), "html": ("<pre>", "</pre>")}
_BETWEEN = {"text": "\n\n", "markdown": "\n\n", "html": "\n"}
_NUMBER = len(" [999/999]")
_LONGEST_TITLE = 150
_NARROW = 400
_CONTINUED = " (continued)"


@dataclass(frozen=True, slots=True)
class Manner:
    """What a service takes.

    Attributes
    ----------
    body_limit, title_limit
        The greatest lengths, in characters; a title of 0 goes into the body.
    line_limit
        The most lines; 0 for any number.
    """

    format: Format
    body_limit: int
    title_limit: int
    line_limit: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to a service other than Discord."""

    title: str
    body: str


@dataclass(slots=True)
class _Block:
    """Lines that belong together; ``head`` is repeated where ``rows`` are split."""

    head: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(slots=True)
class _Page:
    """What one letter holds."""

    groups: list[list[str]] = field(default_factory=list)
    used: int = 0
    lines: int = 0


def letters(result: Result, tenant_name: str, manner: Manner) -> tuple[Letter, ...]:
    """Return a result in as few letters as a service takes, numbered and split between lines."""
    title, *paragraphs = (
        [harmless(line) for line in paragraph.split("\n")]
        for paragraph in table(result, tenant_name).split("\n\n")
    )
    layout = _Layout(manner, title[0])
    pages = layout.pages([_block(lines, manner.format) for lines in paragraphs])
    return tuple(layout.letter(page, number, len(pages)) for number, page in enumerate(pages, 1))


def note(title: str, text: str, manner: Manner) -> Letter:
    """Return a letter of one line, such as a test message."""
    layout = _Layout(manner, harmless(title))
    [page] = layout.pages([_Block((), (harmless(text),))])[:1]
    return layout.letter(page, 1, 1)


def harmless(line: str) -> str:
    """Return a line in which nothing has a meaning for any service, and which reads the same."""
    line = _LINK.sub(lambda found: f"{found[1]}{chr(ord(found[2]) + 0xFEE0)}", line)
    line = line.replace("://", "\uff1a//")
    line = _DOMAIN_DOT.sub(_DOT, line)
    line = _IP_ADDRESS.sub(lambda found: found[0].replace(".", _DOT), line)
    return _LOOSE_UNDERSCORE.sub("\uff3f", line.translate(_FULL_WIDTH))


def size(line: str) -> int:
    """Return what a line counts at most, with its break, once a service has escaped it."""
    return units(escape(line)) + 2


def _block(lines: Sequence[str], fmt: Format) -> _Block:
    if fmt == "text":  # which may be read as markdown all the same
        lines = [f"\uff03{line[1:]}" if line.startswith("#") else line for line in lines]
    rule = next((index for index in (1, 2) if _is_rule(lines, index)), None)
    if rule is None:
        return _Block((), tuple(lines))
    # Without a fixed-width font a rule is only noise, and in markdown a heading.
    head = lines[:rule] if fmt == "text" else lines[: rule + 1]
    return _Block(tuple(head), tuple(lines[rule + 1 :]))


def _is_rule(lines: Sequence[str], index: int) -> bool:
    return index < len(lines) and bool(_RULE.fullmatch(lines[index]))


class _Layout:
    """Lays blocks out on pages of one service."""

    def __init__(self, manner: Manner, title: str) -> None:
        self._manner = manner
        opening, closing = _WRAPS[manner.format]
        self._wrap = units(opening + closing) + 2 * units(_BETWEEN[manner.format])
        self._is_narrow = manner.body_limit < _NARROW
        limit = manner.title_limit or (manner.body_limit // (3 if self._is_narrow else 2))
        self._title = _cut(title, min(limit, _LONGEST_TITLE) - _NUMBER)
        heading = 0 if manner.title_limit else size(self._heading(self._title)) + _NUMBER
        self._room = max(manner.body_limit - heading, self._wrap + _NUMBER)
        self._lines = manner.line_limit or 1_000_000

    def pages(self, blocks: Iterable[_Block]) -> list[_Page]:
        """Return the blocks on as few pages as they fit; only what is longer is split."""
        pages = [_Page()]
        for block in blocks:
            whole = [*block.head, *block.rows]
            if not self._fits(pages[-1], whole) and self._fits(_Page(), whole):
                pages.append(_Page())
            if self._fits(pages[-1], whole):
                self._put(pages[-1], whole)
            else:
                self._split(pages, block)
        return [page for page in pages if page.groups] or pages[:1]

    def letter(self, page: _Page, number: int, count: int) -> Letter:
        """Return a page as it is sent."""
        mark = f" [{number}/{count}]" if count > 1 else ""
        groups = [self._group(lines) for lines in page.groups]
        if self._manner.title_limit:
            return Letter(self._title + mark, _BETWEEN[self._manner.format].join(groups))
        name = "" if self._is_narrow and number > 1 else self._title
        heading = self._heading(f"{name}{mark}".strip())
        return Letter("", _BETWEEN[self._manner.format].join((heading, *groups)))

    def _heading(self, title: str) -> str:
        match self._manner.format:
            case "html":
                return f"<p><b>{escape(title, quote=False)}</b></p>"
            case "markdown":
                return f"**{title}**"
            case _:
                return title

    def _group(self, lines: Sequence[str]) -> str:
        text = "\n".join(lines)
        if self._manner.format == "html":
            text = escape(text, quote=False)
        opening, closing = _WRAPS[self._manner.format]
        return f"{opening}{text}{closing}"

    def _fits(self, page: _Page, lines: Sequence[str]) -> bool:
        return (
            page.used + self._wrap + sum(map(size, lines)) <= self._room
            and page.lines + len(lines) <= self._lines
        )

    def _put(self, page: _Page, lines: Sequence[str]) -> None:
        page.groups.append(list(lines))
        page.used += self._wrap + sum(map(size, lines))
        page.lines += len(lines)

    def _split(self, pages: list[_Page], block: _Block) -> None:
        """Split a block between its rows; a head that is short enough is repeated."""
        head, rows = block.head, block.rows
        if self._wrap + sum(map(size, head)) > self._room // 2 or len(head) * 2 > self._lines:
            head, rows = (), (*head, *rows)
        group, fresh = list(head), len(head)
        for row in self._cut_rows(rows):
            if not self._fits(pages[-1], [*group, row]):
                if len(group) > fresh:
                    self._put(pages[-1], group)
                    again = _again(head)
                    group, fresh = list(again), len(again)
                pages.append(_Page())
                if not self._fits(pages[-1], [*group, row]):
                    group, fresh = [], 0
            group.append(row)
        self._put(pages[-1], group)

    def _cut_rows(self, rows: Iterable[str]) -> Iterator[str]:
        longest = self._room - self._wrap - 2
        for row in rows:
            yield row if size(row) <= longest else _cut(row, longest // 2)


def _again(head: tuple[str, ...]) -> tuple[str, ...]:
    """Return a head for the next letter: its first line says that it goes on."""
    if len(head) < 2 or _RULE.fullmatch(head[1]):  # a head without a caption
        return head
    return (head[0] + _CONTINUED, *head[1:])


def _cut(text: str, limit: int) -> str:
    limit = max(limit, 1)
    if size(text) - 2 <= limit:
        return text
    kept, used = "", 1
    for sign in text:
        used += size(sign) - 2
        if used > limit:
            break
        kept += sign
    return f"{kept.rstrip()}…"
