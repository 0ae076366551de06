"""What an admin is told of what does not mend itself: once, and again when it is new."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.delivery.ledger import DeliveryKey
from bot.ui.notices import Notices
from tests.delivery.ledgers import claim, plan, sent
from tests.delivery.receivers import http_service
from tests.e2e.stage import squadron_of
from tests.e2e.test_nights import EVENING, MIDNIGHT, reporting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from bot.client import ReportBot
    from bot.delivery.ledger import Ledger, Part
    from bot.sandbox.server import Sandbox
    from tests.e2e.stage import Stage


def admins_of_wolves(stage: Stage) -> str:
    """Give the wolves a channel for notices, work for three nights, and return its id."""
    admins = stage.sandbox.world.add_channel("text", guild_id=stage.wolves.guild.id, name="admins")
    stage.wolves.entry["admin_channel"] = admins.id
    squadron_of("Wolf", "Lupus", days=("2025-09-11", "2025-09-12", "2025-09-13")).replace(
        str(stage.wolves.entry["db_uri"])
    )
    stage.save()
    stage.clock.now = EVENING
    return admins.id


def notices_in(sandbox: Sandbox, channel_id: str) -> list[str]:
    """What the bot itself wrote into a channel."""
    return [
        str(message.body["content"])
        for message in sandbox.messages
        if message.channel_id == channel_id and message.webhook_id is None
    ]


async def test_a_webhook_that_is_gone_is_told_once_in_the_admin_channel(
    stage: Stage, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    admins = admins_of_wolves(stage)
    del sandbox.world.hooks[stage.wolves.hook.id]
    async with stage.bot() as bot:
        for night in range(3):
            stage.clock.now = MIDNIGHT + timedelta(days=night)
            await reporting(bot).daily()
    async with stage.bot() as bot:
        stage.clock.now = MIDNIGHT + timedelta(days=3)
        await reporting(bot).daily()
    (notice,) = notices_in(sandbox, admins)
    assert "refuses a webhook" in notice
    assert "run `bgs-bot deliveries retry`." in notice, "a command is code, in Discord's markdown"
    assert stage.wolves.hook.token not in notice + caplog.text


async def test_a_channel_that_is_refused_is_not_called_a_webhook(
    stage: Stage, sandbox: Sandbox
) -> None:
    admins = admins_of_wolves(stage)
    async with http_service() as service:
        stage.wolves.entry["channels"] = [service.url()]
        stage.save()
        service.answers.append(410)
        async with stage.bot() as bot:
            stage.clock.now = MIDNIGHT
            await reporting(bot).daily()
    (notice,) = notices_in(sandbox, admins)
    assert "A service refuses a channel of wolves since" in notice
    assert "bgs-bot check --channels" in notice
    assert "webhook" not in notice
    assert "s3cr3t" not in notice


async def test_a_webhook_that_was_mended_and_is_gone_again_is_told_again(
    stage: Stage, sandbox: Sandbox
) -> None:
    admins = admins_of_wolves(stage)
    hook_id, hooks = stage.wolves.hook.id, sandbox.world.hooks
    async with stage.bot() as bot:
        for night in range(2):
            hook = hooks.pop(hook_id)
            stage.clock.now = MIDNIGHT + timedelta(days=night)
            await reporting(bot).daily()
            assert len(notices_in(sandbox, admins)) == night + 1
            hooks[hook_id] = hook
            await bot.runtime.publisher.retry()
        assert len(notices_in(sandbox, admins)) == 2


async def test_a_notice_goes_to_no_other_squadrons_channel(stage: Stage, sandbox: Sandbox) -> None:
    stage.wolves.entry["admin_channel"] = stage.foxes.channel.id
    stage.save()
    stage.clock.now = EVENING
    del sandbox.world.hooks[stage.wolves.hook.id]
    async with stage.bot() as bot:
        stage.clock.now = MIDNIGHT
        await reporting(bot).daily()
    assert notices_in(sandbox, stage.foxes.channel.id) == []


@contextlib.asynccontextmanager
async def still_bot(stage: Stage) -> AsyncIterator[ReportBot]:
    """Run the bot without its nights, which would go on with what a test writes down."""
    async with stage.bot() as bot:
        await bot.keeper.stop(30)
        yield bot


def planned(ledger: Ledger, night: int, channel: str = "discord:1") -> Part:
    """Write down one nightly daily summary of the wolves."""
    window = f"2025-09-{night:02}T00:00:00Z/2025-09-{night + 1:02}T00:00:00Z"
    (part,) = plan(ledger, 1, DeliveryKey("wolves", "daily", window, "nightly", channel))
    return part


def given_up(ledger: Ledger, night: int, channel: str = "discord:1") -> Part:
    """Write down one that could not be posted for good."""
    part = planned(ledger, night, channel)
    assert ledger.settle_gave_up(claim(ledger, part), "given up: nobody answers")
    return part


async def test_a_report_that_is_given_up_night_after_night_is_told_once(
    stage: Stage, sandbox: Sandbox
) -> None:
    admins = admins_of_wolves(stage)
    async with still_bot(stage) as bot:
        ledger = bot.runtime.ledger
        sent(ledger, planned(ledger, 1), "101")
        for night in range(2, 5):
            given_up(ledger, night)
            await Notices(bot).look()
    (notice,) = notices_in(sandbox, admins)
    assert "nobody answers" in notice
    assert "`bgs-bot deliveries retry`" in notice


async def test_what_a_failure_quotes_does_nothing_in_the_admin_channel(
    stage: Stage, sandbox: Sandbox
) -> None:
    admins = admins_of_wolves(stage)
    async with still_bot(stage) as bot:
        part = planned(bot.runtime.ledger, 1)
        error = "given up: `x` **bold** @everyone, run `bgs-bot check`"
        assert bot.runtime.ledger.settle_gave_up(claim(bot.runtime.ledger, part), error)
        await Notices(bot).look()
    (notice,) = notices_in(sandbox, admins)
    assert r"`x` \*\*bold\*\* \@everyone, run `bgs-bot check`" in notice


async def test_a_report_that_was_posted_since_and_is_given_up_again_is_told_again(
    stage: Stage, sandbox: Sandbox
) -> None:
    admins = admins_of_wolves(stage)
    async with still_bot(stage) as bot:
        ledger = bot.runtime.ledger
        given_up(ledger, 1)
        await Notices(bot).look()
        sent(ledger, planned(ledger, 2), "102")
        await Notices(bot).look()
        assert len(notices_in(sandbox, admins)) == 1
        given_up(ledger, 3)
        await Notices(bot).look()
    assert len(notices_in(sandbox, admins)) == 2


async def test_a_report_that_a_retry_has_posted_and_is_given_up_again_is_told_again(
    stage: Stage, sandbox: Sandbox
) -> None:
    admins = admins_of_wolves(stage)
    async with still_bot(stage) as bot:
        ledger = bot.runtime.ledger
        part = given_up(ledger, 1)
        await Notices(bot).look()
        ledger.reset_failed("wolves")
        sent(ledger, part, "101")
        await Notices(bot).look()
        assert len(notices_in(sandbox, admins)) == 1
        given_up(ledger, 2)
        await Notices(bot).look()
    assert len(notices_in(sandbox, admins)) == 2


async def test_a_channel_in_trouble_is_told_once_while_another_is_well(
    stage: Stage, sandbox: Sandbox
) -> None:
    admins = admins_of_wolves(stage)
    async with still_bot(stage) as bot:
        ledger = bot.runtime.ledger
        for night in range(1, 4):
            sent(ledger, planned(ledger, night, "discord:1"), f"10{night}")
            given_up(ledger, night, "discord:2")
            sent(ledger, planned(ledger, night, "discord:3"), f"30{night}")
            await Notices(bot).look()
    assert len(notices_in(sandbox, admins)) == 1


async def test_all_channels_in_the_same_trouble_are_told_together(
    stage: Stage, sandbox: Sandbox
) -> None:
    admins = admins_of_wolves(stage)
    async with still_bot(stage) as bot:
        ledger = bot.runtime.ledger
        for channel in ("discord:1", "discord:2"):
            sent(ledger, planned(ledger, 1, channel), "101")
        for channel in ("discord:1", "discord:2"):
            given_up(ledger, 2, channel)
            await Notices(bot).look()
    assert len(notices_in(sandbox, admins)) == 1
