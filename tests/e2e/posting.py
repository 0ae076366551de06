"""What the tests of /post share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.e2e.looking import content_of, message_of, parts_of, words_of
from tests.e2e.managing import (
    press,
    told,
)
from tests.e2e.stage import until

if TYPE_CHECKING:
    from bot.client import ReportBot
    from bot.sandbox.world import StoredMessage
    from tests.e2e.stage import Pack, Stage

DAILY = {"report": "daily"}


async def preview(stage: Stage, pack: Pack, options: dict[str, Any] | None = None) -> StoredMessage:
    """Ask for a post and return the preview with its buttons."""
    seen = await stage.command(pack, pack.chief, "post", options or DAILY)
    assert seen.ephemeral
    message = message_of(seen)
    assert set(parts_of(message)) == {"confirm", "cancel"}, words_of(message)
    return message


async def confirm(stage: Stage, pack: Pack, shown: StoredMessage) -> str:
    """Confirm a preview and return what came of it."""
    await press(stage, pack.chief, shown, "confirm")
    await until(lambda: not parts_of(shown) and content_of(shown) != "📤 Posting…")
    return content_of(shown)


async def refusal(stage: Stage, pack: Pack, options: dict[str, Any] | None = None) -> str:
    """Ask for a post that is refused, and return the words."""
    seen = await stage.command(pack, pack.chief, "post", options or DAILY)
    assert parts_of(message_of(seen)) == {}
    return told(seen)


def another_webhook(stage: Stage, pack: Pack, kind: str = "text") -> str:
    """Make a webhook in a new channel of a guild and return its address."""
    channel = stage.sandbox.world.add_channel(kind, guild_id=pack.guild.id)
    return stage.sandbox.url_of(stage.sandbox.world.add_webhook(channel))


def send_to(stage: Stage, pack: Pack, *targets: object) -> None:
    """Let a squadron's posts go elsewhere, before the bot starts."""
    pack.entry["discord_webhooks"] = {"shoutout": list(targets)}
    stage.save()


async def occasions(bot: ReportBot) -> list[tuple[str, str]]:
    """The kind of occasion and the state of every part in the ledger, oldest first."""
    parts = await bot.call(bot.runtime.ledger.history, limit=None)
    return [(each.key.occasion.partition(":")[0], each.state.value) for each in parts[::-1]]
