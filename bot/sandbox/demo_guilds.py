"""The guilds of the demo: one for each squadron, with two people to play."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.people import MANAGE_GUILD
from bot.sandbox.squadrons import GUILD_IDS

if TYPE_CHECKING:
    from bot.sandbox.people import Guild
    from bot.sandbox.squadrons import DemoSquadrons
    from bot.sandbox.world import World

MANAGER = "Ada"
MEMBER = "Bo"
NAMES = {
    "demo-wolves": "Kamadi Wolves",
    "demo-kestrels": "Kestrel Flight",
    "demo-lanterns": "Lantern Light",
}
_TALK = "general"


def furnish(world: World, demo: DemoSquadrons) -> dict[str, Guild]:
    """Make the guilds, with the webhooks that the demo's tenant file names.

    Returns
    -------
    dict
        The guild of each tenant id.
    """
    manager, member = world.add_user(MANAGER), world.add_user(MEMBER)
    guilds = {}
    for tenant, name in NAMES.items():
        guild = guilds[tenant] = world.add_guild(name, GUILD_IDS.get(tenant))
        world.join(guild, manager, MANAGE_GUILD)
        world.join(guild, member)
        for each in demo.channels:
            if each.tenant == tenant:
                channel = world.add_channel(guild_id=guild.id, name=each.name)
                token = each.url.rpartition("/")[2]
                world.add_webhook(channel, hook_id=each.webhook_id, token=token)
        world.add_channel(guild_id=guild.id, name=_TALK)
    return guilds
