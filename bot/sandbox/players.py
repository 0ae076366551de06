"""Players: users of the sandbox who use the bot as Discord's client lets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.interactions.forms import filled_form, pressed
from bot.sandbox.interactions.options import (
    CommandForm,
    PlayerError,
    find_command,
    may_use,
    resolved_for,
)
from bot.sandbox.interactions.records import Kind
from bot.sandbox.interactions.views import InteractionView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.sandbox.command_book import CommandBook
    from bot.sandbox.interactions.desk import Desk
    from bot.sandbox.people import Guild, User
    from bot.sandbox.world import Channel, StoredMessage, World

__all__ = ["Player", "PlayerError"]


class Player:
    """A user who does something, and waits for the first answer for up to 3 seconds.

    Every method raises `PlayerError` for what Discord's client would not let
    its user do; ``force`` does it anyway, as a forged client might.
    """

    def __init__(self, user: User, world: World, book: CommandBook, desk: Desk) -> None:
        self.user = user
        self._world = world
        self._book = book
        self._desk = desk

    async def command(
        self,
        guild_id: str,
        channel_id: str,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        force: bool = False,
    ) -> InteractionView:
        """Use a command.

        Parameters
        ----------
        name
            Its whole name, such as ``tenant link``.
        options
            Values by the names of the options; for choices the value.
        """
        guild, channel = self._place(guild_id, channel_id)
        form = self._form(guild, name, force=force)
        data = form.filled(options or {})
        resolved = resolved_for(data, self._world, guild)
        if resolved:
            data["resolved"] = resolved
        return await self._do(Kind.COMMAND, guild, channel, data)

    async def autocomplete(
        self,
        guild_id: str,
        channel_id: str,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        focused: tuple[str, str],
        force: bool = False,
    ) -> list[dict[str, Any]]:
        """Type into an option; return what is suggested.

        Parameters
        ----------
        focused
            The option's name and what is typed so far.
        """
        seen = await self.type_into(guild_id, channel_id, name, options, focused, force=force)
        return seen.choices

    async def type_into(
        self,
        guild_id: str,
        channel_id: str,
        name: str,
        options: Mapping[str, Any] | None,
        focused: tuple[str, str],
        *,
        force: bool = False,
    ) -> InteractionView:
        """Type into an option; return all that is known of the answer."""
        guild, channel = self._place(guild_id, channel_id)
        data = self._form(guild, name, force=force).focused(options or {}, *focused)
        return await self._do(Kind.AUTOCOMPLETE, guild, channel, data)

    async def press(
        self, message: StoredMessage, custom_id: str, *, force: bool = False
    ) -> InteractionView:
        """Press a button under a message."""
        return await self._use(message, custom_id, None, force=force)

    async def select(
        self,
        message: StoredMessage,
        custom_id: str,
        values: Sequence[str],
        *,
        force: bool = False,
    ) -> InteractionView:
        """Choose from a menu under a message."""
        return await self._use(message, custom_id, list(values), force=force)

    async def submit(
        self, seen: InteractionView, values: Mapping[str, Any], *, force: bool = False
    ) -> InteractionView:
        """Fill in and send the modal that was shown.

        Parameters
        ----------
        values
            Texts, or lists of values for menus, by the custom ids of the fields.
        """
        parent = seen.interaction
        if seen.modal is None or parent.user.id != self.user.id:
            raise PlayerError("no form is open")
        data = filled_form(seen.modal, values, force=force)
        more = {"message": parent.message, "parent": parent}
        return await self._do(Kind.MODAL, parent.guild, parent.channel, data, **more)

    async def _use(
        self, message: StoredMessage, custom_id: str, values: list[str] | None, *, force: bool
    ) -> InteractionView:
        channel = self._world.channels[message.channel_id]
        guild, channel = self._place(channel.guild_id, channel.id)
        if not force and (message.deleted or message.ephemeral_for not in (None, self.user.id)):
            raise PlayerError("that message is not there")
        data = pressed(message.body["components"], custom_id, values, force=force)
        return await self._do(Kind.COMPONENT, guild, channel, data, message=message)

    def _place(self, guild_id: str, channel_id: str) -> tuple[Guild, Channel]:
        guild = self._world.guilds.get(str(guild_id))
        channel = self._world.channels.get(str(channel_id))
        if guild is None or self.user.id not in guild.members:
            raise PlayerError(f"{self.user.name} is not in that guild")
        if channel is None or channel.guild_id != guild.id:
            raise PlayerError("there is no such channel")
        if not guild.bot:
            raise PlayerError("the bot is not in that guild")
        return guild, channel

    def _form(self, guild: Guild, name: str, *, force: bool) -> CommandForm:
        usable = self._book.usable_in(guild.id)
        definition = find_command([*usable, *self._book.all()] if force else usable, name)
        if not force and not may_use(definition, guild.permissions_of(self.user.id)):
            raise PlayerError(f"{self.user.name} may not use /{name}")
        return CommandForm(definition, name, force=force)

    async def _do(
        self, kind: Kind, guild: Guild, channel: Channel, data: dict[str, Any], **more: Any
    ) -> InteractionView:
        interaction = self._desk.open(
            kind=kind, user=self.user, guild=guild, channel=channel, data=data, **more
        )
        return await InteractionView(interaction).acknowledged()
