"""Interactions as Discord tells the bot, and as messages remember them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.attachments import MOST_BYTES
from bot.sandbox.interactions.records import Kind
from bot.sandbox.people import member_body, user_body
from bot.sandbox.places import bot_permissions_in, channel_body

if TYPE_CHECKING:
    from bot.sandbox.interactions.records import Interaction
    from bot.sandbox.world import World

_GUILD = 0
_REPLY = 19
_COMMAND_ANSWER = 20


def event_of(interaction: Interaction, world: World, bot_id: str) -> dict[str, Any]:
    """Return the event that tells the bot of an interaction."""
    guild, channel = interaction.guild, interaction.channel
    member = guild.members[interaction.user.id]
    permissions = str(guild.permissions_of(interaction.user.id))
    place = channel_body(world, channel)
    place.pop("permission_overwrites", None)
    event = {
        "version": 1,
        "type": int(interaction.kind),
        "id": interaction.id,
        "token": interaction.token,
        "application_id": bot_id,
        "member": {
            **member_body(member),
            "permissions": permissions,
            "unusual_dm_activity_until": None,
        },
        "locale": guild.locale,
        "guild_locale": guild.locale,
        "guild_id": guild.id,
        "guild": {"id": guild.id, "locale": guild.locale, "features": []},
        "channel_id": channel.id,
        "channel": {"nsfw": False, "topic": None, **place, "permissions": permissions},
        "app_permissions": str(bot_permissions_in(world, channel)),
        "authorizing_integration_owners": {"0": guild.id},
        "context": _GUILD,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "attachment_size_limit": MOST_BYTES,
        "data": interaction.data,
    }
    if interaction.message is not None:
        event["message"] = interaction.message.body
    return event


def metadata_of(interaction: Interaction) -> dict[str, Any]:
    """Return what a message tells of the interaction that it answers."""
    found: dict[str, Any] = {
        "id": interaction.id,
        "type": int(interaction.kind),
        "user": user_body(interaction.user),
        "authorizing_integration_owners": {"0": interaction.guild.id},
    }
    if interaction.kind is Kind.COMPONENT and interaction.message is not None:
        found["interacted_message_id"] = interaction.message.id
    if interaction.kind is Kind.MODAL and interaction.parent is not None:
        found["triggering_interaction_metadata"] = metadata_of(interaction.parent)
    return found


def answer_facts(interaction: Interaction) -> dict[str, Any]:
    """Return what the body of an answer to an interaction holds besides its text."""
    facts: dict[str, Any] = {"interaction_metadata": metadata_of(interaction)}
    if interaction.kind is Kind.COMMAND:
        facts["type"] = _COMMAND_ANSWER
        facts["interaction"] = {
            "id": interaction.id,
            "type": int(interaction.kind),
            "name": command_name(interaction.data),
            "user": user_body(interaction.user),
        }
    elif interaction.message is not None:
        facts["type"] = _REPLY
        facts["message_reference"] = {
            "type": 0,
            "channel_id": interaction.message.channel_id,
            "message_id": interaction.message.id,
            "guild_id": interaction.guild.id,
        }
    return facts


def command_name(data: dict[str, Any]) -> str:
    """Return the whole name of a command that was used, with its subcommands."""
    words = [str(data["name"])]
    options = data.get("options") or []
    while len(options) == 1 and options[0]["type"] in (1, 2):
        words.append(options[0]["name"])
        options = options[0].get("options") or []
    return " ".join(words)
