"""/summary, /spacecz and /groundcz: what they answer, to whom, and what they refuse."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from bot.delivery.state.tables import view
from bot.periods import Period
from bot.sandbox.players import PlayerError
from tests.e2e.looking import (
    content_of,
    marked_period,
    message_of,
    note_of,
    reference_in,
    title_of,
    words_of,
)
from tests.e2e.mishaps import locked
from tests.e2e.stage import Stage, squadron_of
from tests.servers import writable_engine

if TYPE_CHECKING:
    from bot.sandbox.people import User
    from tests.e2e.stage import Pack

REPORTS = ["summary", "spacecz", "groundcz"]


def newcomer(stage: Stage, pack: Pack, name: str = "newcomer") -> User:
    """Somebody who has not asked anything yet."""
    user = stage.sandbox.world.add_user(name)
    stage.sandbox.world.join(pack.guild, user)
    return user


@pytest.mark.parametrize("name", REPORTS)
async def test_every_period_is_answered_with_a_menu_that_marks_it(stage: Stage, name: str) -> None:
    async with stage.bot():
        for period in Period:
            user = newcomer(stage, stage.wolves)
            seen = await stage.command(stage.wolves, user, name, {"period": period.value})

            message = message_of(seen)
            assert marked_period(message) == period.value
            assert not seen.ephemeral


async def test_an_empty_report_names_its_days_and_suggests_more(stage: Stage) -> None:
    options = {"period": "cd", "cmdr": "Wolf 1"}
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "groundcz", options)

    assert content_of(message_of(seen)) == (
        "🌙 No ground CZs for CMDR Wolf 1 (2025-09-12). Try **This week**, or leave out a name."
    )
    assert marked_period(message_of(seen)) == "cd"


async def test_a_summary_is_of_yesterday_unless_told_otherwise(stage: Stage) -> None:
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary")

    message = message_of(seen)
    assert title_of(message).endswith("Daily Summary · 2025-09-11")
    assert marked_period(message) == "ld"
    assert "Wolf 2 · **3 M Cr**" in words_of(message)


async def test_ticks_are_periods_too(stage: Stage) -> None:
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "spacecz", {"period": "lt"})

    assert title_of(message_of(seen)).endswith("Tick of 2025-09-03 15:00 UTC")


async def test_a_report_is_promised_at_once_and_filled_in_later(stage: Stage) -> None:
    async with stage.bot():
        player = stage.player(stage.wolves.member)
        where = stage.wolves.guild.id, stage.wolves.channel.id
        seen = await player.command(*where, "summary", {})
        await seen.settled()

    callback, *rest = [
        each.request_json for each in stage.sandbox.exchanges if seen.interaction.token in each.path
    ]
    assert callback == {"type": 5}
    assert len(rest) == 1
    assert seen.acknowledged_after is not None
    assert seen.acknowledged_after < 3


async def test_a_private_report_is_for_the_asker_only(stage: Stage) -> None:
    async with stage.bot():
        seen = await stage.command(
            stage.wolves, stage.wolves.member, "groundcz", {"period": "ld", "private": True}
        )

    assert message_of(seen).ephemeral_for == stage.wolves.member.id


async def test_names_narrow_a_report_and_are_told(stage: Stage) -> None:
    async with stage.bot():
        seen = await stage.command(
            stage.wolves,
            stage.wolves.member,
            "groundcz",
            {"period": "ld", "system": "LUPUS 1", "settlement": "lupus base 1", "cmdr": "wolf 1"},
        )

    message = message_of(seen)
    assert content_of(message) == "-# Only system LUPUS 1, settlement lupus base 1, CMDR wolf 1"
    assert "Lupus Base 1" in words_of(message)
    assert "Lupus 0" not in words_of(message)


async def test_what_was_typed_can_neither_ping_nor_format(stage: Stage) -> None:
    async with stage.bot():
        seen = await stage.command(
            stage.wolves,
            stage.wolves.member,
            "spacecz",
            {"period": "ld", "system": "@everyone", "cmdr": "**x**"},
        )

    message = message_of(seen)
    assert r"system \@everyone, CMDR \*\*x\*\*" in content_of(message)
    assert message.payload["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("name", REPORTS)
async def test_two_squadrons_see_their_own_figures_at_the_same_time(
    stage: Stage, name: str
) -> None:
    options = {"period": "ld"}
    async with stage.bot():
        wolves = await stage.command(stage.wolves, stage.wolves.member, name, options)
        foxes = await stage.command(stage.foxes, stage.foxes.member, name, options)

    assert "Wolf" in words_of(message_of(wolves))
    assert "Fox" not in words_of(message_of(wolves))
    assert "Fox" in words_of(message_of(foxes))
    assert "Wolf" not in words_of(message_of(foxes))


@pytest.mark.parametrize("name", REPORTS)
async def test_a_server_without_a_squadron_is_told_privately_how_to_link(
    stage: Stage, name: str
) -> None:
    async with stage.bot():
        seen = await stage.command(stage.strangers, stage.strangers.member, name, {"period": "ld"})

    assert seen.ephemeral
    assert "`/tenant link`" in content_of(message_of(seen))
    assert _answer_types(stage) == [4], "it was promised first"


async def test_a_report_that_is_switched_off_is_refused_privately(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {"spacecz": {"enabled": False}}
    stage.save()
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "spacecz", {"period": "ld"})
        other = await stage.command(stage.wolves, stage.wolves.member, "groundcz", {"period": "ld"})

    assert seen.ephemeral
    assert "switched off" in content_of(message_of(seen))
    assert title_of(message_of(other)).endswith("2025-09-11")


async def test_the_tenants_own_top_counts(stage: Stage) -> None:
    stage.wolves.entry["reports"] = {"daily": {"top": 1}}
    stage.save()
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary")

    assert "and 2 more" in words_of(message_of(seen))


async def test_who_asks_too_often_is_slowed_and_nobody_else(stage: Stage) -> None:
    ask = partial(stage.command, stage.wolves)
    async with stage.bot():
        for name in ("summary", "summary", "spacecz", "groundcz", "summary"):
            assert not (await ask(stage.wolves.member, name, {"period": "ld"})).ephemeral
        sixth = await ask(stage.wolves.member, "spacecz", {"period": "ld"})
        helped = await ask(stage.wolves.member, "help")
        chief = await ask(stage.wolves.chief, "spacecz", {"period": "ld"})

    assert sixth.ephemeral
    assert "Easy, CMDR!" in content_of(message_of(sixth))
    assert helped.kind == "message"
    assert not chief.ephemeral


async def test_a_database_without_events_is_a_failure_with_a_reference(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    _replace_database(stage, "wolves", "event")
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary")

    assert seen.message is None, "the public promise was not withdrawn"
    note = note_of(seen)
    assert "can't read your squadron's database" in content_of(note)
    assert f"reference {reference_in(content_of(note))}" in caplog.text
    assert str(stage.folder) not in content_of(note)


async def test_a_private_report_that_fails_says_so_in_its_place(stage: Stage) -> None:
    (stage.folder / "wolves.db").unlink()
    async with stage.bot():
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary", {"private": True})

    assert seen.followups == []
    assert seen.ephemeral
    reference_in(content_of(message_of(seen)))


async def test_a_database_that_takes_too_long_is_given_up_with_advice(stage: Stage) -> None:
    async with stage.bot(QUERY_TIMEOUT="0.000001"):
        seen = await stage.command(stage.wolves, stage.wolves.member, "spacecz", {"period": "all"})

    note = note_of(seen)
    assert "took too long" in content_of(note)
    assert "shorter period" in content_of(note)


async def test_one_squadrons_broken_database_is_not_the_others_matter(stage: Stage) -> None:
    (stage.folder / "wolves.db").unlink()
    async with stage.bot():
        broken = await stage.command(stage.wolves, stage.wolves.member, "summary")
        whole = await stage.command(stage.foxes, stage.foxes.member, "summary")

    assert broken.message is None
    assert "Fox 2" in words_of(message_of(whole))


async def test_a_locked_database_is_said_to_be_busy(stage: Stage) -> None:
    with locked(stage, "wolves"):
        async with stage.bot(QUERY_TIMEOUT="0.3"):
            seen = await stage.command(stage.wolves, stage.wolves.member, "summary")

    assert "is busy right now" in content_of(note_of(seen))


async def test_a_squadron_that_waits_for_its_database_keeps_no_other_waiting(
    stage: Stage,
) -> None:
    async with stage.bot():
        with locked(stage, "wolves"):
            waiting = [
                asyncio.create_task(
                    stage.command(stage.wolves, stage.wolves.member, "spacecz", {"period": code})
                )
                for code in ("ld", "cw", "lw", "cm", "lm")
            ]
            whole = await stage.command(stage.foxes, stage.foxes.member, "summary")
            assert "Fox 2" in words_of(message_of(whole))
            assert not any(task.done() for task in waiting)
        for seen in await asyncio.gather(*waiting):
            assert message_of(seen).body["components"]


async def test_a_report_comes_without_buttons_when_they_cannot_be_stored(stage: Stage) -> None:
    async with stage.bot():
        _drop_stored_views(stage)
        seen = await stage.command(stage.wolves, stage.wolves.member, "summary")

    message = message_of(seen)
    assert "Wolf 2" in words_of(message)
    assert message.body["components"] == []


async def test_whoever_waits_for_the_state_database_keeps_no_report_from_being_shown(
    stage: Stage,
) -> None:
    async with stage.bot():
        ask = partial(stage.command, stage.wolves, stage.wolves.member, "summary")
        reports = [message_of(await ask()) for _ in range(4)]
        with locked(stage, "state"):
            player = stage.player(stage.wolves.member)
            for report in reports:
                menu = report.body["components"][0]["components"][0]["custom_id"]
                await player.select(report, menu, ["cw"])
            asker, where = stage.player(stage.foxes.member), stage.foxes
            seen = await asker.command(where.guild.id, where.channel.id, "summary")
            await seen.settled(20)

    assert "Fox 2" in words_of(message_of(seen))
    assert message_of(seen).body["components"] == []


@pytest.mark.parametrize(
    "options",
    [
        {"period": "week"},
        {"period": "ld", "system": "x" * 129},
        {"period": "ld", "cmdr": ""},
        {},
    ],
)
async def test_what_discords_client_would_not_send_is_refused(
    stage: Stage, options: dict[str, Any]
) -> None:
    async with stage.bot():
        with pytest.raises(PlayerError):
            await stage.command(stage.wolves, stage.wolves.member, "spacecz", options)
        seen = await stage.command(
            stage.wolves, stage.wolves.member, "spacecz", options, force=True
        )

    assert seen.ephemeral
    assert message_of(seen).body["embeds"] == []


def _answer_types(stage: Stage) -> list[int]:
    """The kinds of first answers that the bot gave."""
    return [
        exchange.request_json["type"]
        for exchange in stage.sandbox.exchanges
        if exchange.path.endswith("/callback")
    ]


def _replace_database(stage: Stage, name: str, *lacks: str) -> None:
    database = stage.folder / f"{name}.db"
    database.unlink()
    squadron_of("Wolf", "Lupus").without(*lacks).store(f"sqlite:///{database}")


def _drop_stored_views(stage: Stage) -> None:
    with writable_engine(stage.state_uri).begin() as connection:
        view.drop(connection)
