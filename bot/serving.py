"""Runs the bot until it is told to stop, and says in one line why it cannot."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.delivery.backoff import backoff
from bot.errors import BotError
from bot.health.of_bot import open_bot_health

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.client import ReportBot

log = logging.getLogger(__name__)

_REFUSED_TOKEN = 4004
_SERVER_ERROR = 500
_TOO_MANY = 429


class NoTokenError(BotError):
    """There is no token to log in with."""

    def __init__(self) -> None:
        super().__init__(
            "DISCORD_TOKEN is not set: copy the bot's token from Discord's developer portal"
            " (Bot, Reset Token) into the environment, .env or a file named in DISCORD_TOKEN_FILE;"
            " without a bot, `bgs-bot schedule` posts the nightly reports"
        )


class TokenRefusedError(BotError):
    """Discord does not know the token."""

    def __init__(self) -> None:
        super().__init__(
            "Discord refuses DISCORD_TOKEN: copy the whole token anew from the developer portal"
            " (Bot, Reset Token); an older one ends when a new one is made"
        )


class ApiError(BotError):
    """What answers is not Discord as it should be."""

    def __init__(self, status: int, address: str) -> None:
        self.status = status
        super().__init__(
            f"{address} answers {status} to the bot's login: is DISCORD_API_BASE right?"
        )


class GatewayClosedError(BotError):
    """Discord ended the connection for good."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(f"Discord ended the connection for good (close code {code})")


async def serve(
    bot: ReportBot, token: str, stop: asyncio.Event, *, ready: Callable[[], None] | None = None
) -> None:
    """Run a bot until ``stop`` is set, then let it finish what it sends.

    Parameters
    ----------
    ready
        Called once when the bot is logged in and everything is loaded.

    Raises
    ------
    BotError
        If the bot cannot run: the token is refused, a resource cannot be
        opened, `HEALTH_ADDR` is taken, or Discord ended the connection for good.
    """
    health = await open_bot_health(bot)
    running = asyncio.create_task(_run(bot, token, ready), name="bot")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    try:
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        if health is not None:
            await health.close()
        if not bot.opened:
            # It still waits for Discord or a database, and would take the end for a fault.
            running.cancel()
            await asyncio.wait({running}, timeout=5)
        await bot.close()
        if not running.done():
            _, late = await asyncio.wait({running}, timeout=5)
            for task in late:
                task.cancel()
    if not running.cancelled() and running.done() and (error := running.exception()) is not None:
        raise error


async def _run(bot: ReportBot, token: str, ready: Callable[[], None] | None) -> None:
    await _login(bot, token)
    if ready is not None:
        ready()
    try:
        await bot.connect()
    except discord.ConnectionClosed as closed:
        if bot.is_closed():
            return
        if closed.code == _REFUSED_TOKEN:
            raise TokenRefusedError from closed
        raise GatewayClosedError(closed.code) from closed


async def _login(bot: ReportBot, token: str) -> None:
    """Log in, as long as it takes where only the connection is at fault."""
    attempts = 0
    while True:
        attempts += 1
        try:
            await bot.login(token)
        except discord.LoginFailure as error:
            raise TokenRefusedError from error
        except discord.HTTPException as error:
            if error.status < _SERVER_ERROR and error.status != _TOO_MANY:
                raise ApiError(error.status, bot.settings.discord_api_base) from error
            reason = f"it answers {error.status}"
        except (aiohttp.ClientError, OSError) as error:
            if bot.opened:
                raise
            reason = type(error).__name__
        else:
            return
        wait = min(backoff(attempts).total_seconds(), 60.0)
        log.warning("Discord cannot be reached (%s); trying again in %.0f s", reason, wait)
        await asyncio.sleep(wait)
