"""Health and metrics of the real bot, as a monitor sees them."""

from __future__ import annotations

import asyncio
import datetime
import socket
from datetime import UTC, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.health.server import HealthAddressError
from bot.sandbox.faults import Fault, FaultKind
from tests.e2e.stage import until
from tests.health.asking import Doctor
from tests.health.monitoring import (
    ADDED_LABELS,
    OF_PROMETHEUS,
    expressions,
    matchers_in,
    names_in,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.client import ReportBot
    from bot.sandbox.server import Sandbox
    from tests.e2e.stage import Pack, Stage

EVENING = datetime.datetime(2025, 9, 11, 22, tzinfo=UTC)
MIDNIGHT = datetime.datetime(2025, 9, 12, tzinfo=UTC)
CHECKS = {"state_database", "scheduler", "gateway", "nights"}


def free_address() -> str:
    """An address at which nothing is served yet."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"127.0.0.1:{taken.getsockname()[1]}"


async def come_to(ask: Callable[[], Awaitable[Any]], wanted: Any) -> None:
    """Ask until the answer is the wanted one."""
    async with asyncio.timeout(40):
        while await ask() != wanted:  # noqa: ASYNC110  # the asked one knows no events
            await asyncio.sleep(0.02)


async def sent(doctor: Doctor) -> float | None:
    """How many messages are known to be sent."""
    return (await doctor.scrape()).get("bgsbot_posts", state="sent")


async def knows_the_newest_event(doctor: Doctor) -> bool:
    """Whether the wolves' database was asked and has answered."""
    scrape = await doctor.scrape()
    return scrape.get("bgsbot_tenant_newest_event_age_seconds", tenant="wolves") is not None


def reporting(bot: ReportBot) -> Any:
    """The cog with the loops."""
    return bot.get_cog("Reporting")


async def test_a_bot_whose_gateway_is_gone_is_not_ready_until_it_is_back(
    stage: Stage, sandbox: Sandbox
) -> None:
    address = free_address()
    async with stage.bot(HEALTH_ADDR=address):
        doctor = Doctor(f"http://{address}")
        await come_to(doctor.failing, set())
        _, checks = await doctor.ready()
        assert set(checks) == CHECKS
        assert checks["gateway"]["detail"] == "1 of 1 shard ready"
        sandbox.gateway.invalidate()  # takes discord.py two seconds at least
        await come_to(doctor.failing, {"gateway"})
        assert await doctor.alive() == 200
        assert (await doctor.scrape()).get("bgsbot_check_ok", check="gateway") == 0
        await come_to(doctor.failing, set())


async def test_one_shard_that_is_gone_is_enough_not_to_be_ready(
    stage: Stage, sandbox: Sandbox
) -> None:
    sandbox.identity.shards = 2
    address = free_address()
    async with stage.bot(HEALTH_ADDR=address):
        doctor = Doctor(f"http://{address}")

        async def gateway() -> dict[str, Any]:
            _, checks = await doctor.ready()
            found: dict[str, Any] = checks["gateway"]
            return found

        await come_to(gateway, {"ok": True, "detail": "2 of 2 shards ready"})
        sandbox.gateway.invalidate(shard=1)
        await come_to(gateway, {"ok": False, "detail": "1 of 2 shards ready"})
        await come_to(gateway, {"ok": True, "detail": "2 of 2 shards ready"})


async def test_a_night_that_is_overdue_makes_a_bot_unready_until_it_is_posted(
    stage: Stage,
) -> None:
    stage.clock.now = EVENING
    address = free_address()
    async with stage.bot(HEALTH_ADDR=address) as bot:
        doctor = Doctor(f"http://{address}")
        await come_to(doctor.failing, set())
        stage.clock.now = MIDNIGHT + timedelta(hours=1)
        await come_to(doctor.failing, {"nights"})
        scrape = await doctor.scrape()
        assert scrape.get("bgsbot_nights_overdue", tenant="wolves") == 3
        assert scrape.get("bgsbot_nights_overdue", tenant="foxes") == 3
        await reporting(bot).sweep()
        await come_to(doctor.failing, set())
        await come_to(partial(sent, doctor), 6)  # a ledger that is slow to count is counted seldom
        scrape = await doctor.scrape()
        assert scrape.get("bgsbot_nights_overdue", tenant="wolves") == 0
        assert scrape.get("bgsbot_delivery_seconds_count", outcome="sent") == 6
        assert scrape.get("bgsbot_delivery_retries_total") == 0


async def test_what_alerts_and_dashboard_ask_for_is_told_after_a_busy_night(
    stage: Stage, sandbox: Sandbox
) -> None:
    stage.clock.now = EVENING
    address = free_address()
    async with stage.bot(HEALTH_ADDR=address) as bot:
        doctor = Doctor(f"http://{address}")
        await doctor.scrape()
        del sandbox.world.hooks[stage.foxes.hook.id]
        sandbox.faults.script([Fault(FaultKind.STATUS, status=502)])
        stage.clock.now = MIDNIGHT
        await reporting(bot).daily()
        (stage.folder / "foxes.db").rename(stage.folder / "away.db")
        await reporting(bot).spacecz()
        await stage.command(stage.wolves, stage.wolves.member, "summary")
        await come_to(partial(sent, doctor), 2)
        await come_to(partial(knows_the_newest_event, doctor), True)
        scrape = await doctor.scrape()
    told = {(name, *pair) for name, labels in scrape.values for pair in labels}
    for where, expression in expressions():
        assert names_in(expression).metrics <= scrape.labels_of.keys() | OF_PROMETHEUS.keys(), where
        for metric, label, operator, value in matchers_in(expression):
            if label in ADDED_LABELS:
                continue
            assert operator in ("=", "!="), where
            assert (metric, label, value) in told, where


async def test_posts_in_doubt_and_tries_again_are_counted(stage: Stage, sandbox: Sandbox) -> None:
    stage.clock.now = EVENING
    address = free_address()
    async with stage.bot(HEALTH_ADDR=address) as bot:
        doctor = Doctor(f"http://{address}")
        stage.clock.now = MIDNIGHT
        sandbox.faults.script([Fault(FaultKind.STATUS, status=502)])
        await reporting(bot).daily()
        await come_to(partial(sent, doctor), 2)
        scrape = await doctor.scrape()
        assert scrape.get("bgsbot_posts_in_doubt_total") == 1
        assert scrape.get("bgsbot_posts_resent_total") == 0, "it was looked for"
        assert scrape.get("bgsbot_delivery_seconds_count", outcome="in_doubt") == 1
        assert scrape.get("bgsbot_delivery_seconds_count", outcome="sent") == 2
        assert scrape.get("bgsbot_delivery_retries_total") == 1


async def test_commands_and_queries_are_timed_by_how_they_went(stage: Stage) -> None:
    address = free_address()
    async with stage.bot(HEALTH_ADDR=address):
        doctor = Doctor(f"http://{address}")
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary")
        assert seen.message is not None
        await stage.command(stage.strangers, stage.strangers.member, "summary")
        (stage.folder / "foxes.db").write_bytes(b"no database")
        await stage.command(stage.foxes, stage.foxes.member, "summary")
        player = stage.player(stage.wolves.member)
        pressed = await player.press(seen.message, "bgs:m:unheard_of", force=True)
        await pressed.settled()

        async def timed() -> dict[tuple[str, str], float]:
            scrape = await doctor.scrape()
            return {
                (dict(labels)["command"], dict(labels)["outcome"]): value
                for (name, labels), value in scrape.values.items()
                if name == "bgsbot_command_seconds_count"
            }

        await come_to(
            timed,
            {
                ("summary", "ok"): 1,
                ("summary", "refused"): 1,
                ("summary", "failed"): 1,
                ("component", "refused"): 1,
            },
        )
        scrape = await doctor.scrape()
        for outcome in ("ok", "failed"):
            labels = {"report": "daily", "engine": "sqlite", "outcome": outcome}
            assert scrape.get("bgsbot_query_seconds_count", **labels) == 1


async def test_suggestions_are_timed_apart_from_their_commands(stage: Stage) -> None:
    address = free_address()
    async with stage.bot(HEALTH_ADDR=address):
        doctor = Doctor(f"http://{address}")

        async def suggested(outcome: str) -> float | None:
            labels = {"command": "autocomplete", "outcome": outcome}
            return (await doctor.scrape()).get("bgsbot_command_seconds_count", **labels)

        for pack in (stage.wolves, stage.strangers):
            await _type_a_name(stage, pack)
        await come_to(partial(suggested, "ok"), 2)
        (stage.folder / "foxes.db").write_bytes(b"no database")
        await _type_a_name(stage, stage.foxes)
        await come_to(partial(suggested, "failed"), 1)
        scrape = await doctor.scrape()
        labels = {"command": "spacecz", "outcome": "ok"}
        assert scrape.get("bgsbot_command_seconds_count", **labels) is None


async def _type_a_name(stage: Stage, pack: Pack) -> None:
    player = stage.player(pack.member)
    options = {"period": "ld"}
    await player.autocomplete(
        pack.guild.id, pack.channel.id, "spacecz", options, focused=("system", "")
    )


async def test_the_age_of_the_newest_event_is_told_and_no_secret(stage: Stage) -> None:
    address = free_address()
    (stage.folder / "foxes.db").unlink()
    async with stage.bot(HEALTH_ADDR=address):
        doctor = Doctor(f"http://{address}")

        async def is_up() -> list[float | None]:
            scrape = await doctor.scrape()
            return [
                scrape.get("bgsbot_tenant_database_up", tenant=tenant)
                for tenant in ("wolves", "foxes")
            ]

        await come_to(is_up, [1, 0])
        scrape = await doctor.scrape()
        newest = datetime.datetime(2025, 9, 11, 18, 2, tzinfo=UTC)
        age = (stage.clock.now - newest).total_seconds()
        assert scrape.get("bgsbot_tenant_newest_event_age_seconds", tenant="wolves") == age
        assert scrape.get("bgsbot_tenant_newest_event_age_seconds", tenant="foxes") is None
        _, checks = await doctor.ready()
        told = scrape.text + str(checks)
        for entry in stage.entries:
            for secret in (entry["api_key"], *entry["discord_webhooks"].values(), entry["db_uri"]):
                assert str(secret).rpartition("/")[2] not in told


async def test_nothing_is_served_where_no_address_is_set(stage: Stage) -> None:
    async with stage.bot() as bot:
        assert bot.metrics is None


async def test_an_address_that_is_taken_ends_the_start_with_one_error(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(HealthAddressError, match="cannot be used"):
            async with stage.bot(HEALTH_ADDR=address):
                pass


async def test_a_bot_that_waits_for_discord_is_alive_but_not_ready(
    stage: Stage, sandbox: Sandbox
) -> None:
    address = free_address()
    sandbox.faults_for("identity").script([Fault(FaultKind.LATENCY, seconds=3)])
    doctor = Doctor(f"http://{address}")
    waiting = asyncio.create_task(_run(stage, address))
    try:
        await until(lambda: _listens(address))
        assert await doctor.alive() == 200
        assert await doctor.failing() == CHECKS
        await come_to(doctor.failing, set())
    finally:
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


async def _run(stage: Stage, address: str) -> None:
    async with stage.bot(HEALTH_ADDR=address):
        await asyncio.Event().wait()
