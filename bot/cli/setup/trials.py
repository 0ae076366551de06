"""Trying answers out: the database, the webhook and the token, as ``check`` does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.settings import Settings

_REFUSED = frozenset({401, 403})
_GONE = 404


class Tried(NamedTuple):
    """What became of a trial.

    Attributes
    ----------
    good
        Whether it works.
    text
        What was found, or what is wrong; one sentence.
    """

    good: bool
    text: str


class Trials:
    """Tries answers out; nothing is posted and nothing is changed.

    Attributes
    ----------
    guild
        The server of the webhook that was last tried; empty if unknown.
    application
        Id of the application whose token was last tried; empty if unknown.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.guild = ""
        self.application = ""
        self._settings = settings
        self._folder = folder

    def of(self, key: str) -> Callable[[str], Tried] | None:
        """Return how an answer is tried; None where it needs no trial."""
        known = {"db-uri": self.database, "webhook": self.webhook, "token": self.token}
        return known.get(key)

    def database(self, uri: str) -> Tried:
        """Read a tenant's database."""
        from bot.backend import DatabaseError, TenantDatabase
        from bot.backend.inspect import inspect_database
        from bot.cli.clock import real_now
        from bot.reports.newest import newest_event

        try:
            database = TenantDatabase(
                uri, base_dir=self._folder, query_timeout=self._settings.query_timeout
            )
        except DatabaseError as error:
            return Tried(False, str(error))
        try:
            facts = inspect_database(database)
            newest = newest_event(database, real_now()) if facts.is_reachable else None
        except DatabaseError as error:
            return Tried(False, str(error))
        finally:
            database.dispose()
        if facts.problems:
            return Tried(False, "; ".join(facts.problems))
        events = facts.row_counts.get("event")
        of = f", the newest of {newest}" if newest else ""
        lacking = ", ".join(facts.missing_tables)
        without = f" It lacks {lacking}; reports go on without." if lacking else ""
        text = f"{facts.database} can be read: {events or 0:,} events{of}.{without}"
        return Tried(True, text)

    def webhook(self, url: str) -> Tried:
        """Ask a webhook about itself."""
        from bot.delivery.webhook import ReadError
        from bot.tenants import parse_webhook_url

        self.guild = ""
        webhook = parse_webhook_url(url)
        try:
            found = asyncio.run(self._webhook(url))
        except ReadError as error:
            if error.status == _GONE or error.status in _REFUSED:
                remedy = "it was deleted or not copied whole; copy it anew from Discord"
                return Tried(False, f"{webhook} does not work ({error}): {remedy}")
            return Tried(False, f"{webhook} gives no answer ({error})")
        self.guild = _id(found.get("guild_id"))
        return Tried(True, f"{webhook} is alive, its name is {found.get('name') or 'empty'}.")

    async def _webhook(self, url: str) -> dict[str, object]:
        from bot.delivery.webhook import WebhookClient
        from bot.tenants import parse_webhook_url

        async with WebhookClient() as client:
            return await client.info(parse_webhook_url(url))

    def token(self, token: str) -> Tried:
        """Ask Discord whose token it is."""
        from bot.delivery.webhook import ReadError

        self.application = ""
        try:
            name, self.application = asyncio.run(self._whose(token))
        except ReadError as error:
            if error.status in _REFUSED:
                remedy = "copy it anew from the developer portal (Bot, Reset Token)"
                return Tried(False, f"Discord refuses this token; {remedy}")
            return Tried(False, f"Discord does not say whose token it is ({error})")
        return Tried(True, f"The token is good; the bot's name is {name}.")

    async def _whose(self, token: str) -> tuple[str, str]:
        from bot.delivery.webhook import ReadError, WebhookClient

        base = self._settings.discord_api_base
        async with WebhookClient() as client:
            user = await client.fetch(f"{base}/users/@me", token)
            if not isinstance(user, dict) or not _id(user.get("id")):
                raise ReadError("the answer is no bot")
            try:  # a bot of Discord's early days has another id than its application
                application = await client.fetch(f"{base}/applications/@me", token)
            except ReadError:
                application = None
        own = application.get("id") if isinstance(application, dict) else None
        return str(user.get("username") or "empty"), _id(own) or _id(user.get("id"))


def _id(value: object) -> str:
    from bot.tenants.fields import id_digits

    return id_digits(value) or ""
