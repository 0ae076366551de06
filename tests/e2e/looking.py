"""What a player reads off a message."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.sandbox.interactions.views import InteractionView
    from bot.sandbox.world import StoredMessage


def message_of(seen: InteractionView) -> StoredMessage:
    """Return the message that answers."""
    assert seen.message is not None, seen
    return seen.message


def note_of(seen: InteractionView) -> StoredMessage:
    """Return what a player is told privately, in place of what was asked for or below it."""
    (note,) = seen.followups or [message_of(seen)]
    assert note.ephemeral_for == seen.interaction.user.id
    return note


def content_of(message: StoredMessage) -> str:
    """Return a message's text."""
    content: str = message.body["content"]
    return content


def words_of(message: StoredMessage) -> str:
    """Return all that can be read on a message, embeds included."""
    return json.dumps([message.body["content"], message.body["embeds"]], ensure_ascii=False)


def title_of(message: StoredMessage) -> str:
    """Return the title of the first embed."""
    title: str = message.body["embeds"][0]["title"]
    return title


def parts_of(message: StoredMessage) -> dict[str, dict[str, Any]]:
    """Return buttons and menus by what they do: the last part of their custom ids."""
    return {
        part["custom_id"].rpartition(":")[2]: part
        for row in message.body["components"]
        for part in row["components"]
    }


def id_of(message: StoredMessage, action: str) -> str:
    """Return the custom id of a button or menu by what it does."""
    custom_id: str = parts_of(message)[action]["custom_id"]
    return custom_id


def marked_period(message: StoredMessage) -> str:
    """Return the one period that the menu shows as chosen."""
    options = parts_of(message)["period"]["options"]
    (code,) = [option["value"] for option in options if option["default"]]
    return str(code)


def reference_in(text: str) -> str:
    """Return the reference that a failure is told with."""
    match = re.search(r"Reference: `([0-9A-F]{8})`", text)
    assert match, text
    return match[1]
