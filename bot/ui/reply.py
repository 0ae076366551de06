"""The answer to one interaction, whatever has been said of it so far.

Discord wants a first answer within three seconds and takes each kind of answer
only at its own moment; this is the one place that knows which comes when.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, TypeVar

import aiohttp
import discord

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

T = TypeVar("T")

ALREADY_ACKNOWLEDGED = 40060
UNKNOWN_MESSAGE = 10008
_EXTRA = "bgsbot_reply"
_TRIES = 3
_PAUSE_SECONDS = 0.2
_PINGS_NOBODY = discord.AllowedMentions.none()


class _Stage(Enum):
    NOTHING = auto()
    THINKING = auto()
    THINKING_PRIVATELY = auto()
    HOLDING = auto()
    ANSWERED = auto()


@dataclass(frozen=True, slots=True)
class Screen:
    """What a message shows: text, embeds, buttons and menus."""

    content: str | None = None
    embeds: tuple[discord.Embed, ...] = ()
    view: discord.ui.View | None = None

    def as_new(self) -> dict[str, Any]:
        """Return the arguments of a call that sends it."""
        arguments: dict[str, Any] = {"allowed_mentions": _PINGS_NOBODY}
        if self.content is not None:
            arguments["content"] = self.content
        if self.embeds:
            arguments["embeds"] = list(self.embeds)
        if self.view is not None:
            arguments["view"] = self.view
        return arguments

    def as_edit(self) -> dict[str, Any]:
        """Return the arguments of a call that puts it in another's place."""
        return {
            "content": self.content,
            "embeds": list(self.embeds),
            "view": self.view,
            "allowed_mentions": _PINGS_NOBODY,
        }


class Reply:
    """Answers one interaction. Get it with `Reply.to`, so that there is only one."""

    def __init__(self, interaction: discord.Interaction[Any]) -> None:
        self._interaction = interaction
        self._stage = _Stage.NOTHING

    @classmethod
    def to(cls, interaction: discord.Interaction[Any]) -> Reply:
        """Return the interaction's reply."""
        reply: Reply | None = interaction.extras.get(_EXTRA)
        if reply is None:
            reply = interaction.extras[_EXTRA] = cls(interaction)
        return reply

    @property
    def begun(self) -> bool:
        """Whether Discord has had a first answer."""
        return self._stage is not _Stage.NOTHING or self._interaction.response.is_done()

    async def think(self, *, private: bool) -> None:
        """Say that an answer comes, within Discord's three seconds."""
        response = self._interaction.response
        await _acknowledge(lambda: response.defer(ephemeral=private, thinking=True))
        self._stage = _Stage.THINKING_PRIVATELY if private else _Stage.THINKING

    async def hold(self) -> None:
        """Acknowledge a button or menu; `show` then changes its message in place."""
        await _acknowledge(lambda: self._interaction.response.defer())
        self._stage = _Stage.HOLDING

    async def ask(self, modal: discord.ui.Modal) -> None:
        """Open a form; it has to be the first answer."""
        await _acknowledge(lambda: self._interaction.response.send_modal(modal))
        modal.stop()
        self._stage = _Stage.ANSWERED

    async def show(self, screen: Screen) -> discord.InteractionMessage:
        """Put a screen where the answer is awaited and return the message."""
        message = await _steadily(
            lambda: self._interaction.edit_original_response(**screen.as_edit())
        )
        if self._stage is not _Stage.HOLDING:
            self._stage = _Stage.ANSWERED
        return message

    async def show_or_add(self, screen: Screen) -> None:
        """Put a screen where the answer is awaited; if that is gone, send it to the asker."""
        try:
            await self.show(screen)
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            await self.add(screen)

    async def tell(self, screen: Screen) -> None:
        """Answer at once, for the asker only."""
        if self.begun:
            await self.add(screen)
            return
        response = self._interaction.response
        await _acknowledge(lambda: response.send_message(**screen.as_new(), ephemeral=True))
        self._stage = _Stage.ANSWERED

    async def add(self, screen: Screen) -> discord.WebhookMessage:
        """Send the asker a further message; rather twice than never, for nobody else sees it."""
        send = self._interaction.followup.send
        return await _steadily(lambda: send(**screen.as_new(), ephemeral=True, wait=True))

    async def refuse(self, text: str) -> None:
        """Tell the asker, and only the asker, why there is no answer."""
        screen = Screen(content=text)
        match self._stage:
            case _Stage.THINKING_PRIVATELY:
                await self.show(screen)
            case _Stage.THINKING:
                # The first message after a public promise is public whatever it asks for.
                with contextlib.suppress(discord.NotFound):  # somebody has deleted it
                    await _steadily(self._interaction.delete_original_response)
                self._stage = _Stage.ANSWERED
                await self.add(screen)
            case _:
                await self.tell(screen)


async def post(channel: discord.abc.Messageable, screen: Screen, nonce: str) -> discord.Message:
    """Post to a channel as the bot itself; a broken connection does not post twice.

    Parameters
    ----------
    nonce
        At most 25 characters, another for each post: Discord answers a repeat with
        the first message.
    """
    return await _steadily(lambda: channel.send(**screen.as_new(), nonce=nonce))


async def _acknowledge(call: Callable[[], Awaitable[Any]]) -> None:
    """Give a first answer; one that had arrived although no answer came back is a success."""
    try:
        await _steadily(call)
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            raise
        log.debug("Discord had taken the first answer already")


async def _steadily(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat a call that is safe to repeat when the connection breaks."""
    for attempt in range(1, _TRIES):
        try:
            return await call()
        except (aiohttp.ClientError, OSError, discord.DiscordServerError, ValueError):
            # ValueError: an answer that broke off, so nobody knows what it said.
            log.debug("A reply did not get through, try %s", attempt, exc_info=True)
            await asyncio.sleep(_PAUSE_SECONDS * attempt)
    return await call()
