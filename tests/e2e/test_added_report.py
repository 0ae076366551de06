"""A report that an installed package adds, with the real bot: /report, /post, /help, the night."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.players import PlayerError
from tests.added import KEY, TITLE, added, entry_points_in, fail_missions, install
from tests.e2e.looking import content_of, marked_period, message_of, parts_of, title_of, words_of
from tests.e2e.managing import posted, told
from tests.e2e.posting import confirm, preview, refusal
from tests.e2e.test_nights import EVENING, MIDNIGHT, live_through_midnight, reporting

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.client import ReportBot
    from tests.e2e.stage import Stage

OWN = ["Daily Summary", "Space CZ Summary", "Ground CZ Summary"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the example is installed."""
    return install(tmp_path_factory.mktemp("example"))


@pytest.fixture
def package(site: Path) -> Iterator[None]:
    """The installed package, as the bot finds it."""
    with added(site, entry_points_in(site)):
        yield


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """Wolves have failed missions; Foxes have no such table."""
    rows: list[dict[str, Any]] = [
        {"cmdr": f"Wolf {number}", "fine": 1000 * number, "awarding_faction": "Lupus Corp"}
        for number in range(3)
    ]
    fail_missions(f"sqlite:///{stage.folder}/wolves.db", rows)
    return stage


def offered(bot: ReportBot, command: str, option: str) -> list[str]:
    found: Any = bot.tree.get_command(command)
    return [choice.name for choice in found.get_parameter(option).choices]


@pytest.mark.usefixtures("package")
async def test_run_offers_it_and_answers_with_menu_and_buttons(stage: Stage) -> None:
    wolves = stage.wolves
    async with stage.bot() as bot:
        assert offered(bot, "report", "name") == [*OWN, TITLE]
        seen = await stage.command(wolves, wolves.member, "report", {"name": KEY})
        message = message_of(seen)
        assert not seen.ephemeral
        assert title_of(message) == "❌ Missions Failed · 2025-09-11"
        assert "Wolf 2" in words_of(message)
        assert marked_period(message) == "ld"

        player = stage.player(wolves.member)
        menu = parts_of(message)["period"]["custom_id"]
        await (await player.select(message, menu, ["cd"])).settled()
        assert "Nothing to report (2025-09-12)" in content_of(message)

        hidden = await stage.command(
            wolves, wolves.member, "report", {"name": KEY, "period": "all", "private": True}
        )
        assert hidden.ephemeral
        assert "post" in parts_of(message_of(hidden))


@pytest.mark.usefixtures("package")
async def test_run_answers_for_the_bots_own_reports_too(stage: Stage) -> None:
    async with stage.bot():
        for name, title in zip(("daily", "spacecz", "groundcz"), OWN, strict=True):
            seen = await stage.command(stage.wolves, stage.wolves.member, "report", {"name": name})
            assert title in title_of(message_of(seen))


@pytest.mark.usefixtures("package")
async def test_post_offers_it_and_posts_it_once(stage: Stage) -> None:
    async with stage.bot() as bot:
        assert offered(bot, "post", "report") == [*OWN, TITLE]
        shown = await preview(stage, stage.wolves, {"report": KEY})
        assert "Missions Failed" in content_of(shown)
        embeds = shown.body["embeds"]
        await confirm(stage, stage.wolves, shown)
        (message,) = posted(stage)
        assert message.body["embeds"] == embeds


@pytest.mark.usefixtures("package")
async def test_a_squadron_that_switched_it_off_is_told_so(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {KEY: {"enabled": False}}
    stage.save()
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "report", {"name": KEY})
        assert told(seen) == "The Missions Failed is switched off for your squadron."
        assert "switched off" in await refusal(stage, stage.wolves, {"report": KEY})


@pytest.mark.usefixtures("package")
async def test_the_night_posts_it_where_the_tenant_file_names_it(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {KEY: {}}
    stage.clock.now = EVENING
    stage.save()
    async with stage.bot() as bot:
        (loop,) = [each for each in reporting(bot)._nightly if each.coro.__name__ == KEY]
        assert loop.is_running()
        await live_through_midnight(stage, bot)
        assert not any("Missions Failed" in title_of(message) for message in posted(stage))
        stage.clock.now = MIDNIGHT + timedelta(minutes=3)
        await loop()
        await reporting(bot).sweep()
        await loop()
        found = [message for message in posted(stage) if "Missions Failed" in title_of(message)]
        assert [message.webhook_id for message in found] == [stage.wolves.hook.id]


@pytest.mark.usefixtures("package")
async def test_a_night_that_its_loop_lost_is_posted_by_the_sweep(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {KEY: {}}
    stage.clock.now = EVENING
    stage.save()
    async with stage.bot() as bot:
        await reporting(bot).sweep()
        stage.clock.now = MIDNIGHT + timedelta(hours=2)
        # A tenant with which the sweep at the start is still busy is left to the next one.
        async with asyncio.timeout(20):
            while not any("Missions Failed" in title_of(message) for message in posted(stage)):
                await reporting(bot).sweep()
        titles = [title_of(message) for message in posted(stage)]
        assert titles.count("❌ Missions Failed · 2025-09-11") == 1


@pytest.mark.usefixtures("package")
async def test_help_lists_run_and_the_reports_own_minute(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {KEY: {}}
    stage.save()
    async with stage.bot():
        wolves = words_of(
            message_of(await stage.command(stage.wolves, stage.wolves.member, "help"))
        )
        foxes = words_of(message_of(await stage.command(stage.foxes, stage.foxes.member, "help")))
    assert "`/report`" in wolves
    assert "Missions Failed at <t:1757721780:t>" in wolves
    assert "Missions Failed" not in foxes


async def test_discord_is_told_when_a_report_comes_and_when_it_goes(
    stage: Stage, site: Path
) -> None:
    async with stage.bot() as bot:
        without = bot.tree.digest()
        with pytest.raises(PlayerError):
            await stage.command(stage.wolves, stage.wolves.member, "report", {"name": KEY})
    with added(site, entry_points_in(site)):
        async with stage.bot() as bot:
            assert bot.tree.digest() != without
            seen = await stage.command(stage.wolves, stage.wolves.member, "report", {"name": KEY})
            message = message_of(seen)
            assert title_of(message).startswith("❌")
    async with stage.bot() as bot:
        assert bot.tree.digest() == without
        player = stage.player(stage.wolves.member)
        menu = parts_of(message)["period"]["custom_id"]
        late = await (await player.select(message, menu, ["cm"])).settled()
        assert "no such report" in told(late)
        forged = await stage.command(
            stage.wolves, stage.wolves.member, "report", {"name": KEY}, force=True
        )
        assert "no such report" in told(forged)
