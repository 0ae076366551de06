"""Commands are kept if Discord would keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.exchanges import assert_by_the_book
from tests.sandbox.hand import Hand, handed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with handed(limits=False) as hand:
        yield hand


def command(*options: Any, **changes: Any) -> dict[str, Any]:
    """Return a command that Discord takes."""
    found = {"name": "summary", "description": "A summary", "type": 1, "options": list(options)}
    return found | changes


def option(kind: Any = 3, **changes: Any) -> dict[str, Any]:
    """Return an option that Discord takes."""
    return {"name": "period", "description": "When", "type": kind, **changes}


def choices(count: int, **changes: Any) -> list[dict[str, Any]]:
    """Return so many choices."""
    return [{"name": f"c{number}", "value": "v"} | changes for number in range(count)]


def book(hand: Hand, *, guild: bool = False) -> str:
    """Return the path of the commands."""
    place = f"/guilds/{hand.guild.id}" if guild else ""
    return f"/applications/{hand.sandbox.bot.id}{place}/commands"


@pytest.mark.parametrize("guild", [False, True])
async def test_commands_are_overwritten_listed_and_changed_one_by_one(
    hand: Hand, request: pytest.FixtureRequest, guild: bool
) -> None:
    path = book(hand, guild=guild)
    status, [first, second] = await hand.ask("PUT", path, [command(), command(name="help")])
    assert status == 200
    _, [again] = await hand.ask("PUT", path, [command(description="Another")])
    assert again["id"] == first["id"]
    assert again["version"] != first["version"]
    assert await hand.ask("GET", path) == (200, [again])
    assert (await hand.ask("GET", f"{path}/{second['id']}"))[1]["code"] == 10063
    status, made = await hand.ask("POST", path, command(name="help"))
    assert status == 201
    assert (await hand.ask("POST", path, command(name="help")))[0] == 200
    one = f"{path}/{made['id']}"
    status, changed = await hand.ask("PATCH", one, {"description": "Changed"})
    assert (status, changed["description"]) == (200, "Changed")
    assert (await hand.ask("GET", one))[1] == changed
    assert (await hand.ask("DELETE", one))[0] == 204
    usable = hand.sandbox.commands.usable_in(hand.guild.id)
    assert [entry["name"] for entry in usable] == ["summary"]
    assert_by_the_book(hand.sandbox.exchanges, request)


async def test_only_the_bot_itself_tells_of_commands(hand: Hand) -> None:
    status, body = await hand.ask("GET", book(hand), headers={"Authorization": "Bot wrong"})
    assert (status, body["message"]) == (401, "401: Unauthorized")
    assert (await hand.ask("GET", "/applications/1/commands"))[1]["code"] == 10002
    hand.sandbox.world.move_bot(hand.guild, inside=False)
    assert (await hand.ask("PUT", book(hand, guild=True), []))[1]["code"] == 50001


async def test_a_guild_shows_commands_meant_for_guilds(hand: Hand) -> None:
    wanted = [
        command(name="everywhere"),
        command(name="here", contexts=[0], integration_types=[0]),
        command(name="private", contexts=[1]),
        command(name="users", integration_types=[1]),
    ]
    await hand.ask("PUT", book(hand), wanted)
    usable = hand.sandbox.commands.usable_in(hand.guild.id)
    assert [entry["name"] for entry in usable] == ["everywhere", "here"]


async def test_two_hundred_are_made_in_a_day(hand: Hand) -> None:
    for start in (0, 100):
        wanted = [command(name=f"c{start + number}") for number in range(100)]
        assert (await hand.ask("PUT", book(hand), wanted))[0] == 200
    assert (await hand.ask("PUT", book(hand), [command(name="more")]))[1]["code"] == 30034


SUB = {"name": "link", "description": "Link", "type": 1}
GROUP = {"name": "more", "description": "More", "type": 2, "options": [SUB]}


@pytest.mark.parametrize(
    "wanted",
    [
        command(),
        command(name="n" * 32, description="d" * 100),
        command(name="größe-2_x"),
        command(name="नमस्ते"),
        command(name="สวัสดี"),
        command(name="it's"),
        command(type=None),
        command(name_localizations={"de": "ü" * 32}, description_localizations={"de": "d" * 100}),
        command(name_localizations=None, description_localizations={}, nsfw=None),
        command(*(option(name=f"o{number}") for number in range(25))),
        command(option(required=True), option(name="other")),
        command(option(choices=choices(25))),
        command(option(4, choices=choices(1, value=7))),
        command(option(4, choices=choices(1, value=2**53 - 1), min_value=-(2**53) + 1)),
        command(option(10, choices=choices(1, value=0.5), min_value=-0.5, max_value=7)),
        command(option(choices=choices(1, name_localizations={"de": "n" * 100}))),
        command(option(name_localizations={"de": "wann"}, description_localizations=None)),
        command(option(min_length=5, max_length=5)),
        command(option(autocomplete=True, min_length=0, max_length=6000)),
        command(SUB, GROUP, name="tenant"),
        command({**GROUP, "options": [{**SUB, "options": [option()]}]}),
        command(default_member_permissions="32", contexts=[0], integration_types=[0]),
        command(default_member_permissions=32),
        command(option(options=5)),
        {"name": "Show This", "type": 3},
        {"name": "Show This", "type": 2, "options": [], "name_localizations": {"de": "Zeig Es"}},
    ],
)
async def test_a_good_definition_is_taken(hand: Hand, wanted: dict[str, Any]) -> None:
    assert (await hand.ask("PUT", book(hand), [wanted]))[0] == 200


LONG = [option(name=f"o{number}", description="d" * 100) for number in range(25)]


@pytest.mark.parametrize(
    "wanted",
    [
        7,
        command(name="Summary"),
        command(name="a b"),
        command(name="n" * 33),
        command(name=""),
        command(name=None),
        command(name=[]),
        command(name="नमस्ते!"),
        command(name="x\u0301"),
        command(name_localizations={"de": "y" * 33}),
        command(name_localizations={"de": "A b"}),
        command(name_localizations={"de": None}),
        command(name_localizations=["de"]),
        command(description_localizations={"de": "y" * 101}),
        command(description_localizations={"de": ""}),
        command(type=[]),
        command(type=0),
        command(type=True),
        command(nsfw="yes"),
        command(dm_permission=1),
        command(options={}),
        command(description=""),
        command(description="d" * 101),
        command(type=9),
        command(*(option(name=f"o{number}") for number in range(26))),
        command(option(), option()),
        command(option(), option(name="other", required=True)),
        command(option(99)),
        command(option([])),
        command(option(name=[])),
        command(option(name_localizations={"de": "y" * 33})),
        command(option(description_localizations={"de": 5})),
        command(option(required="yes")),
        command(option(autocomplete=[1])),
        command(option(choices={"a": 1})),
        command(option(choices=choices(1, name=[]))),
        command(option(choices=choices(1, name_localizations={"de": "n" * 101}))),
        command(option(4, choices=choices(1, value=2**53))),
        command(option(4, choices=choices(1, value=True))),
        command(option(4, min_value="a")),
        command(option(4, min_value=0.5)),
        command(option(4, max_value=2**53)),
        command(option(10, max_value=-(2.0**54))),
        command(option(4, min_value=5, max_value=4)),
        command(option(min_length=5, max_length=4)),
        command({"name": "x", "description": "y"}),
        command(7),
        command(option(name="X")),
        command(option(description="d" * 101)),
        command(option(choices=choices(26))),
        command(option(choices=choices(1, name="n" * 101))),
        command(option(choices=choices(1, name=""))),
        command(option(choices=choices(1, value="v" * 101))),
        command(option(choices=choices(1, value=7))),
        command(option(choices=choices(2, name="same"))),
        command(option(choices=choices(1), autocomplete=True)),
        command(option(5, autocomplete=True)),
        command(option(5, choices=choices(1))),
        command(option(min_length=-1)),
        command(option(max_length=6001)),
        command(SUB, option()),
        command({**SUB, "options": [SUB]}),
        command({**GROUP, "options": [GROUP]}),
        command(default_member_permissions="manage"),
        command(default_member_permissions=True),
        command(default_member_permissions=-5),
        command(contexts=[[]]),
        command(contexts=[3]),
        command(contexts=[0, 0]),
        command(contexts=[]),
        command(integration_types=[2]),
        command(*({**SUB, "name": f"s{number}", "options": LONG} for number in range(4))),
        {"name": "Show", "type": 3, "description": "none allowed"},
        {"name": "Show", "type": 2, "options": [option()]},
        {"name": "Show", "type": 2, "options": 5},
        {"name": "Show", "type": 2, "name_localizations": {"de": ""}},
    ],
)
async def test_a_bad_definition_is_refused(hand: Hand, wanted: Any) -> None:
    status, body = await hand.ask("PUT", book(hand), [command(name="good"), wanted])
    assert (status, body["code"]) == (400, 50035)
    assert list(body["errors"]) == ["1"]
    assert hand.sandbox.commands.usable_in(hand.guild.id) == []


@pytest.mark.parametrize("wanted", [{}, [command(), command()]])
async def test_a_bad_list_is_refused(hand: Hand, wanted: Any) -> None:
    status, body = await hand.ask("PUT", book(hand), wanted)
    assert (status, body["code"]) == (400, 50035)


async def test_there_are_a_hundred_commands_at_most(hand: Hand) -> None:
    many = [command(name=f"c{number}") for number in range(101)]
    assert (await hand.ask("PUT", book(hand), many))[1]["code"] == 30032
    assert (await hand.ask("PUT", book(hand), many[:100]))[0] == 200
    status, body = await hand.ask("POST", book(hand), many[100])
    assert (status, body["code"]) == (400, 30032)
    assert (await hand.ask("POST", book(hand), many[99]))[0] == 200
    assert (await hand.ask("POST", book(hand), {"name": "Show", "type": 2}))[0] == 201
    assert (await hand.ask("POST", book(hand, guild=True), many[100]))[0] == 201


async def test_no_command_takes_the_name_of_another(hand: Hand) -> None:
    wanted = [command(), command(name="help"), {"name": "more", "type": 2}]
    _, [first, *_] = await hand.ask("PUT", book(hand), wanted)
    one = f"{book(hand)}/{first['id']}"
    status, body = await hand.ask("PATCH", one, {"name": "help"})
    assert (status, body["code"], list(body["errors"])) == (400, 50035, ["name"])
    for name in ("summary", "more"):
        assert (await hand.ask("PATCH", one, {"name": name}))[0] == 200
