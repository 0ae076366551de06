"""``init`` at a terminal: what is asked, corrected, written, and left alone."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.switches import BOT_TOKEN
from tests.cli.commands import Home, tenant, url
from tests.cli.folders import GIVEN, KEY, entries, names
from tests.cli.terminal import CTRL_C, CTRL_D, Terminal

if TYPE_CHECKING:
    from bot.sandbox.server import Sandbox


async def test_somebody_at_a_terminal_gets_a_setup_that_check_finds_good(
    empty: Home, sandbox: Sandbox
) -> None:
    hook = sandbox.world.add_webhook()
    guild = sandbox.world.channels[hook.channel_id].guild_id
    async with Terminal(empty, "init") as screen:
        await screen.answer("squadron's name", "Wolves of Wolf 359")
        await screen.answer("database [sqlite:///wolves.db]", "")
        await screen.see("5 events")
        await screen.answer("Webhook: ", url(sandbox, hook))
        await screen.see("alive")
        await screen.answer("Minor faction: ", "Wolf 359 Independents")
        await screen.answer(f"Server id [{guild}]", "")
        await screen.answer("Link key: ", KEY)
        await screen.answer("Bot token: ", BOT_TOKEN)
        await screen.see("the bot's name is")
        await screen.answer("Write this?", "y")
        assert await screen.end() == 0
    assert KEY not in screen.shown
    assert BOT_TOKEN not in screen.shown
    assert f"client_id={sandbox.bot.id}" in screen.shown
    assert "linked already" in screen.shown
    assert "bgs-bot check --webhooks" in screen.shown
    assert entries(empty) == [
        {
            "id": "wolves-of-wolf-359",
            "name": "Wolves of Wolf 359",
            "db_uri": "sqlite:///wolves.db",
            "discord_webhooks": {"shoutout": url(sandbox, hook)},
            "faction_name": "Wolf 359 Independents",
            "guild_ids": [guild],
            "link_key": KEY,
        }
    ]
    assert f"\nDISCORD_TOKEN={BOT_TOKEN}\n" in (empty.folder / ".env").read_text()
    for name in ("tenant.json", ".env"):
        assert stat.S_IMODE((empty.folder / name).stat().st_mode) == 0o600
    checked = await empty.run("check", "--webhooks")
    assert checked.status == 0
    assert "0 in error, 0 warnings." in checked.out
    assert sandbox.messages == []
    assert sandbox.arrivals == []


async def test_bad_answers_are_explained_and_asked_again(empty: Home, sandbox: Sandbox) -> None:
    async with Terminal(empty, "init") as screen:
        for question, bad, words, good in [
            ("squadron's name", "", "needs a name", "Wolves"),
            ("database [", "oracle://x/y", "'oracle'", "wolves.db"),
            ("Webhook: ", "https://example.org/hook", "Copy Webhook URL", ""),
            ("Minor faction: ", "F" * 101, "too long", ""),
            ("Server id: ", "my server", "Copy Server ID", ""),
            ("Link key: ", "short", "at least 8 characters", ""),
            ("Bot token: ", "Bot abc", "without 'Bot'", ""),
        ]:
            await screen.answer(question, bad)
            await screen.see("Sorry, ")
            await screen.see(words)
            await screen.answer(question, good)
        await screen.answer("Write this?", "")
        assert await screen.end() == 0
    (entry,) = entries(empty)
    assert (entry["name"], entry["db_uri"]) == ("Wolves", "sqlite:///wolves.db")
    assert len(entry["link_key"]) >= 24
    assert entry["link_key"] not in screen.shown


async def test_an_answer_can_be_changed_before_anything_is_written(empty: Home) -> None:
    async with Terminal(empty, "init", *GIVEN) as screen:
        for question in ("Minor faction: ", "Server id: ", "Link key: ", "Bot token: "):
            await screen.answer(question, "")
        await screen.answer("Write this?", "eight")
        await screen.see("a number from 1 to 7")
        await screen.answer("Write this?", "1")
        await screen.answer("squadron's name", "Owls")
        await screen.see("Owls")
        await screen.answer("Write this?", "y")
        assert await screen.end() == 0
    assert [entry["name"] for entry in entries(empty)] == ["Owls"]


async def test_what_cannot_be_reached_is_told_and_may_stay(empty: Home, sandbox: Sandbox) -> None:
    gone = f"{sandbox.address}/api/webhooks/4/dead-token-of-the-test"
    async with Terminal(empty, "init") as screen:
        await screen.answer("squadron's name", "Wolves")
        await screen.answer("database [", "sqlite:///nowhere.db")
        await screen.see("there is no file")
        await screen.answer("Give another database?", "y")
        await screen.answer("database [", "postgresql://bgs:password-nobody-sees@127.0.0.1:9/bgs")
        await screen.see("cannot reach")
        await screen.answer("Give another database?", "n")
        await screen.answer("Webhook: ", gone)
        await screen.see("404")
        await screen.answer("Give another webhook?", "n")
        for question in ("Minor faction: ", "Server id: ", "Link key: "):
            await screen.answer(question, "")
        await screen.answer("Bot token: ", "a-token-nobody-has")
        await screen.see("refuses this token")
        await screen.answer("Give another bot token?", "n")
        await screen.answer("Write this?", "y")
        assert await screen.end() == 0
    assert "a-token-nobody-has" not in screen.shown
    assert "password-nobody-sees" not in screen.shown.replace("sees@127.0.0.1:9/bgs\r\n", "", 1)
    (entry,) = entries(empty)
    assert entry["discord_webhooks"] == {"shoutout": gone}


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("Minor faction: ", CTRL_C),
        ("Link key: ", CTRL_C),
        ("Link key: ", CTRL_D),
        ("Write this?", CTRL_C),
        ("Write this?", CTRL_D),
        ("Write this?", "n"),
    ],
)
async def test_who_stops_in_the_middle_leaves_nothing_behind(
    empty: Home, place: str, key: str
) -> None:
    before = names(empty)
    async with Terminal(empty, "init", *GIVEN) as screen:
        for question in ("Minor faction: ", "Server id: ", "Link key: ", "Bot token: "):
            if question == place:
                break
            await screen.answer(question, "")
        await screen.see(place)
        await screen.press_until(key, "nothing was written")
        assert await screen.end() == 1
    assert names(empty) == before


async def test_a_server_of_another_squadron_is_not_offered(empty: Home, sandbox: Sandbox) -> None:
    hook = sandbox.world.add_webhook()
    guild = sandbox.world.channels[hook.channel_id].guild_id
    empty.tenants(tenant("Bears", guild_ids=[guild]))
    async with Terminal(empty, "init", *GIVEN[:4]) as screen:
        await screen.answer("Webhook: ", url(sandbox, hook))
        await screen.answer("Minor faction: ", "")
        await screen.answer("Server id: ", guild)
        await screen.see("belongs to Bears already")
        await screen.answer("Server id: ", "")
        for question in ("Link key: ", "Bot token: ", "Write this?"):
            await screen.answer(question, "")
        assert await screen.end() == 0
    assert "guild_ids" not in entries(empty)[1]


async def test_a_second_run_offers_to_add_a_token_only(empty: Home, sandbox: Sandbox) -> None:
    assert (await empty.run("init", *GIVEN)).status == 0
    before = (empty.folder / "tenant.json").read_bytes()
    async with Terminal(empty, "init") as screen:
        await screen.answer("Add another squadron?", "")
        await screen.answer("Bot token: ", BOT_TOKEN)
        await screen.answer("Write this?", "")
        assert await screen.end() == 0
    assert (empty.folder / "tenant.json").read_bytes() == before
    assert f"DISCORD_TOKEN={BOT_TOKEN}" in (empty.folder / ".env").read_text()
    assert "/tenant link" in screen.shown
