"""Guilds, channels and threads as Discord shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.people import (
    ADMINISTRATOR,
    EVERYTHING,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS,
    VIEW_CHANNEL,
    User,
    member_body,
)

if TYPE_CHECKING:
    from bot.sandbox.people import Guild
    from bot.sandbox.world import Channel, World

_TEXT = 0
_PUBLIC_THREAD = 11
_FORUM = 15
_ROLE_OVERWRITE = 0
_NOTHING = (
    "icon",
    "description",
    "home_header",
    "splash",
    "discovery_splash",
    "banner",
    "application_id",
    "afk_channel_id",
    "system_channel_id",
    "widget_channel_id",
    "max_presences",
    "vanity_url_code",
    "rules_channel_id",
    "safety_alerts_channel_id",
    "public_updates_channel_id",
    "incidents_data",
)
_ZERO = (
    "system_channel_flags",
    "verification_level",
    "default_message_notifications",
    "mfa_level",
    "explicit_content_filter",
    "premium_tier",
    "premium_subscription_count",
    "nsfw_level",
)


def bot_permissions_in(world: World, channel: Channel) -> int:
    """Return what the bot may do in a channel, as bits."""
    guild = world.guilds.get(channel.guild_id)
    if guild is None:
        return 0
    if guild.bot_permissions & ADMINISTRATOR:
        return EVERYTHING
    return guild.bot_permissions & ~_denied(channel)


def bot_may(world: World, channel: Channel, permission: int) -> bool:
    """Return whether the bot may do something in a channel.

    Where nothing is known of the guild, only the channel itself can forbid it.

    Parameters
    ----------
    permission
        As bits, of which one is enough.
    """
    if channel.guild_id not in world.guilds:
        return bool(permission & ~_denied(channel))
    return bool(permission & bot_permissions_in(world, channel))


def _denied(channel: Channel) -> int:
    denied = 0 if channel.readable else VIEW_CHANNEL
    denied |= 0 if channel.history else READ_MESSAGE_HISTORY
    return denied | (0 if channel.writable else SEND_MESSAGES | SEND_MESSAGES_IN_THREADS)


def channel_body(world: World, channel: Channel) -> dict[str, Any]:
    """Return a text channel, a forum or a thread as Discord shows it."""
    if channel.kind == "thread":
        return _thread_body(world, channel)
    messages = world.in_channel(channel.id)
    guild, denied = world.guilds.get(channel.guild_id), _denied(channel)
    overwrites = []
    if guild is not None and denied:
        overwrites.append(
            {
                "id": guild.bot_role_id,
                "type": _ROLE_OVERWRITE,
                "allow": "0",
                "deny": str(denied),
            }
        )
    return {
        "id": channel.id,
        "type": _FORUM if channel.kind == "forum" else _TEXT,
        "flags": 0,
        "guild_id": channel.guild_id,
        "name": channel.name,
        "parent_id": None,
        "topic": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "position": 0,
        "permission_overwrites": overwrites,
        "last_message_id": messages[0].id if messages else None,
    }


def _thread_body(world: World, thread: Channel) -> dict[str, Any]:
    messages = world.in_channel(thread.id)
    return {
        "id": thread.id,
        "type": _PUBLIC_THREAD,
        "flags": 0,
        "guild_id": thread.guild_id,
        "name": thread.name,
        "parent_id": thread.parent_id,
        "owner_id": thread.owner_id,
        "last_message_id": messages[0].id if messages else None,
        "rate_limit_per_user": 0,
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": thread.made_at.isoformat(),
            "auto_archive_duration": 1440,
            "locked": False,
            "create_timestamp": thread.made_at.isoformat(),
        },
        "message_count": len(messages),
        "member_count": 1,
        "total_message_sent": len(messages),
        "applied_tags": thread.tags,
    }


def role_bodies(guild: Guild, bot: User) -> list[dict[str, Any]]:
    """Return the roles of a guild: everyone's, the bot's, and one for each member."""
    people = [
        _role(member.role_id, member.user.name, guild.permissions_of(user_id), 1)
        for user_id, member in guild.members.items()
    ]
    return [
        _role(guild.id, "@everyone", 0, 0),
        _role(guild.bot_role_id, bot.name, guild.bot_permissions, 1, managed=True),
        *people,
    ]


def _role(
    role_id: str, name: str, permissions: int, position: int, *, managed: bool = False
) -> dict[str, Any]:
    return {
        "id": role_id,
        "name": name,
        "description": None,
        "permissions": str(permissions),
        "position": position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": managed,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def guild_body(guild: Guild, bot: User) -> dict[str, Any]:
    """Return a guild as Discord shows it to a bot that asks."""
    return {
        **dict.fromkeys(_NOTHING),
        **dict.fromkeys(_ZERO, 0),
        "id": guild.id,
        "name": guild.name,
        "owner_id": guild.owner_id,
        "features": [],
        "region": "deprecated",
        "afk_timeout": 300,
        "widget_enabled": False,
        "roles": role_bodies(guild, bot),
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "preferred_locale": guild.locale,
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "emojis": [],
        "stickers": [],
    }


def guild_event(world: World, guild: Guild, bot: User) -> dict[str, Any]:
    """Return a guild as the gateway tells of it."""
    places = [channel for channel in world.channels.values() if channel.guild_id == guild.id]
    shown = [channel_body(world, channel) for channel in places if channel.readable]
    return {
        **guild_body(guild, bot),
        "joined_at": guild.made_at.isoformat(),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members) + 1,
        "members": [member_body(guild.bot_member(bot))],
        "channels": [body for body in shown if body["type"] != _PUBLIC_THREAD],
        "threads": [body for body in shown if body["type"] == _PUBLIC_THREAD],
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
