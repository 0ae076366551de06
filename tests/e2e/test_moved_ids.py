"""Squadrons without an id of their own in the tenant file, whose ids move when others go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.looking import id_of, message_of, words_of
from tests.e2e.managing import follow_file, link, told, type_key

if TYPE_CHECKING:
    from bot.sandbox.interactions.views import InteractionView
    from bot.sandbox.people import User
    from bot.sandbox.world import StoredMessage
    from tests.e2e.stage import Stage

WOLFE, WOELFE = "key-of-wolves", "key-of-foxes"


def rename(stage: Stage) -> None:
    """Give both squadrons names from which the same id follows."""
    stage.wolves.entry["name"], stage.foxes.entry["name"] = "Wolfe", "Wölfe"
    stage.save()


async def choose(stage: Stage, user: User, message: StoredMessage, part: str) -> InteractionView:
    """Choose last week in a report's menu, given the menu's custom id."""
    seen = await stage.player(user).select(message, part, ["lw"])
    return await seen.settled()


async def test_a_linked_guild_does_not_see_the_squadron_that_takes_the_id(stage: Stage) -> None:
    rename(stage)
    strangers = stage.strangers
    async with stage.bot() as bot:
        await link(stage, strangers, WOLFE)
        report = message_of(await stage.command(strangers, strangers.member, "summary"))
        assert "Wolf 2" in words_of(report)
        menu = id_of(report, "period")

        stage.entries.remove(stage.wolves.entry)
        await follow_file(stage, bot)
        assert bot.registry.get("wolfe").name == "Wölfe"

        assert "too old" in told(await choose(stage, strangers.member, report, menu))
        refused = await stage.command(strangers, strangers.chief, "summary")
        assert "that this server was linked to is gone" in told(refused)
        assert "now sees **Wölfe**" in told(
            await type_key(stage, strangers, strangers.chief, WOELFE)
        )
        assert "too old" in told(await choose(stage, strangers.member, report, menu))
        seen = await stage.command(strangers, strangers.member, "summary")
        assert "Fox 2" in words_of(message_of(seen))


async def test_the_link_to_a_squadron_whose_id_was_taken_can_be_ended(stage: Stage) -> None:
    rename(stage)
    strangers = stage.strangers
    async with stage.bot():
        await link(stage, strangers, WOLFE)
    stage.entries.remove(stage.wolves.entry)
    stage.save()
    async with stage.bot():
        seen = await stage.command(strangers, strangers.chief, "tenant unlink")
        assert "no longer linked to **Wolfe**" in told(seen)


async def test_a_question_is_about_the_squadron_whose_key_was_typed(stage: Stage) -> None:
    rename(stage)
    strangers = stage.strangers
    stage.entries.append(
        {**stage.foxes.entry, "name": "Owls", "api_key": "key-of-owls", "guild_ids": []}
    )
    stage.save()
    async with stage.bot() as bot:
        await link(stage, strangers, "key-of-owls")
        asked = message_of(await type_key(stage, strangers, strangers.chief, WOLFE))
        yes = id_of(asked, "replace")

        stage.entries.remove(stage.wolves.entry)
        await follow_file(stage, bot)

        late = await stage.player(strangers.chief).press(asked, yes)
        assert "has just been changed" in told(await late.settled())
        tenant = bot.directory.tenant_of(int(strangers.guild.id))
        assert tenant is not None
        assert tenant.name == "Owls"


async def test_buttons_in_guilds_of_the_file_never_show_the_other_squadron(stage: Stage) -> None:
    rename(stage)
    packs = {"Wolf": stage.wolves, "Fox": stage.foxes}
    async with stage.bot() as bot:
        reports = {
            cmdr: message_of(await stage.command(pack, pack.member, "summary"))
            for cmdr, pack in packs.items()
        }
        menus = {cmdr: id_of(report, "period") for cmdr, report in reports.items()}

        stage.entries.reverse()
        await follow_file(stage, bot)
        assert bot.registry.get("wolfe").name == "Wölfe"

        for cmdr, pack in packs.items():
            report = reports[cmdr]
            pressed = await choose(stage, pack.member, report, menus[cmdr])
            assert "too old" in told(pressed)
            assert f"{cmdr} 2" in words_of(report)
            again = words_of(message_of(await stage.command(pack, pack.member, "summary")))
            assert [name for name in packs if f"{name} 2" in again] == [cmdr]


async def test_a_guild_that_the_file_gives_to_whoever_took_the_id_sees_only_that_squadron(
    stage: Stage,
) -> None:
    rename(stage)
    wolves = stage.wolves
    async with stage.bot() as bot:
        report = message_of(await stage.command(wolves, wolves.member, "summary"))
        assert "Wolf 2" in words_of(report)

        stage.entries.remove(wolves.entry)
        stage.foxes.entry["guild_ids"].append(wolves.guild.id)
        await follow_file(stage, bot)

        seen = await choose(stage, wolves.member, report, id_of(report, "period"))
        shown = words_of(message_of(seen))
        assert "Fox 1" in shown
        assert "Wolf" not in shown
