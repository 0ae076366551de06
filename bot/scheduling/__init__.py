"""Scheduling without the bot: the old module's entry points."""

from bot.scheduling.compat import (
    format_discord_summary,
    get_discord_webhook,
    get_engine_for_tenant,
    get_tenants,
    send_syntheticcz_summary_to_discord,
    send_syntheticgroundcz_summary_to_discord,
    start_scheduler,
    stop_scheduler,
)

__all__ = [
    "format_discord_summary",
    "get_discord_webhook",
    "get_engine_for_tenant",
    "get_tenants",
    "send_syntheticcz_summary_to_discord",
    "send_syntheticgroundcz_summary_to_discord",
    "start_scheduler",
    "stop_scheduler",
]
