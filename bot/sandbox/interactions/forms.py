"""Presses buttons, chooses from menus and fills in modals as Discord's client does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.interactions.options import PlayerError
from bot.sandbox.rules.components import BUTTON, LINK, SELECTS, STRING_SELECT
from bot.sandbox.rules.modals import INPUT_LENGTH, LABEL, TEXT_DISPLAY, fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def pressed(
    rows: list[dict[str, Any]], custom_id: str, values: list[str] | None, *, force: bool
) -> dict[str, Any]:
    """Return the data of a button that is pressed, or a menu that is chosen from.

    Parameters
    ----------
    values
        What is chosen; None for a button.

    Raises
    ------
    PlayerError
        If it is not there, or not allowed.
    """
    found = [
        component
        for row in rows
        for component in row.get("components", ())
        if component.get("custom_id") == custom_id
    ]
    if force and not found:
        kind = BUTTON if values is None else STRING_SELECT
        data: dict[str, Any] = {"custom_id": custom_id, "component_type": kind, "id": 1}
        return data if values is None else {**data, "values": values}
    if not found:
        raise PlayerError(f"there is nothing with the custom id {custom_id!r}")
    component = found[0]
    kind = component["type"]
    if not force:
        _allow(component, values)
    data = {"custom_id": custom_id, "component_type": kind, "id": component["id"]}
    return data if values is None else {**data, "values": values}


def _allow(component: Mapping[str, Any], values: list[str] | None) -> None:
    if component.get("disabled"):
        raise PlayerError("it is disabled")
    if values is None:
        if component["type"] != BUTTON or component["style"] == LINK:
            raise PlayerError("it is no button to press")
        return
    if component["type"] not in SELECTS:
        raise PlayerError("it is no menu")
    problem = _unchoosable(component, values)
    if problem:
        raise PlayerError(problem)


def _unchoosable(menu: Mapping[str, Any], values: list[str]) -> str | None:
    if not menu["min_values"] <= len(values) <= menu["max_values"]:
        return "too few or too many are chosen"
    known = {option["value"] for option in menu.get("options", ())}
    if menu["type"] == STRING_SELECT and not known.issuperset(values):
        return f"{values!r} are not all among its options"
    return None


def filled_form(
    modal: Mapping[str, Any], values: Mapping[str, Any], *, force: bool
) -> dict[str, Any]:
    """Return the data of a modal that is sent.

    Raises
    ------
    PlayerError
        If a value does not fit, or one is missing.
    """
    known = {
        field["custom_id"]
        for row in modal["components"]
        for field in fields_of(row)
        if "custom_id" in field
    }
    if not force and not known.issuperset(values):
        raise PlayerError(f"there is no field {sorted(set(values) - known)[0]!r}")
    rows: list[dict[str, Any]] = []
    for row in modal["components"]:
        if row["type"] == TEXT_DISPLAY:
            rows.append({"type": TEXT_DISPLAY, "id": row["id"]})
            continue
        fields = [_field(field, values.get(field["custom_id"]), force) for field in fields_of(row)]
        inner = {"component": fields[0]} if row["type"] == LABEL else {"components": fields}
        rows.append({"type": row["type"], "id": row["id"], **inner})
    return {"custom_id": modal["custom_id"], "components": rows}


def _field(field: Mapping[str, Any], value: Any, force: bool) -> dict[str, Any]:
    filled = {"type": field["type"], "id": field["id"], "custom_id": field["custom_id"]}
    required = field.get("required", True)
    if field["type"] in SELECTS:
        chosen = list(value or ())
        problem = _unchoosable(field, chosen) if chosen or required else None
        filled["values"] = chosen
    else:
        typed = field.get("value") or "" if value is None else value
        problem = _untypeable(field, typed) if typed or required else None
        filled["value"] = typed
    if problem and not force:
        raise PlayerError(f"{field['custom_id']}: {problem}")
    return filled


def _untypeable(field: Mapping[str, Any], typed: str) -> str | None:
    least = field.get("min_length") or (1 if field.get("required", True) else 0)
    if len(typed) < least:
        return "too little was typed"
    if len(typed) > (field.get("max_length") or INPUT_LENGTH):
        return "too much was typed"
    return None
