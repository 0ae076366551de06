"""Components, modals and commands that Discord would not take are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.hand import Hand, handed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with handed(limits=False) as hand:
        yield hand


def button(**changes: Any) -> dict[str, Any]:
    """Return a button that Discord takes."""
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go", **changes}


def link(**changes: Any) -> dict[str, Any]:
    """Return a link that Discord takes."""
    return {"type": 2, "style": 5, "label": "Go", "url": "https://example.org/", **changes}


def menu(*options: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a menu that Discord takes."""
    return {"type": 3, "custom_id": "menu", "options": list(options) or [option()], **changes}


def option(value: str = "v", **changes: Any) -> dict[str, Any]:
    """Return an option that Discord takes."""
    return {"label": "L", "value": value, **changes}


def row(*components: dict[str, Any]) -> dict[str, Any]:
    """Return a row."""
    return {"type": 1, "components": list(components)}


def buttons(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Return so many different buttons."""
    return [button(custom_id=f"b{number}") for number in range(start, start + count)]


ANY_MENU = {"type": 5, "custom_id": "who"}


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row(*buttons(5, 5 * number)) for number in range(5)],
        [row(button(label="x" * 80, custom_id="c" * 100)), row(link())],
        [row(button(label=None, emoji={"name": "🐺", "id": None}))],
        [row(button(emoji={"name": "wolf", "id": "7"}))],
        [row(menu(*(option(f"{number}") for number in range(25)), max_values=25))],
        [row(menu(placeholder="x" * 150, min_values=0)), row(ANY_MENU)],
        [row(menu(option(label="x" * 100, description="x" * 100, emoji={"name": "1️⃣"})))],
    ],
)
async def test_components_that_fit_are_taken(hand: Hand, rows: list[Any]) -> None:
    body = {"content": "x", "components": rows}
    assert (await hand.answer(hand.happen(), 4, body))[0] == 204


@pytest.mark.parametrize(
    "rows",
    [
        {},
        [7],
        [button()],
        [row()],
        [row(*buttons(1, number)) for number in range(6)],
        [row(*buttons(6))],
        [row(menu(), button())],
        [row(menu(), menu(custom_id="other"))],
        [row(button(), button())],
        [row(button()), row(menu(custom_id="go"))],
        [row(button(custom_id=""))],
        [row(button(custom_id=None))],
        [row(button(custom_id="c" * 101))],
        [row(button(label="x" * 81))],
        [row(button(label=None))],
        [row(button(style=7))],
        [row(button(url="https://example.org/"))],
        [row(button(disabled="yes"))],
        [row(button(emoji={"name": "wolf"}))],
        [row(button(emoji="🐺"))],
        [row(link(custom_id="go"))],
        [row(link(url=None))],
        [row(link(url="ftp://example.org"))],
        [row(link(url="https://example.org/" + "x" * 512))],
        [row({"type": 4, "custom_id": "t"})],
        [row({"type": 3, "custom_id": "menu", "options": []})],
        [row({"type": 3, "custom_id": "menu"})],
        [row(menu(*(option(f"{number}") for number in range(26))))],
        [row(menu(option(), option()))],
        [row(menu(option(label="")))],
        [row(menu(option(label="x" * 101)))],
        [row(menu(option("x" * 101)))],
        [row(menu(option(description="x" * 101)))],
        [row(menu(option(default="yes")))],
        [row(menu(option("a", default=True), option("b", default=True)))],
        [row(menu(placeholder="x" * 151))],
        [row(menu(max_values=2))],
        [row(menu(min_values=2, max_values=1))],
        [row(menu(max_values=26))],
        [row(menu(min_values="none"))],
        [row(menu(custom_id="x" * 101))],
    ],
)
async def test_components_that_do_not_fit_are_refused(hand: Hand, rows: Any) -> None:
    body = {"content": "x", "components": rows}
    status, answer = await hand.answer(hand.happen(), 4, body)
    assert (status, answer["code"]) == (400, 50035)
    assert list(answer["errors"]["data"]) == ["components"]
    path = f"/channels/{hand.channel.id}/messages"
    status, answer = await hand.ask("POST", path, body)
    assert (status, list(answer["errors"])) == (400, ["components"])


def field(**changes: Any) -> dict[str, Any]:
    """Return a text input that Discord takes in a row."""
    return {"type": 4, "custom_id": "key", "label": "Key", "style": 1, **changes}


def label(component: Any, **changes: Any) -> dict[str, Any]:
    """Return a labelled field that Discord takes."""
    return {"type": 18, "label": "Key", "component": component, **changes}


def modal(*rows: Any, **changes: Any) -> dict[str, Any]:
    """Return a modal that Discord takes."""
    return {"custom_id": "m", "title": "T", "components": list(rows) or [row(field())], **changes}


BARE = field(label=None)


@pytest.mark.parametrize(
    "form",
    [
        modal(),
        modal(title="x" * 45, custom_id="x" * 100),
        modal(*(row(field(custom_id=f"{number}")) for number in range(5))),
        modal(label(BARE, label="x" * 45, description="x" * 100)),
        modal(label(menu()), {"type": 10, "content": "Read this"}),
        modal(row(field(min_length=0, max_length=4000, value="x" * 4000, placeholder="x" * 100))),
    ],
)
async def test_modals_that_fit_are_shown(hand: Hand, form: dict[str, Any]) -> None:
    assert (await hand.answer(hand.happen(), 9, form))[0] == 204


@pytest.mark.parametrize(
    "form",
    [
        {},
        modal(title=""),
        modal(title="x" * 46),
        modal(custom_id=None),
        modal(custom_id="x" * 101),
        modal(components=[]),
        modal(*(row(field(custom_id=f"{number}")) for number in range(6))),
        modal(7),
        modal(field()),
        modal(row()),
        modal(row(field(), field(custom_id="b"))),
        modal(row(button())),
        modal(row(field()), row(field())),
        modal(row(field(label=None))),
        modal(row(field(label="x" * 46))),
        modal(row(field(style=3))),
        modal(row(field(custom_id=""))),
        modal(row(field(placeholder="x" * 101))),
        modal(row(field(value="x" * 4001))),
        modal(row(field(max_length=4001))),
        modal(row(field(max_length=0))),
        modal(row(field(min_length=-1))),
        modal(row(field(min_length=5, max_length=4))),
        modal(row(field(required="yes"))),
        modal(label(None)),
        modal(label(button())),
        modal(label(field())),
        modal(label(BARE, label="x" * 46)),
        modal(label(BARE, label=None)),
        modal(label(BARE, description="x" * 101)),
        modal({"type": 10}),
    ],
)
async def test_modals_that_do_not_fit_are_refused(hand: Hand, form: dict[str, Any]) -> None:
    interaction = hand.happen()
    status, answer = await hand.answer(interaction, 9, form)
    assert (status, answer["code"], list(answer["errors"])) == (400, 50035, ["data"])
    assert interaction.modal is None


async def test_an_ordinary_webhook_shows_links_only_and_only_if_asked(hand: Hand) -> None:
    hook = hand.sandbox.world.add_webhook(hand.channel)
    path = f"/webhooks/{hook.id}/{hook.token}?wait=true"
    links = {"content": "x", "components": [row(link())]}
    assert (await hand.ask("POST", path, links))[1]["components"] == []
    path += "&with_components=true"
    _, written = await hand.ask("POST", path, links)
    assert written["components"][0]["components"][0]["url"] == "https://example.org/"
    for rows in ([row(button())], [row(menu())], [row()]):
        status, body = await hand.ask("POST", path, {"content": "x", "components": rows})
        assert (status, list(body["errors"])) == (400, ["components"])
