"""Asks a sandbox by hand, as a bot without a library would."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.sandbox.interactions.records import Interaction, Kind
from bot.sandbox.server import Sandbox
from tests.sandbox.helping import Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.world import StoredMessage

COMMAND = {"id": "1", "name": "summary", "type": 1}
TYPING = {**COMMAND, "options": [{"name": "system", "type": 3, "value": "", "focused": True}]}


class Hand:
    """A bot that is moved by hand, in a guild with one member.

    Attributes
    ----------
    headers
        Of the last answer.
    """

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession, clock: Clock) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.headers: dict[str, str] = {}
        self.guild = sandbox.world.add_guild("Wolves")
        self.channel = sandbox.world.add_channel(guild_id=self.guild.id, name="reports")
        self.ada = sandbox.world.add_user("Ada")
        sandbox.world.join(self.guild, self.ada)
        self.session = session

    async def ask(
        self, method: str, path: str, body: object = None, **options: Any
    ) -> tuple[int, Any]:
        """Ask the API as the bot; return status and JSON."""
        token = f"Bot {self.sandbox.switches.bot_token}"
        options.setdefault("headers", {"Authorization": token})
        if body is not None:
            options["data"] = json.dumps(body)
            options["headers"] = {**options["headers"], "Content-Type": "application/json"}
        address = self.sandbox.api_base + path
        async with self.session.request(method, address, **options) as response:
            self.headers = dict(response.headers)
            raw = await response.read()
            return response.status, json.loads(raw) if raw else None

    def happen(
        self,
        kind: Kind = Kind.COMMAND,
        message: StoredMessage | None = None,
        parent: Interaction | None = None,
    ) -> Interaction:
        """Let Ada do something."""
        data: dict[Kind, dict[str, Any]] = {
            Kind.COMMAND: COMMAND,
            Kind.AUTOCOMPLETE: TYPING,
            Kind.COMPONENT: {"custom_id": "a", "component_type": 2, "id": 1},
            Kind.MODAL: {"custom_id": "m", "components": []},
        }
        return self.sandbox.desk.open(
            kind=kind,
            user=self.ada,
            guild=self.guild,
            channel=self.channel,
            data=data[kind],
            message=message,
            parent=parent,
        )

    async def answer(
        self, interaction: Interaction, kind: int, data: object = None, query: str = ""
    ) -> tuple[int, Any]:
        """Answer first."""
        path = f"/interactions/{interaction.id}/{interaction.token}/callback{query}"
        body = {"type": kind} if data is None else {"type": kind, "data": data}
        return await self.ask("POST", path, body, headers={})

    async def webhook(
        self, method: str, interaction: Interaction, place: str = "", body: object = None
    ) -> tuple[int, Any]:
        """Ask the webhook of an interaction; place: ``/messages/@original`` and such."""
        path = f"/webhooks/{self.sandbox.bot.id}/{interaction.token}{place}"
        return await self.ask(method, path, body, headers={})

    async def panel(self) -> StoredMessage:
        """Write a message with a button."""
        components = [
            {"type": 1, "components": [{"type": 2, "style": 1, "label": "A", "custom_id": "a"}]}
        ]
        body = {"content": "panel", "components": components}
        _, written = await self.ask("POST", f"/channels/{self.channel.id}/messages", body)
        [message] = [entry for entry in self.sandbox.messages if entry.id == written["id"]]
        return message


@contextlib.asynccontextmanager
async def handed(**options: Any) -> AsyncIterator[Hand]:
    """Run a sandbox whose clock only moves by hand."""
    clock = Clock()
    async with (
        Sandbox(clock=clock, **options) as sandbox,
        aiohttp.ClientSession() as session,
    ):
        yield Hand(sandbox, session, clock)
