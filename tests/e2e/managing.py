"""What the tests of the commands for managers share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.interactions.records import Kind
from bot.sandbox.interactions.views import InteractionView
from tests.e2e.looking import content_of, id_of, message_of

if TYPE_CHECKING:
    from bot.client import ReportBot
    from bot.sandbox.people import User
    from bot.sandbox.world import Channel, StoredMessage
    from tests.e2e.stage import Pack, Stage


def told(seen: InteractionView) -> str:
    """Return what only the asker was told, as the one answer or below it."""
    messages = [message for message in (seen.message, *seen.followups) if message is not None]
    assert messages, seen
    assert all(message.ephemeral_for == seen.interaction.user.id for message in messages), seen
    return content_of(messages[-1])


def fields_of(message: StoredMessage) -> dict[str, str]:
    """Return the fields of a message's one embed by their names."""
    (embed,) = message.body["embeds"]
    return {field["name"]: field["value"] for field in embed["fields"]}


def sees(bot: ReportBot, pack: Pack) -> str | None:
    """The tenant that a guild sees."""
    tenant = bot.directory.tenant_of(int(pack.guild.id))
    return None if tenant is None else tenant.id


async def type_key(stage: Stage, pack: Pack, user: User, key: str) -> InteractionView:
    """Let somebody run /tenant link and type a key."""
    form = await stage.command(pack, user, "tenant link")
    assert form.kind == "modal"
    return await (await stage.player(user).submit(form, {"key": key}, force=True)).settled()


async def link(stage: Stage, pack: Pack, key: str) -> None:
    """Link a guild that has no link."""
    seen = await type_key(stage, pack, pack.chief, key)
    assert "now sees" in told(seen)


async def forge_form(
    stage: Stage, pack: Pack, user: User, key: Any, custom_id: str = "bgs:m:link_key"
) -> InteractionView:
    """Send the form of /tenant link as if it had been opened."""
    before = await stage.command(pack, user, "help")
    field = {"type": 4, "id": 2, "custom_id": "key", "value": key}
    opened = stage.sandbox.desk.open(
        kind=Kind.MODAL,
        user=user,
        guild=pack.guild,
        channel=pack.channel,
        parent=before.interaction,
        data={"custom_id": custom_id, "components": [{"type": 18, "id": 1, "component": field}]},
    )
    return await (await InteractionView(opened).acknowledged()).settled()


async def press(
    stage: Stage, user: User, message: StoredMessage, action: str, *, force: bool = False
) -> InteractionView:
    """Press a button by what it does, and wait for the whole answer."""
    seen = await stage.player(user).press(message, id_of(message, action), force=force)
    return await seen.settled()


async def press_elsewhere(stage: Stage, pack: Pack, user: User, custom_id: str) -> InteractionView:
    """Press a button of somebody else's under a message in one's own guild."""
    own = message_of(await stage.command(pack, user, "help"))
    return await (await stage.player(user).press(own, custom_id, force=True)).settled()


def second_chief(stage: Stage, pack: Pack) -> User:
    """Return somebody else with Manage Server in a guild."""
    user = stage.sandbox.world.add_user(f"{pack.id}-second-chief")
    stage.sandbox.world.join(pack.guild, user, pack.guild.members[pack.chief.id].permissions)
    return user


def demote(pack: Pack) -> None:
    """Take Manage Server from a guild's chief."""
    pack.guild.members[pack.chief.id].permissions = 0


def posted(stage: Stage, *channels: Channel) -> list[StoredMessage]:
    """Return what webhooks have posted, to some channels or to all, oldest first."""
    wanted = {channel.id for channel in channels}
    return [
        message
        for message in stage.sandbox.messages
        if not message.own and (not wanted or message.channel_id in wanted)
    ]


async def follow_file(stage: Stage, bot: ReportBot) -> None:
    """Write the tenant file and let the bot look at it now."""
    stage.save()
    cog: Any = bot.get_cog("Upkeep")
    await cog.watch()
