"""Results as data: JSON with fixed keys, and CSV."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from bot.periods import iso_seconds
from bot.reports.results import DailyResult, ListResult

if TYPE_CHECKING:
    from bot.periods import Window
    from bot.reports.results import (
        CzCounts,
        CzResult,
        CzSystem,
        ListSection,
        Result,
        Row,
        Section,
    )


def to_dict(result: Result, tenant_id: str) -> dict[str, Any]:
    """Return a result as plain data, keys in their fixed order."""
    head = {
        "report": result.report,
        "tenant": tenant_id,
        "window": _window(result.window),
    }
    if isinstance(result, DailyResult):
        body: dict[str, Any] = {"sections": [_section(section) for section in result.sections]}
    elif isinstance(result, ListResult):
        body = {"sections": [_list_section(section) for section in result.sections]}
    else:
        on_ground = result.report == "groundcz"
        body = {"systems": [_system(system, on_ground=on_ground) for system in result.systems]}
    return {**head, **body, "missing": list(result.missing)}


def to_json(result: Result, tenant_id: str) -> str:
    """Return a result as JSON text, UTF-8 unescaped except for what UTF-8 cannot hold."""
    text = json.dumps(to_dict(result, tenant_id), ensure_ascii=False, indent=1)
    return "".join(f"\\u{ord(sign):04x}" if "\ud800" <= sign <= "\udfff" else sign for sign in text)


def to_csv(result: Result) -> str:
    """Return a result as CSV with a header, one line per row."""
    head: tuple[str, ...]
    if isinstance(result, DailyResult):
        head = ("section", "rank", "cmdr", "faction", "value", "tonnes")
        lines = _daily_lines(result)
    elif isinstance(result, ListResult):
        head = ("section", "rank", "name", "value", "unit")
        lines = _list_lines(result)
    else:
        head = ("system", "cmdr", "settlement", "low", "medium", "high", "unknown", "total")
        lines = _cz_lines(result)
    return "".join(_csv_line(line) for line in (head, *lines))


def _csv_line(values: tuple[Any, ...]) -> str:
    # The writer quotes a name with a carriage return only where that ends its lines.
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(values)
    return out.getvalue().removesuffix("\r\n") + "\n"


def _window(window: Window) -> dict[str, Any]:
    data: dict[str, Any] = {
        "code": window.period.value,
        "start": iso_seconds(window.start) if window.start else None,
        "end": iso_seconds(window.end) if window.end else None,
        "label": window.label,
    }
    if window.tick is not None:
        data["tick"] = {"id": window.tick.id, "time": iso_seconds(window.tick.time)}
    return data


def _section(section: Section) -> dict[str, Any]:
    return {
        "key": section.key.value,
        "title": section.title,
        "cmdrs": section.cmdrs,
        "total": _figures(section, section.total, section.tonnes),
        "rows": [_row(section, row) for row in section.rows],
    }


def _list_section(section: ListSection) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "unit": section.units,
        "names": section.rows_in_all,
        "total": section.total,
        "rows": [{"rank": row.rank, "name": row.name, "value": row.value} for row in section.rows],
    }


def _row(section: Section, row: Row) -> dict[str, Any]:
    data: dict[str, Any] = {"rank": row.rank, "cmdr": row.cmdr}
    if row.faction is not None:
        data["faction"] = row.faction
    return data | _figures(section, row.value, row.tonnes)


def _figures(section: Section, value: int, tonnes: int | None) -> dict[str, int]:
    figures = {section.key.unit: value}
    if tonnes is not None:
        figures["tonnes"] = tonnes
    return figures


def _system(system: CzSystem, *, on_ground: bool) -> dict[str, Any]:
    counts = system.counts
    data: dict[str, Any] = {
        "system": system.system,
        "total": counts.total,
        **_sizes(counts),
        "cmdrs": [
            {"cmdr": entry.cmdr, **_sizes(entry.counts), "total": entry.counts.total}
            for entry in system.cmdrs
        ],
    }
    if on_ground:
        data["settlements"] = [
            {"settlement": entry.settlement, "total": entry.total} for entry in system.settlements
        ]
    return data


def _sizes(counts: CzCounts) -> dict[str, int]:
    return {
        "low": counts.low,
        "medium": counts.medium,
        "high": counts.high,
        "unknown": counts.unknown,
    }


def _daily_lines(result: DailyResult) -> list[tuple[Any, ...]]:
    return [
        (section.key.value, row.rank, row.cmdr, row.faction, row.value, row.tonnes)
        for section in result.sections
        for row in section.rows
    ]


def _list_lines(result: ListResult) -> list[tuple[Any, ...]]:
    return [
        (section.key, row.rank, row.name, row.value, section.units)
        for section in result.sections
        for row in section.rows
    ]


def _cz_lines(result: CzResult) -> list[tuple[Any, ...]]:
    lines: list[tuple[Any, ...]] = []
    for system in result.systems:
        for entry in system.cmdrs:
            sizes = _sizes(entry.counts).values()
            lines.append((system.system, entry.cmdr, None, *sizes, entry.counts.total))
        lines.extend(
            (system.system, None, entry.settlement, None, None, None, None, entry.total)
            for entry in system.settlements
        )
    return lines
