"""The health of the Discord bot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.health.server import HealthServer
from bot.health.watched import Finding, Watched, scheduler_finding

if TYPE_CHECKING:
    from bot.client import ReportBot
    from bot.runtime import Runtime


class Gateway:
    """Knows which shards are connected and ready.

    Parameters
    ----------
    bot
        The bot, before it logs in: it is listened to from here on.
    """

    def __init__(self, bot: ReportBot) -> None:
        self._bot = bot
        self._up: set[int] = set()
        bot.add_listener(self._came, "on_shard_ready")
        bot.add_listener(self._came, "on_shard_resumed")
        bot.add_listener(self._went, "on_shard_disconnect")

    def finding(self) -> Finding:
        """Say whether every shard is connected and ready."""
        wanted = self._bot.shard_count
        if not wanted or not self._bot.shards:
            return Finding(False, "not connected yet")
        up = [
            number
            for number, shard in self._bot.shards.items()
            if number in self._up and not shard.is_closed()
        ]
        shards = f"{len(up)} of {wanted} shard{'' if wanted == 1 else 's'} ready"
        return Finding(len(up) == wanted and self._bot.is_ready(), shards)

    async def _came(self, shard: int) -> None:
        self._up.add(shard)

    async def _went(self, shard: int) -> None:
        self._up.discard(shard)


async def open_bot_health(bot: ReportBot) -> HealthServer | None:
    """Serve a bot's health from before it logs in; None where no address is set.

    Raises
    ------
    HealthAddressError
        If the address cannot be used.
    """
    address = bot.settings.health_addr
    if address is None or bot.metrics is None:
        return None

    def runtime() -> Runtime | None:
        return bot.runtime if bot.opened else None

    def scheduler() -> Finding:
        if not bot.opened:
            return Finding(False, "not started yet")
        return scheduler_finding(bot.keeper.scheduler.running, bot.keeper.pulse)

    checks = {"scheduler": scheduler, "gateway": Gateway(bot).finding}
    server = HealthServer(address, Watched(runtime, bot.clock, bot.real, checks), bot.metrics)
    await server.open()
    return server
