"""The guilds, channels, webhooks and messages of the sandbox, in memory."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.sandbox.attachments import attachment_body, point_embeds_at
from bot.sandbox.bodies import (
    EPHEMERAL,
    LOADING,
    SUPPRESS_EMBEDS,
    hook_author,
    message_body,
    pings,
    stored_components,
    stored_embed,
)
from bot.sandbox.drafts import Draft
from bot.sandbox.people import Guild, Member, User

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bot.sandbox.attachments import Upload

_EPOCH_MS = 1_420_070_400_000
GUILD_ID = "100000000000000001"


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
        unless ``history`` is False, and write unless ``writable`` is.
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
    writable: bool = True
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
    own
        Whether the bot wrote it.
    ephemeral_for
        The only user who sees it; None for a message that all see.
    thinking
        Whether it only says that the bot is thinking.
    interaction_id
        The interaction that it answers.
    """

    id: str
    webhook_id: str | None
    channel_id: str
    payload: dict[str, Any]
    body: dict[str, Any]
    received_at: datetime
    arrived: float
    deleted: bool = False
    own: bool = False
    ephemeral_for: str | None = None
    thinking: bool = False
    interaction_id: str | None = None

    @property
    def content(self) -> str:
        """Its text."""
        return str(self.body["content"])

    @property
    def embeds(self) -> list[dict[str, Any]]:
        """Its embeds as Discord shows them."""
        return list(self.body["embeds"])

    @property
    def components(self) -> list[dict[str, Any]]:
        """Its buttons and menus, out of their rows."""
        return [entry for row in self.body["components"] for entry in row["components"]]


class World:
    """Everything the sandbox knows.

    Parameters
    ----------
    now
        Real time, aware.

    Attributes
    ----------
    address
        Where its files are served.
    watchers
        Called with the name of what happened (``message_create``,
        ``guild_delete`` and so on) and the thing that it happened to.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count()
        self.address = ""
        self.channels: dict[str, Channel] = {}
        self.hooks: dict[str, Hook] = {}
        self.messages: list[StoredMessage] = []
        self.guilds: dict[str, Guild] = {}
        self.users: dict[str, User] = {}
        self.files: dict[str, Upload] = {}
        self.watchers: list[Callable[[str, Any], None]] = []

    def announce(self, what: str, thing: object) -> None:
        """Tell the watchers what happened."""
        for watcher in self.watchers:
            watcher(what, thing)

    def snowflake(self) -> str:
        """Return a new id, which grows with time as Discord's do."""
        milliseconds = int(self._now().timestamp() * 1000) - _EPOCH_MS
        return str((milliseconds << 22) | (next(self._numbers) & 0x3FFFFF))

    def add_guild(self, name: str, guild_id: str | None = None, **facts: Any) -> Guild:
        """Make a guild with the bot in it; ``facts`` are fields of `Guild`."""
        facts.setdefault("owner_id", self.snowflake())
        guild = Guild(
            guild_id or self.snowflake(),
            name,
            bot_role_id=self.snowflake(),
            made_at=self._now(),
            **facts,
        )
        self.guilds[guild.id] = guild
        if guild.bot:
            self.announce("guild_create", guild)
        return guild

    def move_bot(self, guild: Guild, *, inside: bool) -> None:
        """Let the bot join or leave a guild."""
        if guild.bot != inside:
            guild.bot = inside
            self.announce("guild_create" if inside else "guild_delete", guild)

    def add_user(self, name: str, user_id: str | None = None) -> User:
        """Make a user."""
        user = User(user_id or self.snowflake(), name)
        self.users[user.id] = user
        return user

    def join(self, guild: Guild, user: User, permissions: int = 0) -> Member:
        """Let a user into a guild, with these permissions beyond everyone's."""
        member = Member(user, self._now(), self.snowflake(), permissions)
        guild.members[user.id] = member
        self.announce("member_join", guild)
        return member

    def add_channel(self, kind: str = "text", **facts: Any) -> Channel:
        """Make a channel; ``facts`` are fields of `Channel`."""
        channel_id = facts.pop("id", None) or self.snowflake()
        channel = Channel(channel_id, kind, made_at=self._now(), **facts)
        self.channels[channel.id] = channel
        self.announce("channel_create", channel)
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
        self,
        hook: Hook,
        payload: dict[str, Any],
        thread: Channel | None,
        arrived: float,
        files: Sequence[Upload] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> StoredMessage:
        """Store a webhook's message, and open the thread that it asks for."""
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
        author = hook_author(hook, payload)
        facts = dict(extra or {})
        draft = Draft(channel_id, author, payload, arrived, files, hook.id, extra=facts)
        return self.store(draft, message_id)

    def store(self, draft: Draft, message_id: str | None = None) -> StoredMessage:
        """Store a message."""
        message_id = message_id or self.snowflake()
        at = self._now()
        body = message_body(message_id, draft.channel_id, draft.author, draft.payload, at)
        if draft.webhook_id is not None:
            body["webhook_id"] = draft.webhook_id
        if draft.own:
            body["components"] = stored_components(draft.payload.get("components"))
        body |= pings(body["content"], draft.payload, self.users) | draft.extra
        if draft.ephemeral_for is not None:
            body["flags"] |= EPHEMERAL
        if draft.thinking:
            body["flags"] |= LOADING
        message = StoredMessage(
            message_id,
            draft.webhook_id,
            draft.channel_id,
            draft.payload,
            body,
            at,
            draft.arrived,
            own=draft.own,
            ephemeral_for=draft.ephemeral_for,
            thinking=draft.thinking,
            interaction_id=draft.interaction_id,
        )
        self._attach(message, draft.payload, draft.files)
        self.messages.append(message)
        self.announce("message_create", message)
        return message

    def _attach(
        self, message: StoredMessage, payload: Mapping[str, Any], files: Sequence[Upload]
    ) -> None:
        """Keep the files of a message, and let its embeds show them."""
        told = {str(entry.get("id")): entry for entry in payload.get("attachments") or ()}
        if "attachments" in payload:
            kept = message.body["attachments"]
            message.body["attachments"] = [entry for entry in kept if entry["id"] in told]
        for upload in files:
            attachment_id = self.snowflake()
            self.files[attachment_id] = upload
            text = told.get(upload.slot, {}).get("description")
            message.body["attachments"].append(
                attachment_body(upload, attachment_id, message.channel_id, self.address, text)
            )
        point_embeds_at(message.body["embeds"], message.body["attachments"])

    def in_channel(self, channel_id: str) -> list[StoredMessage]:
        """Return the messages of a channel that exist for all, newest first."""
        return [
            message
            for message in reversed(self.messages)
            if message.channel_id == channel_id
            and not message.deleted
            and message.ephemeral_for is None
        ]

    def edit(
        self, message: StoredMessage, payload: Mapping[str, Any], files: Sequence[Upload] = ()
    ) -> None:
        """Change a message; a thinking one becomes what the change says."""
        body = message.body
        if "content" in payload:
            body["content"] = (payload["content"] or "").strip()
            body |= pings(body["content"], payload, self.users)
        if "embeds" in payload:
            body["embeds"] = [stored_embed(embed) for embed in payload["embeds"] or ()]
        if "components" in payload:
            body["components"] = stored_components(payload["components"])
        if payload.get("flags") is not None:
            hidden = payload["flags"] & SUPPRESS_EMBEDS
            body["flags"] = body["flags"] & ~SUPPRESS_EMBEDS | hidden
        self._attach(message, payload, files)
        if message.thinking:
            message.thinking = False
            body["flags"] &= ~LOADING
            message.payload = dict(payload)
        else:
            body["edited_timestamp"] = self._now().isoformat()
        self.announce("message_update", message)

    def delete(self, message: StoredMessage) -> None:
        """Delete a message; it is kept, marked as deleted."""
        message.deleted = True
        self.announce("message_delete", message)
