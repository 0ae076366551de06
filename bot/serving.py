"""Runs the bot until it is told to stop, and says in one line why it cannot."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.delivery.backoff import backoff
from bot.errors import BotError
from bot.gateway import place_of
from bot.health.of_bot import open_bot_health

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.client import ReportBot

log = logging.getLogger(__name__)

_REFUSED_TOKEN = 4004
_REFUSED_INTENTS = 4014
_SERVER_ERROR = 500
_TOO_MANY = 429
_ASK_AGAIN_SECONDS = 1.0
_LASTING_SECONDS = 600.0
"""A connection that held for so long was a good one."""


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


class NotDiscordError(BotError):
    """What answers does not speak Discord's API."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"{address} answers the bot's login, but not as Discord does: correct"
            " DISCORD_API_BASE, or leave it out for Discord's own"
        )


class GatewayClosedError(BotError):
    """Discord ended the connection for good."""

    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(f"Discord ended the connection for good (close code {code})")


class NoGatewayError(BotError):
    """Nobody says where the gateway is."""

    def __init__(self, status: int, address: str) -> None:
        self.status = status
        super().__init__(
            f"{address} answers {status} when asked for the gateway: set DISCORD_GATEWAY to its"
            " address, or correct DISCORD_API_BASE"
        )


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
    up = asyncio.Event()
    running = asyncio.create_task(_run(bot, token, up, ready), name="bot")
    stopped = asyncio.create_task(stop.wait(), name="stop")
    failed = False
    try:
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
        failed = running.done()
    finally:
        stopped.cancel()
        if health is not None:
            await health.close()
        running.cancel()  # nobody need connect any more
        if not up.is_set():
            # What is being opened must not be closed beneath whoever opens it.
            await _end(running)
        await bot.close()
        await _end(running)
    if failed:
        await running


async def _end(task: asyncio.Task[None]) -> None:
    """End a task; how it ended is of no interest any more."""
    while not task.done():
        # Where something else goes wrong at the same moment, a cancellation may get lost.
        task.cancel()
        await asyncio.wait({task}, timeout=_ASK_AGAIN_SECONDS)
    await asyncio.gather(task, return_exceptions=True)


async def _run(
    bot: ReportBot, token: str, up: asyncio.Event, ready: Callable[[], None] | None
) -> None:
    await _login(bot, token)
    up.set()
    if ready is not None:
        ready()
    try:
        await _connect(bot)
    except discord.ConnectionClosed as closed:
        if closed.code == _REFUSED_TOKEN:
            raise TokenRefusedError from closed
        raise GatewayClosedError(closed.code) from closed
    except discord.PrivilegedIntentsRequired as error:
        raise GatewayClosedError(_REFUSED_INTENTS) from error


async def _connect(bot: ReportBot) -> None:
    """Connect, and stay so, whatever the gateway says, for as long as it takes."""
    attempts = 0
    while True:
        attempts, begun = attempts + 1, time.monotonic()
        try:
            await bot.connect()
        except (discord.ConnectionClosed, discord.PrivilegedIntentsRequired):
            raise
        except discord.GatewayNotFound as error:
            status = getattr(error.__cause__, "status", _SERVER_ERROR)
            if status < _SERVER_ERROR and status != _TOO_MANY:
                raise NoGatewayError(status, bot.settings.discord_api_base) from error
            reason = f"it answers {status}"
        except (aiohttp.ClientError, OSError) as error:
            reason = type(error).__name__
        except Exception as error:  # noqa: BLE001  # the nightly posts must go on; logged
            reason = "the gateway cannot be understood"
            log.error(
                "The gateway says what cannot be read: %s",
                place_of(error),
                extra={"action": "gateway_garbled"},
            )
        else:
            return
        await bot.hang_up()
        if time.monotonic() - begun > _LASTING_SECONDS:
            attempts = 1
        await _pause(attempts, reason)


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
        except Exception as error:
            if bot.application is None:
                # It answered with success, such as any website's start page.
                raise NotDiscordError(bot.settings.discord_api_base) from error
            raise
        else:
            return
        await _forget_session(bot)
        await _pause(attempts, reason)


async def _forget_session(bot: ReportBot) -> None:
    """Close what a login that failed has opened; the next one opens its own."""
    await bot.http.close()
    bot.http.connector = discord.utils.MISSING


async def _pause(attempts: int, reason: str) -> None:
    wait = min(backoff(attempts).total_seconds(), 60.0)
    log.warning("Discord cannot be reached (%s); trying again in %.0f s", reason, wait)
    await asyncio.sleep(wait)
