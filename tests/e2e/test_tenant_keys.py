"""The key that /tenant link asks for: what it opens, how often it may be tried, who learns it."""

from __future__ import annotations

import json
import logging
import unicodedata
from typing import TYPE_CHECKING

import pytest

from bot.delivery.state.guild_tables import link_attempt
from tests.e2e.looking import message_of, reference_in, words_of
from tests.e2e.managing import (
    forge_form,
    link,
    second_chief,
    sees,
    told,
    type_key,
)

if TYPE_CHECKING:
    from tests.e2e.stage import Stage

WOLVES, FOXES = "key-of-wolves", "key-of-foxes"


async def test_a_forged_form_links_nothing_without_the_permission(stage: Stage) -> None:
    async with stage.bot() as bot:
        seen = await forge_form(stage, stage.strangers, stage.strangers.member, WOLVES)
        assert told(seen) == "You need the permission Manage Server for that."
        assert sees(bot, stage.strangers) is None


async def test_a_forged_form_changes_no_guild_of_the_file(stage: Stage) -> None:
    async with stage.bot() as bot:
        seen = await forge_form(stage, stage.foxes, stage.foxes.chief, WOLVES)
        assert "cannot be linked or unlinked" in told(seen)
        assert sees(bot, stage.foxes) == "foxes"


async def test_a_form_of_another_shape_is_a_wrong_key(stage: Stage) -> None:
    async with stage.bot():
        for value in ("", None, 5, ["key-of-wolves"], {"value": WOLVES}):
            seen = await forge_form(stage, stage.strangers, stage.strangers.chief, value)
            assert "No squadron here has that key" in told(seen)


async def test_the_right_key_links_the_guild_and_stays_secret(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("bot", "cogs"):
        caplog.set_level(logging.DEBUG, logger=name)
    strangers = stage.strangers
    async with stage.bot() as bot:
        before = await stage.command(strangers, strangers.member, "summary")
        assert "`/tenant link`" in told(before)

        seen = await type_key(stage, strangers, strangers.chief, f"  {WOLVES}\n")
        assert "This server now sees **Wolves**." in told(seen)
        assert sees(bot, strangers) == "wolves"
        summary = await stage.command(strangers, strangers.member, "summary")
        assert "Wolf 2" in words_of(message_of(summary))
    sent = json.dumps([each.request_json for each in stage.sandbox.exchanges])
    assert WOLVES not in sent
    assert WOLVES not in caplog.text
    assert WOLVES not in (stage.folder / "state.db").read_bytes().decode("latin-1")


@pytest.mark.parametrize(
    "typed",
    ["wolves", "key-of-wolve", "key-of-wolves2", "KEY-OF-WOLVES", "\ud800", "k" * 4000, "🔑"],
    ids=["name", "shorter", "longer", "capitals", "half a sign", "very long", "emoji"],
)
async def test_a_wrong_key_links_nothing_and_is_not_told_to_anybody(
    stage: Stage, typed: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot() as bot:
        seen = await type_key(stage, stage.strangers, stage.strangers.chief, typed)
        assert told(seen).startswith("No squadron here has that key.")
        assert sees(bot, stage.strangers) is None
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "key", ["ключ лисиц 🔑🦊", "cle\u0301-e\u0301", "\u202egiant", "a\u200bb-key"]
)
async def test_a_key_may_be_any_text_and_counts_as_it_is_written(stage: Stage, key: str) -> None:
    stage.foxes.entry["link_key"] = key
    stage.save()
    async with stage.bot() as bot:
        other = unicodedata.normalize("NFC", key) + ("" if "\u0301" in key else "x")
        wrong = await type_key(stage, stage.strangers, stage.strangers.chief, other)
        assert "No squadron here has that key" in told(wrong)
        former = await type_key(stage, stage.strangers, stage.strangers.chief, FOXES)
        assert "No squadron here has that key" in told(former), "link_key takes its place"
        await link(stage, stage.strangers, key)
        assert sees(bot, stage.strangers) == "foxes"


async def test_a_key_that_two_squadrons_have_links_nothing(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.foxes.entry["link_key"] = WOLVES
    stage.save()
    async with stage.bot() as bot:
        seen = await type_key(stage, stage.strangers, stage.strangers.chief, WOLVES)
        assert "No squadron here has that key" in told(seen)
        assert sees(bot, stage.strangers) is None
    assert "wolves, foxes have the same link key" in caplog.text
    assert WOLVES not in caplog.text


async def test_a_squadron_that_only_its_place_tells_from_another_cannot_be_linked(
    stage: Stage,
) -> None:
    stage.foxes.entry["name"] = "Wolves"
    stage.save()
    async with stage.bot() as bot:
        for key in (WOLVES, FOXES):
            seen = await type_key(stage, stage.strangers, stage.strangers.chief, key)
            assert "two squadrons in the tenant file have that name" in told(seen)
        assert sees(bot, stage.strangers) is None


async def test_the_key_of_a_squadron_that_is_off_links_nothing(stage: Stage) -> None:
    stage.foxes.entry["enabled"] = False
    stage.save()
    async with stage.bot():
        seen = await type_key(stage, stage.strangers, stage.strangers.chief, FOXES)
        assert "No squadron here has that key" in told(seen)


async def test_after_too_many_wrong_keys_the_right_one_has_to_wait(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot() as bot:
        for _ in range(5):
            await type_key(stage, strangers, strangers.chief, "guess")
        seen = await type_key(stage, strangers, strangers.chief, WOLVES)
        assert "You can try again <t:" in told(seen)
        assert sees(bot, strangers) is None

        other = second_chief(stage, strangers)
        assert "now sees" in told(await type_key(stage, strangers, other, WOLVES))
        stage.real.advance(minutes=15)
        seen = await type_key(stage, strangers, strangers.chief, WOLVES)
        assert "already" in told(seen)


async def test_the_right_key_lets_its_user_begin_anew(stage: Stage) -> None:
    strangers = stage.strangers
    async with stage.bot():
        for _ in range(2):
            for _ in range(4):
                await type_key(stage, strangers, strangers.chief, "guess")
            seen = await type_key(stage, strangers, strangers.chief, WOLVES)
            assert "Wolves" in told(seen)


async def test_a_failure_after_the_key_was_typed_does_not_log_it(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    async with stage.bot() as bot:
        form = await stage.command(stage.strangers, stage.strangers.chief, "tenant link")
        bot.runtime.guilds.database.write(link_attempt.drop)
        player = stage.player(stage.strangers.chief)
        seen = await (await player.submit(form, {"key": "my-other-secret"})).settled()
        assert reference_in(told(seen)) in caplog.text
    assert "my-other-secret" not in caplog.text
