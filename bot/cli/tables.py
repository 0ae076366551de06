"""Tables: drawn by rich in a terminal, plain aligned columns everywhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cli.text import clean, interactive, say
from bot.logs import mask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Cell = str | int

_LONGEST_RULE = 60

_COLOURS: Mapping[str, str] = {
    "ok": "green",
    "sent": "green",
    "hint": "cyan",
    "skipped": "yellow",
    "warning": "yellow",
    "failed": "red",
    "error": "red",
}


def show_table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """Write a table to stdout.

    Parameters
    ----------
    head
        Titles of the columns.
    rows
        Cells, untrusted text; whole numbers are set to the right. A cell that
        is one word of state, such as ``failed``, gets its colour.
    """
    cells = [[_text(cell) for cell in row] for row in rows]
    right = [
        bool(rows) and all(isinstance(row[column], int) for row in rows)
        for column in range(len(head))
    ]
    if interactive("stdout"):
        _show_rich(head, cells, right)
    else:
        for line in _plain(head, cells, right):
            say(line)


def _text(cell: Cell) -> str:
    return f"{cell:,}" if isinstance(cell, int) else clean(mask(cell))


def _plain(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> list[str]:
    from rich.cells import cell_len

    lines = [list(head), *map(list, rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, ["-" * min(wide, _LONGEST_RULE) for wide in widths])
    return [
        "  ".join(
            _fill(cell, wide, to_right)
            for cell, wide, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    ]


def _fill(cell: str, wide: int, to_right: bool) -> str:
    from rich.cells import cell_len

    space = " " * (wide - cell_len(cell))
    return space + cell if to_right else cell + space


def _show_rich(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title, to_right in zip(head, right, strict=True):
        table.add_column(title, justify="right" if to_right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell, style=_COLOURS.get(cell, "")) for cell in row))
    Console(highlight=False).print(table)
