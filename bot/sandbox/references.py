"""Messages that answer others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.people import READ_MESSAGE_HISTORY
from bot.sandbox.places import bot_may
from bot.sandbox.replies import Refused
from bot.sandbox.rules.fields import boolean, one_of
from bot.sandbox.validation import error, is_snowflake

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.sandbox.validation import Problem
    from bot.sandbox.world import Channel, World

NO_HISTORY = error(160002, "Cannot reply without permission to read message history")
_REPLY = 19
_DEFAULT = 0
_PATH = ("message_reference",)
_IDS = ("message_id", "channel_id", "guild_id")


def reference_facts(world: World, channel: Channel, reference: object) -> dict[str, Any]:
    """Return what the body of a message tells of the one that it answers.

    Parameters
    ----------
    reference
        The message_reference of the request; None for none.

    Raises
    ------
    Refused
        If there is no such message in the channel, and there has to be.
    """
    if reference is None:
        return {}
    if not isinstance(reference, dict):
        _refuse([(_PATH, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")])
        return {}
    _refuse(list(_problems(reference)))
    if not bot_may(world, channel, READ_MESSAGE_HISTORY):
        raise Refused(403, NO_HISTORY)
    message_id = str(reference["message_id"])
    here = str(reference.get("channel_id") or channel.id) == channel.id
    if here and any(message.id == message_id for message in world.in_channel(channel.id)):
        told = {"message_id": message_id, "channel_id": channel.id, "guild_id": channel.guild_id}
        return {"type": _REPLY, "message_reference": {"type": _DEFAULT, **told}}
    if reference.get("fail_if_not_exists") is not False:
        _refuse([(_PATH, "MESSAGE_REFERENCE_UNKNOWN_MESSAGE", "Unknown message")])
    return {}


def _problems(reference: Mapping[str, Any]) -> Iterator[Problem]:
    for key in _IDS:
        value = reference.get(key)
        if value is not None and not is_snowflake(value):
            yield (*_PATH, key), "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.'
    if reference.get("message_id") is None:
        yield (*_PATH, "message_id"), "BASE_TYPE_REQUIRED", "This field is required"
    yield from boolean(reference, "fail_if_not_exists", _PATH)
    if reference.get("type") is not None:
        yield from one_of(reference["type"], (_DEFAULT,), (*_PATH, "type"))


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Refused(400, error(50035, "Invalid Form Body", problems))
