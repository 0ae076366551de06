"""The tenant file changes, and other processes link guilds, while the bot runs."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.delivery.state.database import StateDatabase
from bot.delivery.state.tables import guild_link, view
from bot.guilds.book import GuildBook
from tests.e2e.looking import id_of, message_of, words_of
from tests.e2e.managing import follow_file, link, posted, sees, told
from tests.e2e.stage import squadron_of, until

if TYPE_CHECKING:
    import pytest

    from bot.client import ReportBot
    from tests.e2e.stage import Pack, Stage


def upkeep(bot: ReportBot) -> Any:
    """The cog that follows what changes."""
    return bot.get_cog("Upkeep")


async def summary(stage: Stage, pack: Pack) -> str:
    """What /summary says in a guild."""
    return words_of(message_of(await stage.command(pack, pack.member, "summary")))


def open_files(name: str) -> int:
    """How often this process has a file open."""
    links = Path("/proc/self/fd").iterdir()
    return sum(link.is_symlink() and link.readlink().name == name for link in links)


async def test_a_change_of_the_file_counts_within_seconds(stage: Stage) -> None:
    async with stage.bot() as bot:
        assert "not linked" in await summary(stage, stage.strangers)
        stage.foxes.entry["guild_ids"].append(stage.strangers.guild.id)
        stage.save()
        await until(lambda: sees(bot, stage.strangers) == "foxes")
        assert "Fox 2" in await summary(stage, stage.strangers)
        assert "Wolf 2" in await summary(stage, stage.wolves)


async def test_a_link_ends_when_the_file_lists_its_guild_elsewhere(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="bot")
    strangers = stage.strangers
    async with stage.bot() as bot:
        await link(stage, strangers, "key-of-wolves")
        report = message_of(await stage.command(strangers, strangers.member, "summary"))
        stage.foxes.entry["guild_ids"].append(strangers.guild.id)
        await follow_file(stage, bot)

        assert sees(bot, strangers) == "foxes"
        player = stage.player(strangers.member)
        pressed = await player.select(report, id_of(report, "period"), ["lw"])
        assert "too old" in told(await pressed.settled())
        assert f"Guild {strangers.guild.id} is no longer linked" in caplog.text

        stage.foxes.entry["guild_ids"].remove(strangers.guild.id)
        await follow_file(stage, bot)
        assert sees(bot, strangers) is None, "an ended link does not come back"


async def test_a_link_stays_when_the_file_lists_its_guild_for_the_same_squadron(
    stage: Stage,
) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        await link(stage, strangers, "key-of-wolves")
        report = message_of(await stage.command(strangers, strangers.member, "summary"))
        stage.wolves.entry["guild_ids"].append(strangers.guild.id)
        await follow_file(stage, bot)
        player = stage.player(strangers.member)
        pressed = await (await player.select(report, id_of(report, "period"), ["lm"])).settled()
        assert "2025-08-01" in words_of(message_of(pressed))


async def test_a_broken_file_keeps_the_last_good_one_and_says_why_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot() as bot:
        (stage.folder / "tenant.json").write_text('[{"name": "Wolves"', encoding="utf-8")
        for _ in range(3):
            await upkeep(bot).watch()
        reasons = [each for each in caplog.messages if each.startswith("The tenants stay as they")]
        assert len(reasons) == 1
        assert "tenant.json" in reasons[0]
        assert "Wolf 2" in await summary(stage, stage.wolves)

        (stage.folder / "tenant.json").unlink()
        await upkeep(bot).watch()
        assert "Wolf 2" in await summary(stage, stage.wolves)

        stage.entries.remove(stage.foxes.entry)
        await follow_file(stage, bot)
        assert sees(bot, stage.wolves) == "wolves"
        assert sees(bot, stage.foxes) is None


async def test_one_faulty_entry_stays_as_it_was_and_the_others_follow(stage: Stage) -> None:
    async with stage.bot() as bot:
        stage.wolves.entry["db_uri"] = 5
        stage.foxes.entry["guild_ids"].append(stage.strangers.guild.id)
        await follow_file(stage, bot)
        assert "Wolf 2" in await summary(stage, stage.wolves)
        assert "Fox 2" in await summary(stage, stage.strangers)


async def test_a_squadron_that_is_taken_out_is_gone_with_its_database(stage: Stage) -> None:
    async with stage.bot() as bot:
        report = message_of(await stage.command(stage.foxes, stage.foxes.member, "summary"))
        assert open_files("foxes.db") > 0
        stage.entries.remove(stage.foxes.entry)
        await follow_file(stage, bot)

        assert open_files("foxes.db") == 0
        assert "not linked" in await summary(stage, stage.foxes)
        player = stage.player(stage.foxes.member)
        pressed = await player.select(report, id_of(report, "period"), ["lw"])
        assert "too old" in told(await pressed.settled())
        assert "Wolf 2" in await summary(stage, stage.wolves)


async def test_a_squadron_that_comes_back_finds_its_links(stage: Stage) -> None:
    async with stage.bot() as bot:
        await link(stage, stage.strangers, "key-of-foxes")
        stage.entries.remove(stage.foxes.entry)
        await follow_file(stage, bot)
        assert "is gone" in await summary(stage, stage.strangers)
        stage.entries.append(stage.foxes.entry)
        await follow_file(stage, bot)
        assert "Fox 2" in await summary(stage, stage.strangers)


async def test_another_database_brings_other_names_at_once(stage: Stage) -> None:
    wolves = stage.wolves
    place = wolves.guild.id, wolves.channel.id
    async with stage.bot() as bot:
        player = stage.player(wolves.member)
        options = {"period": "ld"}
        before = await player.autocomplete(*place, "spacecz", options, focused=("system", ""))
        assert {each["name"] for each in before} == {"Lupus 0", "Lupus 1", "Lupus 2"}

        squadron_of("Cub", "Canis").store(f"sqlite:///{stage.folder}/new.db")
        wolves.entry["db_uri"] = f"sqlite:///{stage.folder}/new.db"
        await follow_file(stage, bot)
        assert "Cub 2" in await summary(stage, wolves)
        after = await player.autocomplete(*place, "spacecz", options, focused=("system", ""))
        assert {each["name"] for each in after} == {"Canis 0", "Canis 1", "Canis 2"}


async def test_what_another_process_links_is_seen_here(stage: Stage) -> None:
    async with stage.bot() as bot:
        database = StateDatabase(stage.state_uri)
        other = GuildBook(database, stage.real)
        try:
            guild = int(stage.strangers.guild.id)
            assert other.link(guild, bot.registry.get("foxes"), by=1, replacing=None)
            await upkeep(bot).load_links()
            assert "Fox 2" in await summary(stage, stage.strangers)
            other.unlink(guild)
            await upkeep(bot).load_links()
            assert "not linked" in await summary(stage, stage.strangers)
        finally:
            database.dispose()


async def test_expired_buttons_are_swept_away(stage: Stage) -> None:
    async with stage.bot() as bot:
        for _ in range(3):
            await summary(stage, stage.wolves)
        stage.real.advance(days=40)
        await upkeep(bot).sweep_views()
        assert await bot.call(bot.runtime.guilds.sweep_views) == 0
        with sqlite3.connect(stage.folder / "state.db") as connection:
            rows = connection.execute(f"SELECT count(*) FROM {view.name}")
            assert rows.fetchone() == (0,)
        connection.close()


async def test_a_state_database_in_trouble_stops_no_loop(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        await link(stage, strangers, "key-of-wolves")
        rename(stage, guild_link.name, "elsewhere")
        stage.foxes.entry["guild_ids"].append(strangers.guild.id)
        await follow_file(stage, bot)
        await upkeep(bot).load_links()
        assert "Watching the tenant file failed and is tried again later" in caplog.text
        assert "Reading the links failed and is tried again later" in caplog.text
        assert sees(bot, strangers) == "foxes", "the file counts at once"

        rename(stage, "elsewhere", guild_link.name)
        await follow_file(stage, bot)
        assert await bot.call(bot.runtime.guilds.link_of, int(strangers.guild.id)) is None
        assert all(ticker.is_running() for ticker in upkeep(bot).tickers)


async def test_the_nightly_posts_follow_the_file(stage: Stage) -> None:
    async with stage.bot() as bot:
        channel = stage.sandbox.world.add_channel("text", guild_id=stage.wolves.guild.id)
        hook = stage.sandbox.world.add_webhook(channel)
        stage.wolves.entry["discord_webhooks"] = {"shoutout": stage.sandbox.url_of(hook)}
        stage.entries.remove(stage.foxes.entry)
        await follow_file(stage, bot)
        await bot.keeper.run("daily")
    assert [each.channel_id for each in posted(stage)] == [channel.id]


def rename(stage: Stage, table: str, name: str) -> None:
    """Rename a table of the state database."""
    with sqlite3.connect(stage.folder / "state.db", timeout=10) as connection:
        connection.execute(f"ALTER TABLE {table} RENAME TO {name}")
    connection.close()
