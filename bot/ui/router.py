"""Buttons, menus and forms: whom a press belongs to and who serves it.

A custom id names a stored view (``bgs:v:<id>:<action>``) or, for forms and
what else needs no state, only what to do (``bgs:m:<action>``); never a name or
a tenant. So a message's buttons outlive the process that sent it, and nobody
can make them show anything else.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.ui.errors import STALE, Refusal
from bot.ui.guard import guarded
from bot.ui.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import discord

    from bot.client import ReportBot
    from bot.guilds.book import StoredView
    from bot.tenants import Tenant

_PREFIX = "bgs:"
_STORED = re.compile(r"bgs:v:([A-Za-z0-9_-]{22}):([a-z_]{1,32})", re.ASCII)
_STATELESS = re.compile(r"bgs:m:([a-z_]{1,32})", re.ASCII)
_FOREIGN_SECONDS = 1.5
_NOT_YOURS = "Those buttons belong to whoever asked. Run the command yourself to get your own."


@dataclass(frozen=True, slots=True)
class Press:
    """A button, menu or form that somebody used and may use.

    Attributes
    ----------
    view
        What is stored of the message.
    tenant
        What the guild sees.
    action
        The last part of the custom id.
    values
        What was chosen in a menu.
    """

    interaction: discord.Interaction[ReportBot]
    view: StoredView
    tenant: Tenant
    action: str
    values: tuple[str, ...] = ()


if TYPE_CHECKING:
    PressHandler = Callable[[Press], Awaitable[object]]
    FormHandler = Callable[[discord.Interaction[ReportBot]], Awaitable[object]]


def stored_id(view_id: str, action: str) -> str:
    """Return the custom id of a stored view's component."""
    return f"{_PREFIX}v:{view_id}:{action}"


def form_id(action: str) -> str:
    """Return the custom id of a form, or of a component that needs no state."""
    return f"{_PREFIX}m:{action}"


def form_values(interaction: discord.Interaction[Any]) -> dict[str, str]:
    """Return what was typed into a form, by the inputs' custom ids."""
    found: dict[str, str] = {}
    data: Any = interaction.data or {}
    pending = list(data.get("components") or ())
    while pending:
        part = pending.pop()
        pending.extend(part.get("components") or ())
        if isinstance(part.get("component"), dict):
            pending.append(part["component"])
        if isinstance(part.get("custom_id"), str) and isinstance(part.get("value"), str):
            found[part["custom_id"]] = part["value"]
    return found


class Router:
    """Hands presses to whoever serves their kind of view.

    Parameters
    ----------
    bot
        What knows the guilds and the stored views.
    """

    def __init__(self, bot: ReportBot) -> None:
        self._bot = bot
        self._presses: dict[str, PressHandler] = {}
        self._forms: dict[str, FormHandler] = {}

    def serve(self, kind: str, handler: PressHandler) -> None:
        """Serve the stored views of a kind."""
        self._presses[kind] = handler

    def serve_form(self, action: str, handler: FormHandler) -> None:
        """Serve a form, or a component without state."""
        self._forms[action] = handler

    def forget(self, *names: str) -> None:
        """Serve these kinds and forms no more."""
        for name in names:
            self._presses.pop(name, None)
            self._forms.pop(name, None)

    async def dispatch(self, interaction: discord.Interaction[ReportBot]) -> None:
        """Serve one press; whatever it is, it gets an answer."""
        data: Any = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        what = f"{interaction.type.name} {custom_id[:100]!r}"
        await guarded(interaction, what, lambda: self._serve(interaction, custom_id))

    async def _serve(self, interaction: discord.Interaction[ReportBot], custom_id: str) -> None:
        if not custom_id.startswith(_PREFIX):
            # A view of discord.py's own may be waiting for it.
            await asyncio.sleep(_FOREIGN_SECONDS)
            if not Reply.to(interaction).begun:
                raise Refusal(STALE)
            return
        form = _STATELESS.fullmatch(custom_id)
        if form is not None:
            serve_form = self._forms.get(form[1])
            if serve_form is None or interaction.guild_id is None:
                raise Refusal(STALE)
            await serve_form(interaction)
            return
        press = await self._press(interaction, custom_id)
        await self._presses[press.view.kind](press)

    async def _press(self, interaction: discord.Interaction[ReportBot], custom_id: str) -> Press:
        match = _STORED.fullmatch(custom_id)
        if match is None:
            raise Refusal(STALE)
        view = await self._bot.call_briefly(self._bot.runtime.guilds.view, match[1])
        tenant = self._bot.directory.tenant_of(interaction.guild_id or 0)
        if (
            view is None
            or view.kind not in self._presses
            or view.guild_id != interaction.guild_id
            or tenant is None
            or tenant.id != view.tenant
        ):
            raise Refusal(STALE)
        if view.user_id != interaction.user.id:
            raise Refusal(_NOT_YOURS)
        data: Any = interaction.data or {}
        values = tuple(map(str, data.get("values") or ()))
        return Press(interaction, view, tenant, match[2], values)
