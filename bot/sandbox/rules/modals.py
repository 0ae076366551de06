"""What Discord refuses in modals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.rules.components import (
    PLACEHOLDER_LENGTH,
    ROW,
    SELECTS,
    custom_id_problems,
    select_problems,
)
from bot.sandbox.rules.fields import boolean, bounded_int, listed, one_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.sandbox.validation import Path, Problem

ROWS = 5
TITLE_LENGTH = 45
LABEL_LENGTH = 45
LABEL_DESCRIPTION_LENGTH = 100
INPUT_PLACEHOLDER_LENGTH = 100
INPUT_LENGTH = 4000

TEXT_INPUT, TEXT_DISPLAY, LABEL = 4, 10, 18
_OUTER = (ROW, TEXT_DISPLAY, LABEL)


def modal_problems(modal: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with a modal."""
    path = ("data",)
    yield from custom_id_problems(modal, path)
    yield from text(modal, "title", 1, TITLE_LENGTH, path, required=True)
    inside = (*path, "components")
    rows, problems = listed(modal.get("components"), inside, 1, ROWS)
    yield from problems
    seen: set[str] = set()
    for number, row in enumerate(rows):
        where = (*inside, str(number))
        if not isinstance(row, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        yield from _outer(row, where)
        for field in fields_of(row):
            custom_id = field.get("custom_id")
            if not isinstance(custom_id, str):
                continue
            if custom_id in seen:
                words = "Component custom id cannot be duplicated"
                yield where, "COMPONENT_CUSTOM_ID_DUPLICATED", words
            seen.add(custom_id)


def _outer(row: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    match row.get("type"):
        case 1:
            inside = (*path, "components")
            entries, problems = listed(row.get("components"), inside, 1, 1)
            yield from problems
            for entry in entries:
                yield from _field(entry, (*inside, "0"), (TEXT_INPUT,), labelled=True)
        case 10:
            yield from text(row, "content", 1, INPUT_LENGTH, path, required=True)
        case 18:
            yield from text(row, "label", 1, LABEL_LENGTH, path, required=True)
            yield from text(row, "description", 0, LABEL_DESCRIPTION_LENGTH, path)
            inside = (*path, "component")
            yield from _field(row.get("component"), inside, (TEXT_INPUT, *SELECTS), labelled=False)
        case kind:
            yield from one_of(kind, _OUTER, (*path, "type"))


def _field(
    field: object, path: Path, kinds: tuple[int, ...], *, labelled: bool
) -> Iterator[Problem]:
    if not isinstance(field, dict):
        yield path, "BASE_TYPE_REQUIRED", "This field is required"
        return
    kind = field.get("type")
    yield from one_of(kind, kinds, (*path, "type"))
    yield from boolean(field, "required", path)
    if kind in SELECTS:
        yield from text(field, "placeholder", 0, PLACEHOLDER_LENGTH, path)
        yield from select_problems(field, path)
        return
    yield from custom_id_problems(field, path)
    yield from one_of(field.get("style"), (1, 2), (*path, "style"))
    if labelled:
        yield from text(field, "label", 1, LABEL_LENGTH, path, required=True)
    elif field.get("label"):
        words = "A text input inside a label has no label of its own"
        yield (*path, "label"), "COMPONENT_LABEL_NOT_ALLOWED", words
    yield from text(field, "placeholder", 0, INPUT_PLACEHOLDER_LENGTH, path)
    yield from text(field, "value", 0, INPUT_LENGTH, path)
    yield from bounded_int(field, "min_length", 0, INPUT_LENGTH, path)
    yield from bounded_int(field, "max_length", 1, INPUT_LENGTH, path)
    least, most = field.get("min_length") or 0, field.get("max_length") or INPUT_LENGTH
    if isinstance(least, int) and isinstance(most, int) and least > most:
        words = "min_length must be no greater than max_length"
        yield (*path, "min_length"), "TEXT_INPUT_MIN_LENGTH_EXCEEDED", words


def fields_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields that a user fills in, in a row or under a label."""
    inner = [row.get("component")] if row.get("type") == LABEL else row.get("components")
    fields = inner if isinstance(inner, list) else ()
    return [field for field in fields if isinstance(field, dict)]
