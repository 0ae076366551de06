"""One message as it is sent: its drawing, and the body of its request."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.rendering import limits
from bot.rendering.text import clean, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import discord

log = logging.getLogger(__name__)

SUPPRESS_NOTIFICATIONS = 1 << 12
_REFUSED_IN_USERNAMES = ("discord", "clyde")
_REFUSED_USERNAMES = ("everyone", "here")
_EMBED_KEYS = (
    "type",
    "author",
    "title",
    "url",
    "description",
    "color",
    "fields",
    "thumbnail",
    "image",
    "footer",
    "timestamp",
)
_SNOWFLAKE = re.compile(r"[1-9][0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class RenderContext:
    """What a drawing needs to know beside the result.

    Attributes
    ----------
    tenant_name
        Shown as the author; untrusted text.
    logo_url
        The author's icon; left out where it is no https address.
    colour
        In place of the report's own colour, as ``0xRRGGBB``.
    """

    tenant_name: str
    logo_url: str | None = None
    colour: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message: text, embeds or both."""

    content: str | None = None
    embeds: tuple[discord.Embed, ...] = ()

    def payload(
        self,
        *,
        username: str | None = None,
        avatar_url: str | None = None,
        silent: bool = False,
        thread_name: str | None = None,
        tags: Iterable[str] = (),
    ) -> dict[str, Any]:
        """Return the exact body of the request to a webhook.

        Nothing in it pings anyone. A username or address that Discord would
        refuse is left out with a line in the log, for a plain post is better
        than none.

        Parameters
        ----------
        silent
            Post without a notification.
        thread_name
            Opens a thread of this name in a forum or media channel; cut to
            Discord's length.
        tags
            Ids of the new thread's tags; used with ``thread_name`` only.
        """
        body: dict[str, Any] = {}
        if self.content is not None:
            body["content"] = self.content
        if self.embeds:
            body["embeds"] = [_embed_body(embed) for embed in self.embeds]
        body["allowed_mentions"] = {"parse": []}
        if silent:
            body["flags"] = SUPPRESS_NOTIFICATIONS
        if name := _username(username):
            body["username"] = name
        if avatar_url and (avatar := web_address(avatar_url, schemes=("https", "http"))):
            body["avatar_url"] = avatar
        if thread_name and clean(thread_name).strip():
            body["thread_name"] = plain(thread_name, limits.THREAD_NAME)
            if tag_ids := list(_tag_ids(tags)):
                body["applied_tags"] = tag_ids[: limits.APPLIED_TAGS]
        return body


def _embed_body(embed: discord.Embed) -> dict[str, Any]:
    """Order the keys for human readers and leave out what only Discord may set."""
    body = dict(embed.to_dict())
    return {key: body[key] for key in _EMBED_KEYS if body.get(key) is not None}


def web_address(text: str, *, schemes: tuple[str, ...] = ("https",)) -> str | None:
    """Return an address that Discord takes for an image, None for any other text."""
    address = text.strip()
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        host = None
    fits = (
        host
        and parts.scheme.lower() in schemes
        and len(address) <= limits.URL
        and address.isascii()
        and address.isprintable()
        and not set(address) & set(' "<>\\^`{|}')
    )
    if not fits:
        log.info("An image's address is left out: Discord takes %s only.", " and ".join(schemes))
        return None
    return address


def _username(text: str | None) -> str | None:
    if text is None or not clean(text).strip():
        return None
    name = plain(text, limits.USERNAME)
    folded = name.casefold()
    if folded in _REFUSED_USERNAMES or any(word in folded for word in _REFUSED_IN_USERNAMES):
        log.warning("The username %r is left out: Discord refuses it.", name)
        return None
    return name


def _tag_ids(tags: Iterable[str]) -> Iterator[str]:
    for tag in dict.fromkeys(str(tag).strip() for tag in tags):
        if _SNOWFLAKE.fullmatch(tag):
            yield tag
        else:
            log.warning("The tag %r is left out: a tag is given by its id.", tag)
