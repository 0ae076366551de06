"""The commands that the bot has told Discord about, and the routes to tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox import replies
from bot.sandbox.intake import take_in
from bot.sandbox.replies import API, Refused, reply
from bot.sandbox.rules.commands import (
    CHAT_INPUT,
    COMMANDS,
    command_list_problems,
    command_problems,
    kind_of,
    repeated_name,
)
from bot.sandbox.rules.options import GROUP, SUBCOMMAND
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date, datetime

    from bot.sandbox.bot_api import BotApi
    from bot.sandbox.people import User

UNKNOWN_COMMAND = error(10063, "Unknown application command")
_UNKNOWN_APPLICATION = error(10002, "Unknown Application")
_NO_LIST = error(
    50035,
    "Invalid Form Body",
    [((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")],
)
_TOO_MANY = error(30032, f"Maximum number of application commands reached ({COMMANDS})")
_TOO_MANY_TODAY = error(
    30034, "Max number of daily application command creates has been reached (200)"
)
_MOST_CREATED = 200
_IN_GUILDS = 0

Commands = dict[str, dict[str, Any]]
Key = tuple[int, str]


class CommandBook:
    """Keeps the commands, of all guilds and of single ones."""

    def __init__(self, api: BotApi, bot: User, now: Callable[[], datetime]) -> None:
        self._api = api
        self._bot = bot
        self._books: dict[str | None, Commands] = {None: {}}
        self._created: dict[tuple[str | None, date], int] = {}
        self._now = now

    def usable_in(self, guild_id: str) -> list[dict[str, Any]]:
        """Return the commands that a guild shows."""
        own = list(self._books.get(guild_id, {}).values())
        for command in self._books[None].values():
            contexts, installs = command["contexts"], command["integration_types"]
            if (contexts is None or _IN_GUILDS in contexts) and _IN_GUILDS in installs:
                own.append(command)
        return own

    def all(self) -> list[dict[str, Any]]:
        """Return the commands of everywhere."""
        return [command for book in self._books.values() for command in book.values()]

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        root = API + "/applications/{application_id}"
        found: list[web.RouteDef] = []
        for base in (root + "/commands", root + "/guilds/{guild_id}/commands"):
            found += [
                web.get(base, self._list),
                web.put(base, self._overwrite),
                web.post(base, self._create),
                web.get(base + "/{command_id}", self._show),
                web.patch(base + "/{command_id}", self._edit),
                web.delete(base + "/{command_id}", self._delete),
            ]
        return found

    def _book(self, request: web.Request) -> tuple[str | None, Commands]:
        self._api.know(request)
        if request.match_info["application_id"] != self._bot.id:
            raise Refused(404, _UNKNOWN_APPLICATION)
        guild_id = request.match_info.get("guild_id")
        if guild_id is not None:
            guild = self._api.world.guilds.get(guild_id)
            if guild is None or not guild.bot:
                raise Refused(403, replies.MISSING_ACCESS)
        return guild_id, self._books.setdefault(guild_id, {})

    async def _list(self, request: web.Request) -> web.Response:
        _, book = self._book(request)
        return reply(200, list(book.values()))

    async def _overwrite(self, request: web.Request) -> web.Response:
        guild_id, book = self._book(request)
        wanted = (await take_in(request)).json(forms=False)
        if not isinstance(wanted, list):
            raise Refused(400, _NO_LIST)
        _refuse(command_list_problems(wanted))
        before = _by_key(book)
        keys = [(kind_of(command), command["name"]) for command in wanted]
        _refuse_too_many(keys)
        self._count(guild_id, sum(key not in before for key in keys))
        book.clear()
        for key, command in zip(keys, wanted, strict=True):
            self._keep(guild_id, book, command, before.get(key))
        self._api.world.announce("commands", guild_id)
        return reply(200, list(book.values()))

    async def _create(self, request: web.Request) -> web.Response:
        guild_id, book = self._book(request)
        wanted = (await take_in(request)).mapping(forms=False)
        _refuse(command_problems(wanted))
        key, before = (kind_of(wanted), wanted["name"]), _by_key(book)
        _refuse_too_many({*before, key})
        same = before.get(key)
        self._count(guild_id, int(same is None))
        kept = self._keep(guild_id, book, wanted, same)
        self._api.world.announce("commands", guild_id)
        return reply(201 if same is None else 200, kept)

    def _one(self, request: web.Request) -> tuple[str | None, Commands, dict[str, Any]]:
        guild_id, book = self._book(request)
        command = book.get(request.match_info["command_id"])
        if command is None:
            raise Refused(404, UNKNOWN_COMMAND)
        return guild_id, book, command

    async def _show(self, request: web.Request) -> web.Response:
        return reply(200, self._one(request)[2])

    async def _edit(self, request: web.Request) -> web.Response:
        guild_id, book, command = self._one(request)
        changes = (await take_in(request)).mapping(forms=False)
        merged = {**command, **changes, "type": command["type"]}
        _refuse(command_problems(merged))
        if _by_key(book).get((command["type"], merged["name"]), command) is not command:
            _refuse([repeated_name()])
        kept = self._keep(guild_id, book, merged, command)
        self._api.world.announce("commands", guild_id)
        return reply(200, kept)

    async def _delete(self, request: web.Request) -> web.Response:
        guild_id, book, command = self._one(request)
        del book[command["id"]]
        self._api.world.announce("commands", guild_id)
        return reply(204)

    def _count(self, guild_id: str | None, more: int) -> None:
        key = (guild_id, self._now().date())
        created = self._created.get(key, 0) + more
        if created > _MOST_CREATED:
            raise Refused(400, _TOO_MANY_TODAY)
        self._created[key] = created

    def _keep(
        self,
        guild_id: str | None,
        book: Commands,
        command: dict[str, Any],
        before: dict[str, Any] | None,
    ) -> dict[str, Any]:
        permissions = command.get("default_member_permissions")
        kept = {
            "id": before["id"] if before else self._api.world.snowflake(),
            "application_id": self._bot.id,
            "version": self._api.world.snowflake(),
            "default_member_permissions": None if permissions is None else str(permissions),
            "type": kind_of(command),
            "name": command["name"],
            "name_localizations": command.get("name_localizations"),
            "description": command.get("description") or "",
            "description_localizations": command.get("description_localizations"),
            "dm_permission": command.get("dm_permission") is not False,
            "contexts": command.get("contexts"),
            "integration_types": command.get("integration_types") or [0],
            "nsfw": bool(command.get("nsfw")),
        }
        if command.get("options"):
            kept["options"] = _stored_options(command["options"])
        if guild_id is not None:
            kept["guild_id"] = guild_id
        book[kept["id"]] = kept
        return kept


def _by_key(book: Commands) -> dict[Key, dict[str, Any]]:
    return {(command["type"], command["name"]): command for command in book.values()}


def _refuse_too_many(keys: Iterable[Key]) -> None:
    if sum(kind == CHAT_INPUT for kind, _ in keys) > COMMANDS:
        raise Refused(400, _TOO_MANY)


def _refuse(problems: Iterable[Any]) -> None:
    found = list(problems)
    if found:
        raise Refused(400, error(50035, "Invalid Form Body", found))


def _stored_options(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return options without what is empty or false anyway."""
    stored = []
    for option in options:
        kept = {key: value for key, value in option.items() if not _says_nothing(value)}
        inner = kept.pop("options", None)
        if inner and kept["type"] in (SUBCOMMAND, GROUP):
            kept["options"] = _stored_options(inner)
        stored.append(kept)
    return stored


def _says_nothing(value: object) -> bool:
    return value is None or value is False or value == []
