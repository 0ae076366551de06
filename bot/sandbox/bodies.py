"""Messages, embeds and webhooks as Discord shows them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from bot.sandbox.people import user_body

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.sandbox.people import User
    from bot.sandbox.world import Channel, Hook

SUPPRESS_EMBEDS = 4
EPHEMERAL = 64
LOADING = 128
SUPPRESS_NOTIFICATIONS = 4096
_KEPT_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS
_ALL = re.compile(r"@(everyone|here)")
_PEOPLE = re.compile(r"<@!?(\d+)>", re.ASCII)
_ROLES = re.compile(r"<@&(\d+)>", re.ASCII)
_EMBED_PARTS = {
    "author": (("name", "url", "icon_url"), "icon_url"),
    "footer": (("text", "icon_url"), "icon_url"),
    "image": (("url",), "url"),
    "thumbnail": (("url",), "url"),
}
# What only one kind of component has: a button, a row, a menu of texts and a label.
_HOME_OF = {"emoji": 2, "components": 1, "options": 3, "component": 18}
_MENUS = (3, 5, 6, 7, 8)
_CDN = "https://images-ext-1.discordapp.net/external/"


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


def hook_author(hook: Hook, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the author of a webhook's message."""
    return {
        "id": hook.id,
        "username": payload.get("username") or hook.name,
        "avatar": None,
        "discriminator": "0000",
        "public_flags": 0,
        "flags": 0,
        "bot": True,
        "global_name": None,
        "primary_guild": None,
    }


def message_body(
    message_id: str,
    channel_id: str,
    author: Mapping[str, Any],
    payload: Mapping[str, Any],
    at: datetime,
) -> dict[str, Any]:
    """Return a message without components and files as Discord shows it."""
    content = (payload.get("content") or "").strip()
    return {
        "type": 0,
        "content": content,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [stored_embed(embed) for embed in payload.get("embeds") or ()],
        "timestamp": at.isoformat(),
        "edited_timestamp": None,
        "flags": (payload.get("flags") or 0) & _KEPT_FLAGS,
        "components": [],
        "id": message_id,
        "channel_id": channel_id,
        "author": dict(author),
        "pinned": False,
        "mention_everyone": False,
        "tts": bool(payload.get("tts")),
    }


def pings(content: str, payload: Mapping[str, Any], users: Mapping[str, User]) -> dict[str, Any]:
    """Return whom a text pings, as far as its message allows it."""
    wanted = payload.get("allowed_mentions")
    parse = ("everyone", "users", "roles") if wanted is None else wanted.get("parse") or ()
    named = {
        kind: {str(entry) for entry in (wanted or {}).get(kind) or ()}
        for kind in ("users", "roles")
    }
    people = [user_id for user_id in _PEOPLE.findall(content) if user_id in users]
    return {
        "mention_everyone": "everyone" in parse and bool(_ALL.search(content)),
        "mentions": [
            user_body(users[user_id])
            for user_id in dict.fromkeys(people)
            if "users" in parse or user_id in named["users"]
        ],
        "mention_roles": [
            role_id
            for role_id in dict.fromkeys(_ROLES.findall(content))
            if "roles" in parse or role_id in named["roles"]
        ],
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
    for key, (texts, link) in _EMBED_PARTS.items():
        if embed.get(key):
            stored[key] = _stored_part(embed[key], texts, link)
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


def _stored_part(part: Mapping[str, Any], texts: tuple[str, ...], link: str) -> dict[str, Any]:
    stored = {key: part[key].strip() for key in texts if part.get(key)}
    if link in stored:
        stored[f"proxy_{link}"] = f"{_CDN}{stored[link]}"
    return stored


def stored_components(rows: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Return components as they are stored: numbered, with what was left out."""
    numbers = iter(range(1, 1000))

    def store(component: dict[str, Any]) -> dict[str, Any]:
        kind = component["type"]
        kept = {
            key: value
            for key, value in component.items()
            if value is not None and _HOME_OF.get(key, kind) == kind
        }
        kept["id"] = component.get("id") or next(numbers)
        if "emoji" in kept:
            kept["emoji"] = _stored_emoji(kept["emoji"])
        if kind in _MENUS:
            kept.setdefault("min_values", 1)
            kept.setdefault("max_values", 1)
        for option in kept.get("options", ()):
            if option.get("emoji"):
                option["emoji"] = _stored_emoji(option["emoji"])
        if "components" in kept:
            kept["components"] = [store(inner) for inner in kept["components"]]
        if "component" in kept:
            kept["component"] = store(kept["component"])
        return kept

    return [store(row) for row in rows or ()]


def _stored_emoji(emoji: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: str(value) if key == "id" else value
        for key, value in emoji.items()
        if value is not None and key in ("id", "name", "animated")
    }
