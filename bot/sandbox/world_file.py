"""Builds guilds, channels, webhooks and members as a JSON file describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.people import Guild
    from bot.sandbox.world import World


def build_world(world: World, described: Mapping[str, Any]) -> None:
    """Add what a description names.

    Parameters
    ----------
    described
        ``guilds``, a list of objects with ``name`` and, as wanted, ``id``,
        ``bot_permissions``, ``channels`` (``name``, ``id``, ``kind`` and
        ``webhooks``, which have ``id`` and ``token``) and ``members``
        (``name``, ``id`` and ``permissions``).

    Raises
    ------
    KeyError
        If a name is missing.
    """
    for entry in described.get("guilds", ()):
        facts = {}
        if "bot_permissions" in entry:
            facts["bot_permissions"] = int(entry["bot_permissions"])
        guild = world.add_guild(entry["name"], entry.get("id"), **facts)
        for channel in entry.get("channels", ()):
            _add_channel(world, guild, channel)
        for member in entry.get("members", ()):
            known = world.users.get(str(member.get("id")))
            user = known or world.add_user(member["name"], member.get("id"))
            world.join(guild, user, int(member.get("permissions", 0)))


def _add_channel(world: World, guild: Guild, described: Mapping[str, Any]) -> None:
    channel = world.add_channel(
        described.get("kind", "text"),
        guild_id=guild.id,
        name=described["name"],
        id=described.get("id"),
    )
    for hook in described.get("webhooks", ()):
        world.add_webhook(channel, hook_id=hook.get("id"), token=hook.get("token"))
