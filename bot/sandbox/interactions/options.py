"""Fills in commands as Discord's client lets a user do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.people import ADMINISTRATOR, member_body, user_body
from bot.sandbox.places import channel_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.people import Guild
    from bot.sandbox.world import World

SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, NUMBER = 3, 4, 5, 6, 7, 10
_NESTED = (SUBCOMMAND, GROUP)
_TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    USER: (str,),
    CHANNEL: (str,),
    NUMBER: (int, float),
}


class PlayerError(Exception):
    """Discord's client would not let a user do this."""


def find_command(definitions: list[dict[str, Any]], name: str) -> dict[str, Any]:
    """Return the definition of a command by the first word of its name.

    Raises
    ------
    PlayerError
        If there is none.
    """
    first = name.split()[0] if name.split() else ""
    for definition in definitions:
        if definition["type"] == 1 and definition["name"] == first:
            return definition
    raise PlayerError(f"there is no command /{first} here")


def may_use(definition: Mapping[str, Any], permissions: int) -> bool:
    """Return whether somebody with these permissions is shown a command."""
    wanted = definition.get("default_member_permissions")
    if wanted is None or permissions & ADMINISTRATOR:
        return True
    return int(wanted) != 0 and permissions & int(wanted) == int(wanted)


class CommandForm:
    """A command that a user fills in.

    Parameters
    ----------
    name
        Its whole name, such as ``tenant link``.
    force
        Whether anything may be filled in, as a forged client might.
    """

    def __init__(self, definition: dict[str, Any], name: str, *, force: bool = False) -> None:
        self._definition = definition
        self._force = force
        self._nest: list[dict[str, Any]] = []
        level = definition.get("options") or []
        for word in name.split()[1:]:
            inner = [entry for entry in level if entry["name"] == word and entry["type"] in _NESTED]
            if not inner:
                raise PlayerError(f"there is no command /{name} here")
            self._nest.append(inner[0])
            level = inner[0].get("options") or []
        if any(entry["type"] in _NESTED for entry in level):
            raise PlayerError(f"/{name} needs a subcommand")
        self._options: dict[str, dict[str, Any]] = {entry["name"]: entry for entry in level}

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the data of a command that is sent.

        Raises
        ------
        PlayerError
            If a value does not fit, or one is missing.
        """
        if not self._force:
            for name, option in self._options.items():
                if option.get("required") and name not in values:
                    raise PlayerError(f"{name} is required")
        return self._data([self._entry(name, value) for name, value in values.items()])

    def focused(self, values: Mapping[str, Any], name: str, typed: str) -> dict[str, Any]:
        """Return the data of a command in which a user is typing.

        Raises
        ------
        PlayerError
            If a value does not fit, or nothing is suggested for the option.
        """
        option = self._options.get(name)
        if not self._force and not (option or {}).get("autocomplete"):
            raise PlayerError(f"nothing is suggested for {name}")
        kind = option["type"] if option else STRING
        entries = [self._entry(key, value) for key, value in values.items() if key != name]
        entries.append({"name": name, "type": kind, "value": typed, "focused": True})
        return self._data(entries)

    def _data(self, entries: list[dict[str, Any]]) -> dict[str, Any]:
        for level in reversed(self._nest):
            entries = [{"name": level["name"], "type": level["type"], "options": entries}]
        data = {"id": self._definition["id"], "name": self._definition["name"], "type": 1}
        if "guild_id" in self._definition:
            data["guild_id"] = self._definition["guild_id"]
        return {**data, "options": entries} if entries else data

    def _entry(self, name: str, value: Any) -> dict[str, Any]:
        option = self._options.get(name)
        if option is None:
            if not self._force:
                raise PlayerError(f"there is no option {name}")
            return {"name": name, "type": _type_of(value), "value": value}
        if not self._force:
            problem = _misfit(option, value)
            if problem:
                raise PlayerError(f"{name}: {problem}")
        return {"name": name, "type": option["type"], "value": value}


def _type_of(value: object) -> int:
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int):
        return INTEGER
    return NUMBER if isinstance(value, float) else STRING


def _misfit(option: Mapping[str, Any], value: Any) -> str | None:
    """Return why a value does not fit an option."""
    kind = option["type"]
    if not isinstance(value, _TYPES.get(kind, (object,))) or (
        isinstance(value, bool) and kind != BOOLEAN
    ):
        return f"{value!r} is of the wrong type"
    choices = option.get("choices")
    if choices and value not in [choice["value"] for choice in choices]:
        return f"{value!r} is none of its choices"
    size = len(value) if isinstance(value, str) else value
    least, most = ("min_length", "max_length") if kind == STRING else ("min_value", "max_value")
    if kind == STRING and not value:
        return "nothing was typed"
    if kind in (STRING, INTEGER, NUMBER):
        if option.get(least) is not None and size < option[least]:
            return f"{value!r} is too small"
        if size > option.get(most, 6000 if kind == STRING else 2**53):
            return f"{value!r} is too large"
    return None


def resolved_for(data: dict[str, Any], world: World, guild: Guild) -> dict[str, Any]:
    """Return what Discord tells about the users and channels that were chosen."""
    found: dict[str, Any] = {}
    entries = list(data.get("options") or ())
    while entries:
        entry = entries.pop()
        entries.extend(entry.get("options") or ())
        value = str(entry.get("value"))
        if entry["type"] == USER and value in world.users:
            user = world.users[value]
            found.setdefault("users", {})[value] = user_body(user)
            member = guild.members.get(value)
            if member is not None:
                body = member_body(member)
                for key in ("user", "deaf", "mute"):
                    del body[key]
                body["permissions"] = str(guild.permissions_of(value))
                found.setdefault("members", {})[value] = body
        if entry["type"] == CHANNEL and value in world.channels:
            body = channel_body(world, world.channels[value])
            found.setdefault("channels", {})[value] = {**body, "permissions": "0"}
    return found
