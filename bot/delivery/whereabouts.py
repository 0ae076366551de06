"""Where webhooks live, as Discord tells: a guild's posts go to its own webhooks only."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.delivery.answers import text_field
from bot.delivery.webhook import ReadError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bot.delivery.webhook import WebhookClient
    from bot.tenants import Route, WebhookUrl

_KEPT_SECONDS = 300.0
_MAX_WAIT = 5.0
_PATIENCE_SECONDS = 8.0
_GONE = frozenset({401, 403, 404, 410})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a webhook lives; None for what Discord does not tell."""

    guild_id: int | None
    channel_id: int | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A route that leads into the guild that was asked about."""

    route: Route
    channel_id: int

    @property
    def shown_id(self) -> int:
        """The channel or thread that its messages appear in, as far as it exists yet."""
        thread = self.route.thread_id
        return int(thread) if thread and thread.isdecimal() else self.channel_id


@dataclass(frozen=True, slots=True)
class Nearby:
    """Routes, sorted by where their webhooks live.

    Attributes
    ----------
    here
        Those in the guild.
    elsewhere
        How many are in other guilds, or in none that Discord tells.
    gone
        How many Discord refuses for good.
    unknown
        How many it does not tell of just now.
    """

    here: tuple[Spot, ...] = ()
    elsewhere: int = 0
    gone: int = 0
    unknown: int = 0


class Whereabouts:
    """Asks where webhooks live, and remembers it for some minutes.

    What Discord refuses for good is remembered too, so that nobody can make
    the bot ask for it again and again.

    Parameters
    ----------
    client
        Asks, within the limits it knows.
    clock
        Monotonic seconds.
    """

    def __init__(
        self, client: WebhookClient, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._kept: dict[str, tuple[float, Place | ReadError]] = {}

    async def near(self, guild_id: int, routes: Iterable[Route], *, fresh: bool = False) -> Nearby:
        """Sort routes by whether their webhooks live in a guild.

        Parameters
        ----------
        fresh
            Whether to ask again what was told a while ago.
        """
        routes = tuple(routes)
        webhooks = {route.webhook.url: route.webhook for route in routes}
        answers = await asyncio.gather(*(self._ask(each, fresh) for each in webhooks.values()))
        places = dict(zip(webhooks, answers, strict=True))
        here: list[Spot] = []
        elsewhere = gone = unknown = 0
        for route in routes:
            match places[route.webhook.url]:
                case Place(found, int(channel_id)) if found == guild_id:
                    here.append(Spot(route, channel_id))
                case Place():
                    elsewhere += 1
                case ReadError(status=status) if status in _GONE:
                    gone += 1
                case _:
                    unknown += 1
        return Nearby(tuple(here), elsewhere, gone, unknown)

    async def _ask(self, webhook: WebhookUrl, fresh: bool) -> Place | ReadError:
        now = self._clock()
        self._kept = {url: entry for url, entry in self._kept.items() if entry[0] > now}
        known = self._kept.get(webhook.url)
        if known is not None and not (fresh and isinstance(known[1], Place)):
            return known[1]
        answer = await self._asked(webhook)
        if isinstance(answer, Place) or not answer.transient:
            self._kept[webhook.url] = (now + _KEPT_SECONDS, answer)
        return answer

    async def _asked(self, webhook: WebhookUrl) -> Place | ReadError:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = await self._client.info(webhook, max_wait=_MAX_WAIT)
        except ReadError as error:
            return error
        except TimeoutError:
            return ReadError("no answer in time", transient=True)
        return Place(_number(found, "guild_id"), _number(found, "channel_id"))


def _number(found: object, key: str) -> int | None:
    text = text_field(found, key)
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 20 else None
