"""The wolves' member and the buttons under a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.looking import id_of, message_of
from tests.squadron import Squadron

if TYPE_CHECKING:
    from bot.sandbox.interactions.views import InteractionView
    from bot.sandbox.world import StoredMessage
    from tests.e2e.stage import Stage


async def ask(stage: Stage, *, private: bool = False, period: str = "ld") -> StoredMessage:
    """Return the space CZs of the wolves, as their member sees them."""
    options = {"period": period, "private": private}
    return message_of(await stage.command(stage.wolves, stage.wolves.member, "spacecz", options))


async def press(
    stage: Stage, message: StoredMessage, action: str, *, force: bool = False
) -> InteractionView:
    """Let the asker press a button."""
    player = stage.player(stage.wolves.member)
    custom_id = id_of(message, "period").replace(":period", f":{action}")
    return await (await player.press(message, custom_id, force=force)).settled()


async def choose(stage: Stage, message: StoredMessage, period: str) -> InteractionView:
    """Let the asker choose a period."""
    player = stage.player(stage.wolves.member)
    return await (await player.select(message, id_of(message, "period"), [period])).settled()


def posted_by(stage: Stage) -> list[StoredMessage]:
    """Return what the bot itself posted to the channel, answers to commands aside."""
    return [
        message
        for message in stage.sandbox.messages
        if message.own and message.interaction_id is None
    ]


def settle_many(stage: Stage, systems: int = 600) -> None:
    """Give the wolves so many systems that a report takes several pages."""
    squadron = Squadron()
    for index in range(systems):
        event = squadron.event("2025-09-11T18:00:00Z", "Wolf", starsystem=f"Lupus {index:03}")
        squadron.cz("low", None, event)
    squadron.replace(f"sqlite:///{stage.folder}/wolves.db")
