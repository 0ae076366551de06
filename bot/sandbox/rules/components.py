"""What Discord refuses in the buttons and menus of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.sandbox.rules.fields import boolean, bounded_int, listed, one_of, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.sandbox.validation import Path, Problem

ROWS = 5
MOST_COMPONENTS = 40
BUTTONS = 5
OPTIONS = 25
CUSTOM_ID_LENGTH = 100
LABEL_LENGTH = 80
PLACEHOLDER_LENGTH = 150
OPTION_LENGTH = 100
URL_LENGTH = 512

ROW, BUTTON, STRING_SELECT = 1, 2, 3
SELECTS = (3, 5, 6, 7, 8)
LINK, PREMIUM = 5, 6
_STYLES = (1, 2, 3, 4, 5, 6)


def component_problems(value: object) -> Iterator[Problem]:
    """Yield what is wrong with the components of a message."""
    path = ("components",)
    rows, problems = listed(value, path, 0, ROWS)
    yield from problems
    seen: set[str] = set()
    for number, row in enumerate(rows):
        where = (*path, str(number))
        if not isinstance(row, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
        elif row.get("type") != ROW:
            yield (*where, "type"), "BASE_TYPE_CHOICES", "Value must be one of {1}."
        else:
            yield from _row(row, where, seen)


def ignored_component_problems(value: object) -> Iterator[Problem]:
    """Yield what is wrong with components even where nobody asked to show them."""
    if value is not None:
        yield from listed(value, ("components",), 0, MOST_COMPONENTS)[1]


def webhook_component_problems(value: object) -> Iterator[Problem]:
    """Yield what is wrong with the components of a webhook that no application owns."""
    problems = list(component_problems(value))
    yield from problems
    if problems or not isinstance(value, list):
        return
    for number, row in enumerate(value):
        for place, entry in enumerate(row["components"]):
            if entry.get("style") != LINK:
                path = ("components", str(number), "components", str(place))
                words = "This webhook cannot send interactive components"
                yield path, "COMPONENT_INTERACTIVE_NOT_ALLOWED", words


def _row(row: Mapping[str, Any], path: Path, seen: set[str]) -> Iterator[Problem]:
    inside = (*path, "components")
    entries, problems = listed(row.get("components"), inside, 1, BUTTONS)
    yield from problems
    kinds = [entry.get("type") for entry in entries if isinstance(entry, dict)]
    if any(kind in SELECTS for kind in kinds) and len(kinds) > 1:
        words = "A row holds one menu or up to 5 buttons"
        yield path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", words
    for number, entry in enumerate(entries):
        where = (*inside, str(number))
        if not isinstance(entry, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        if entry.get("type") == BUTTON:
            yield from _button(entry, where)
        elif entry.get("type") in SELECTS:
            yield from select_problems(entry, where)
        else:
            yield from one_of(entry.get("type"), (BUTTON, *SELECTS), (*where, "type"))
        yield from boolean(entry, "disabled", where)
        yield from _unique(entry, where, seen)


def _unique(entry: Mapping[str, Any], path: Path, seen: set[str]) -> Iterator[Problem]:
    custom_id = entry.get("custom_id")
    if isinstance(custom_id, str):
        if custom_id in seen:
            words = "Component custom id cannot be duplicated"
            yield (*path, "custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED", words
        seen.add(custom_id)


def _button(button: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    yield from one_of(button.get("style"), _STYLES, (*path, "style"))
    yield from text(button, "label", 0, LABEL_LENGTH, path)
    yield from emoji_problems(button.get("emoji"), (*path, "emoji"))
    style = button.get("style")
    if style == PREMIUM:
        return
    if not button.get("label") and not button.get("emoji"):
        words = "A button must have a label or an emoji"
        yield path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", words
    if style == LINK:
        if button.get("custom_id") is not None:
            words = "A custom id and url cannot both be specified"
            yield (*path, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_AND_URL", words
        yield from _link(button, path)
        return
    yield from custom_id_problems(button, path)
    if button.get("url") is not None:
        words = "Only a link button has a url"
        yield (*path, "url"), "BUTTON_COMPONENT_URL_NOT_ALLOWED", words


def _link(button: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    problems = list(text(button, "url", 1, URL_LENGTH, path, required=True))
    yield from problems
    if problems:
        return
    try:
        parts = urlsplit(button["url"])
        good = parts.scheme in ("http", "https", "discord") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        words = "Scheme must be one of ('discord', 'https', 'http')."
        yield (*path, "url"), "URL_TYPE_INVALID_SCHEME", words


def custom_id_problems(holder: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    """Yield what is wrong with a custom id."""
    yield from text(holder, "custom_id", 1, CUSTOM_ID_LENGTH, path, required=True)


def select_problems(menu: Mapping[str, Any], path: Path) -> Iterator[Problem]:
    """Yield what is wrong with a menu."""
    yield from custom_id_problems(menu, path)
    yield from text(menu, "placeholder", 0, PLACEHOLDER_LENGTH, path)
    yield from bounded_int(menu, "min_values", 0, OPTIONS, path)
    yield from bounded_int(menu, "max_values", 1, OPTIONS, path)
    least, most = menu.get("min_values", 1), menu.get("max_values", 1)
    if isinstance(least, int) and isinstance(most, int) and least > most:
        words = "min_values must be no greater than max_values"
        yield (*path, "min_values"), "SELECT_COMPONENT_MIN_VALUES_EXCEEDED", words
    if menu.get("type") != STRING_SELECT:
        return
    inside = (*path, "options")
    options, problems = listed(menu.get("options"), inside, 1, OPTIONS)
    yield from problems
    if not problems and isinstance(most, int) and most > len(options):
        words = f"Must be no more than the number of options ({len(options)})."
        yield (*path, "max_values"), "SELECT_COMPONENT_MAX_VALUES_EXCEEDED", words
    yield from _options(options, inside)
    chosen = [option for option in options if isinstance(option, dict) and option.get("default")]
    if isinstance(most, int) and len(chosen) > most:
        words = "More options are chosen by default than may be chosen"
        yield inside, "SELECT_COMPONENT_TOO_MANY_DEFAULTS", words


def _options(options: list[Any], path: Path) -> Iterator[Problem]:
    values: set[object] = set()
    for number, option in enumerate(options):
        where = (*path, str(number))
        if not isinstance(option, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
            continue
        yield from text(option, "label", 1, OPTION_LENGTH, where, required=True)
        yield from text(option, "value", 1, OPTION_LENGTH, where, required=True)
        yield from text(option, "description", 0, OPTION_LENGTH, where)
        yield from emoji_problems(option.get("emoji"), (*where, "emoji"))
        yield from boolean(option, "default", where)
        value = option.get("value")
        if isinstance(value, str) and value in values:
            words = "The specified option value is already used"
            yield (*where, "value"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", words
        values.add(value if isinstance(value, str) else None)


def emoji_problems(emoji: object, path: Path) -> Iterator[Problem]:
    """Yield what is wrong with an emoji: a sign of Unicode, or one with an id."""
    if emoji is None:
        return
    if not isinstance(emoji, dict):
        yield path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
        return
    name = emoji.get("name")
    plain = isinstance(name, str) and bool(name) and not name.isascii()
    digits = isinstance(name, str) and name[:1] in "#*0123456789" and "\u20e3" in name
    if emoji.get("id") is None and not plain and not digits:
        yield (*path, "name"), "COMPONENT_INVALID_EMOJI", "Invalid emoji"
