"""The guilds, users and members of the sandbox, and how Discord shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

ADMINISTRATOR = 1 << 3
MANAGE_GUILD = 1 << 5
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MANAGE_WEBHOOKS = 1 << 29
USE_APPLICATION_COMMANDS = 1 << 31
SEND_MESSAGES_IN_THREADS = 1 << 38
EVERYTHING = (1 << 53) - 1
BOT_PERMISSIONS = (
    VIEW_CHANNEL
    | SEND_MESSAGES
    | SEND_MESSAGES_IN_THREADS
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
)
MEMBER_PERMISSIONS = BOT_PERMISSIONS | USE_APPLICATION_COMMANDS


@dataclass(frozen=True, slots=True)
class User:
    """A user of Discord, a person or a bot."""

    id: str
    name: str
    bot: bool = False


@dataclass(slots=True)
class Member:
    """A user in a guild.

    Attributes
    ----------
    role_id
        The role that gives the member what all may do, and ``permissions``.
    permissions
        What the member may do beyond what all may, as bits.
    """

    user: User
    joined_at: datetime
    role_id: str
    permissions: int = 0


@dataclass(slots=True)
class Guild:
    """A guild.

    Attributes
    ----------
    bot
        Whether the bot is a member.
    bot_permissions
        What the bot may do in all its channels, as bits.
    bot_role_id
        The role that the bot has.
    members
        People by their user id; the bot is not among them.
    """

    id: str
    name: str
    owner_id: str
    bot_role_id: str
    made_at: datetime
    locale: str = "en-US"
    bot: bool = True
    bot_permissions: int = BOT_PERMISSIONS
    members: dict[str, Member] = field(default_factory=dict)

    def bot_member(self, bot: User) -> Member:
        """Return the bot as a member."""
        return Member(bot, self.made_at, self.bot_role_id)

    def permissions_of(self, user_id: str) -> int:
        """Return what a member may do, as bits."""
        given = self.members[user_id].permissions
        if user_id == self.owner_id or given & ADMINISTRATOR:
            return EVERYTHING
        return MEMBER_PERMISSIONS | given


def user_body(user: User) -> dict[str, Any]:
    """Return a user as Discord shows it."""
    return {
        "id": user.id,
        "username": user.name if user.bot else user.name.lower().replace(" ", "."),
        "avatar": None,
        "discriminator": "0000" if user.bot else "0",
        "public_flags": 0,
        "flags": 0,
        "global_name": None if user.bot else user.name,
        "primary_guild": None,
        **({"bot": True} if user.bot else {}),
    }


def member_body(member: Member) -> dict[str, Any]:
    """Return a member as Discord shows it."""
    return {
        "avatar": None,
        "banner": None,
        "communication_disabled_until": None,
        "flags": 0,
        "joined_at": member.joined_at.isoformat(),
        "nick": None,
        "pending": False,
        "premium_since": None,
        "roles": [member.role_id],
        "user": user_body(member.user),
        "mute": False,
        "deaf": False,
    }
