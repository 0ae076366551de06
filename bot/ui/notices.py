"""Tells an admin, once, of what does not mend itself."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import discord

from bot.delivery.ledger import PartState
from bot.rendering.limits import CONTENT
from bot.ui.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.client import ReportBot
    from bot.delivery.ledger import BrokenWebhook, Part

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_LOOK_BACK = 200
_SINCE = timedelta(days=7)
_REASON_LIMIT = 150


class Notices:
    """Looks through the ledger for webhooks that are gone and tenants that fail for good.

    Each is told once: in the tenant's ``admin_channel``, else in the log. What
    has recovered and fails again is told again: a notice is known by since when
    the webhook is refused, or by the last window that was posted.

    Parameters
    ----------
    bot
        What can reach the channels.
    """

    def __init__(self, bot: ReportBot) -> None:
        self._bot = bot

    async def look(self) -> None:
        """Tell what is new."""
        for broken in await self._ask(self._bot.runtime.ledger.broken_webhooks):
            await self._tell(
                f"broken:{broken.fingerprint}:{broken.since.isoformat()}",
                broken.tenant,
                _refusal(broken),
            )
        for part in await self._given_up():
            await self._tell_of(part)

    async def _given_up(self) -> list[Part]:
        """Return the latest failure for good of each tenant's reports in each channel."""
        hopeless = timedelta(hours=self._bot.settings.retry_hours)
        now = self._bot.real()
        latest: dict[tuple[str, str, str], Part] = {}
        for part in await self._ask(
            self._bot.runtime.ledger.history, failed=True, limit=_LOOK_BACK
        ):
            never = part.state is PartState.UNPLANNED and part.failing_since is not None
            is_over = part.state is PartState.GAVE_UP or (
                never and now - (part.failing_since or now) > hopeless
            )
            if is_over and now - part.updated_at < _SINCE:
                latest.setdefault((part.key.tenant, part.key.report, part.key.channel), part)
        return list(latest.values())

    async def _tell_of(self, part: Part) -> None:
        """Tell of a failure, unless it is over or has gone on since before it was told."""
        tenant, report = part.key.tenant, part.key.report
        good = await self._ask(self._bot.runtime.ledger.last_success, part.key)
        if good is not None and good.id > part.id:
            return
        notice = f"failing:{tenant}:{report}:{good.key.window if good else 'ever'}"
        reason = (part.error or "the log says why")[:_REASON_LIMIT].rstrip(".")
        await self._tell(
            notice,
            tenant,
            f"{report} of {tenant} for {part.label} could not be posted and I have given up: "
            f"{reason}. When it is mended, run `bgs-bot deliveries retry`.",
        )

    async def _ask(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the state database, however long it takes: nobody waits.

        Whoever gave up could not know whether a notice counts as given.
        """
        work = partial(fn, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._bot.runtime.pool, work)

    async def _tell(self, notice: str, tenant: str, text: str) -> None:
        if not await self._ask(self._bot.runtime.guilds.first_notice, notice):
            return
        log.error("%s", text, extra={"action": "notice", "tenant": tenant})
        await self._tell_in_channel(tenant, text)

    async def _tell_in_channel(self, tenant: str, text: str) -> None:
        known = self._bot.registry.listing.tenants.get(tenant)
        if known is None or known.admin_channel is None:
            return
        try:
            channel = await self._bot.fetch_channel(known.admin_channel)
            guild = getattr(channel, "guild", None)
            theirs = guild is not None and self._bot.directory.tenant_of(guild.id) == known
            if not (theirs and isinstance(channel, discord.abc.Messageable)):
                log.warning("%s: admin_channel is no text channel of its own server", tenant)
                return
            await channel.send(f"⚠️ {sentence(text, CONTENT - 10)}")
        except discord.HTTPException as error:
            log.warning("%s: admin_channel cannot be written to: %s", tenant, error.text)
        except Exception:
            # The next one's admin is to hear of theirs all the same.
            log.warning("%s: admin_channel cannot be written to", tenant, exc_info=True)


def _refusal(broken: BrokenWebhook) -> str:
    """Return what to tell of a webhook or a channel that is refused."""
    who, remedy = "Discord refuses a webhook", "Put a new one into the tenant file"
    if broken.is_channel:
        who = "A service refuses a channel"
        remedy = "Mend its address in the tenant file (`bgs-bot check --channels` tells which)"
    return (
        f"{who} of {broken.tenant} since {broken.since:%Y-%m-%d %H:%M} UTC ({broken.detail}), "
        f"so I use it no more. {remedy}, then run `bgs-bot deliveries retry`."
    )
