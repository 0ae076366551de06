"""The guilds, channels, webhooks and messages of the sandbox, in memory."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_EPOCH_MS = 1_420_070_400_000
GUILD_ID = "100000000000000001"
_TEXT = 0
_PUBLIC_THREAD = 11
_FORUM = 15
_SUPPRESS_NOTIFICATIONS = 4096


@dataclass(slots=True)
class Channel:
    """A text channel, a forum or a thread.

    Attributes
    ----------
    kind
        text, forum or thread.
    parent_id
        The channel of a thread.
    readable
        Whether the bot may see the channel; it then may read its history
        unless ``history`` is False.
    """

    id: str
    kind: str = "text"
    guild_id: str = GUILD_ID
    name: str = "channel"
    parent_id: str | None = None
    owner_id: str = "0"
    require_tag: bool = False
    archived: bool = False
    readable: bool = True
    history: bool = True
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    tags: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of the sandbox."""

    id: str
    token: str = field(repr=False)
    channel_id: str
    name: str = "Reports"

    @property
    def path(self) -> str:
        """Return the path of its address."""
        return f"/api/webhooks/{self.id}/{self.token}"


@dataclass(slots=True)
class StoredMessage:
    """A message that was accepted.

    Attributes
    ----------
    payload
        The request's JSON, as it came.
    body
        The message as Discord shows it.
    arrived
        Monotonic seconds.
    """

    id: str
    webhook_id: str
    channel_id: str
    payload: dict[str, Any]
    body: dict[str, Any]
    received_at: datetime
    arrived: float
    deleted: bool = False


class World:
    """Everything the sandbox knows.

    Parameters
    ----------
    now
        Real time, aware.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count()
        self.channels: dict[str, Channel] = {}
        self.hooks: dict[str, Hook] = {}
        self.messages: list[StoredMessage] = []

    def snowflake(self) -> str:
        """Return a new id, which grows with time as Discord's do."""
        milliseconds = int(self._now().timestamp() * 1000) - _EPOCH_MS
        return str((milliseconds << 22) | (next(self._numbers) & 0x3FFFFF))

    def add_channel(self, kind: str = "text", **facts: Any) -> Channel:
        """Make a channel; ``facts`` are fields of `Channel`."""
        channel_id = facts.pop("id", None) or self.snowflake()
        channel = Channel(channel_id, kind, made_at=self._now(), **facts)
        self.channels[channel.id] = channel
        return channel

    def add_webhook(
        self,
        channel: Channel | None = None,
        *,
        hook_id: str | None = None,
        token: str | None = None,
    ) -> Hook:
        """Make a webhook, in a new text channel if none is given."""
        channel = channel or self.add_channel()
        hook = Hook(hook_id or self.snowflake(), token or secrets.token_urlsafe(51), channel.id)
        self.hooks[hook.id] = hook
        return hook

    def add_thread(self, parent: Channel, name: str = "thread", **facts: Any) -> Channel:
        """Open a thread in a channel or forum."""
        return self.add_channel(
            "thread", parent_id=parent.id, guild_id=parent.guild_id, name=name, **facts
        )

    def accept(
        self, hook: Hook, payload: dict[str, Any], thread: Channel | None, arrived: float
    ) -> StoredMessage:
        """Store a message, and open the thread that it asks for."""
        message_id = self.snowflake()
        if thread is None and payload.get("thread_name"):
            thread = self.add_thread(
                self.channels[hook.channel_id],
                payload["thread_name"].strip(),
                id=message_id,
                owner_id=hook.id,
                tags=[str(tag) for tag in payload.get("applied_tags") or ()],
            )
        channel_id = thread.id if thread else hook.channel_id
        at = self._now()
        message = StoredMessage(
            message_id,
            hook.id,
            channel_id,
            payload,
            message_body(message_id, channel_id, hook, payload, at),
            at,
            arrived,
        )
        self.messages.append(message)
        return message

    def in_channel(self, channel_id: str) -> list[StoredMessage]:
        """Return the messages of a channel that still exist, newest first."""
        return [
            message
            for message in reversed(self.messages)
            if message.channel_id == channel_id and not message.deleted
        ]

    def edit(self, message: StoredMessage, payload: Mapping[str, Any]) -> None:
        """Change the content or embeds of a message."""
        if "content" in payload:
            message.body["content"] = (payload["content"] or "").strip()
        if "embeds" in payload:
            message.body["embeds"] = [stored_embed(embed) for embed in payload["embeds"] or ()]
        message.body["edited_timestamp"] = self._now().isoformat()

    def channel_body(self, channel: Channel) -> dict[str, Any]:
        """Return a text channel or forum as Discord shows it."""
        messages = self.in_channel(channel.id)
        return {
            "id": channel.id,
            "type": _FORUM if channel.kind == "forum" else _TEXT,
            "flags": 0,
            "guild_id": channel.guild_id,
            "name": channel.name,
            "position": 0,
            "permission_overwrites": [],
            "last_message_id": messages[0].id if messages else None,
        }

    def thread_body(self, thread: Channel) -> dict[str, Any]:
        """Return a thread as Discord shows it."""
        messages = self.in_channel(thread.id)
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


def hook_body(hook: Hook, channel: Channel, address: str) -> dict[str, Any]:
    """Return a webhook as Discord shows it to whoever has its token."""
    return {
        "application_id": None,
        "avatar": None,
        "channel_id": channel.id,
        "guild_id": channel.guild_id,
        "id": hook.id,
        "name": hook.name,
        "type": 1,
        "token": hook.token,
        "url": address + hook.path,
    }


def message_body(
    message_id: str, channel_id: str, hook: Hook, payload: Mapping[str, Any], at: datetime
) -> dict[str, Any]:
    """Return a message as Discord shows it."""
    mentions = payload.get("allowed_mentions")
    content = (payload.get("content") or "").strip()
    may_ping = mentions is None or "everyone" in (mentions.get("parse") or ())
    return {
        "type": 0,
        "content": content,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [stored_embed(embed) for embed in payload.get("embeds") or ()],
        "timestamp": at.isoformat(),
        "edited_timestamp": None,
        "flags": (payload.get("flags") or 0) & _SUPPRESS_NOTIFICATIONS,
        "components": [],
        "id": message_id,
        "channel_id": channel_id,
        "author": {
            "id": hook.id,
            "username": payload.get("username") or hook.name,
            "avatar": None,
            "discriminator": "0000",
            "public_flags": 0,
            "flags": 0,
            "bot": True,
            "global_name": None,
            "primary_guild": None,
        },
        "pinned": False,
        "mention_everyone": may_ping and ("@everyone" in content or "@here" in content),
        "tts": bool(payload.get("tts")),
        "webhook_id": hook.id,
    }


def stored_embed(embed: Mapping[str, Any]) -> dict[str, Any]:
    """Return an embed as it is stored: trimmed, typed, without empty parts."""
    stored: dict[str, Any] = {"type": "rich"}
    for key in ("title", "description", "url", "timestamp"):
        value = (embed.get(key) or "").strip()
        if value:
            stored[key] = value
    if embed.get("color") is not None:
        stored["color"] = embed["color"]
    for key, links in (
        ("author", {"icon_url": "proxy_icon_url"}),
        ("footer", {"icon_url": "proxy_icon_url"}),
        ("image", {"url": "proxy_url"}),
        ("thumbnail", {"url": "proxy_url"}),
    ):
        if embed.get(key):
            stored[key] = _stored_part(embed[key], links)
    fields = embed.get("fields")
    if fields:
        stored["fields"] = [
            {
                "name": entry["name"].strip(),
                "value": entry["value"].strip(),
                "inline": bool(entry.get("inline")),
            }
            for entry in fields
        ]
    return stored


def _stored_part(part: Mapping[str, Any], links: Mapping[str, str]) -> dict[str, Any]:
    stored = {
        key: part[key].strip() for key in ("name", "text", "url", "icon_url") if part.get(key)
    }
    for link, proxied in links.items():
        if link in stored:
            stored[proxied] = f"https://images-ext-1.discordapp.net/external/{stored[link]}"
    return stored
