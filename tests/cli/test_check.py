"""``check``: everything that can be wrong, in one table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.cli.commands import DEAD_WEBHOOK, NOW, Home, tenant, url
from tests.delivery.named_hosts import named_hosts
from tests.delivery.receivers import http_service, mail_server
from tests.delivery.strict_services import (
    SLACK,
    TELEGRAM,
    Slack,
    SlackMessage,
    Telegram,
    TelegramMessage,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.receiver import Receiver


def lines(out: str, *words: str) -> list[str]:
    """Return the lines that hold all the words."""
    return [line for line in out.splitlines() if all(word in line for word in words)]


async def test_a_good_setup_is_0_and_tells_the_facts(home: Home, receiver: Receiver) -> None:
    ended = await home.run("check")
    assert (ended.status, ended.err) == (0, "")
    assert lines(ended.out, "settings", "ok")
    assert lines(ended.out, "tenant file", "1 tenant, 1 in use")
    assert lines(ended.out, "wolves", "database", "ok", "wolves.db")
    assert lines(ended.out, "wolves", "rows", "event 5", "synthetic_cz 1")
    assert lines(ended.out, "wolves", "newest event", "2025-09-11T18:05:00Z")
    assert lines(ended.out, "wolves", "indexes", "hint", "bgs-bot index")
    assert lines(ended.out, "wolves", "daily", "shoutout")
    assert "0 in error" in ended.out
    assert receiver.arrivals == []


async def test_every_fault_of_the_tenant_file_is_listed(home: Home) -> None:
    home.tenants(
        tenant("Wolves") | {"guild_ids": ["x"], "quiet_days": "often"},
        tenant("Owls") | {"db_uri": ""},
    )
    ended = await home.run("check")
    assert ended.status == 1
    assert lines(ended.out, "Wolves", "guild_ids", "error")
    assert lines(ended.out, "Wolves", "quiet_days", "error", "often")
    assert lines(ended.out, "Owls", "db_uri", "error")


async def test_a_squadron_that_is_in_the_file_twice_is_named(
    home: Home, receiver: Receiver
) -> None:
    hook, other = url(receiver), url(receiver)
    twin = tenant("Wolves", hook)
    home.tenants(twin, twin, tenant("Pack", other, db_uri="sqlite:///wolves.db"))
    ended = await home.run("check")
    assert len(lines(ended.out, "twice", "warning", "take one of the two out")) == 2
    assert lines(ended.out, "wolves", "twice", "posts what wolves-2 posts")
    assert not lines(ended.out, "pack", "twice")


async def test_a_file_without_tenants_says_what_to_do(home: Home) -> None:
    home.tenants()
    ended = await home.run("check")
    assert ended.status == 1
    assert lines(ended.out, "tenant file", "error", "0 tenants", "bgs-bot init")


async def test_a_placeholder_webhook_is_a_warning_only(home: Home) -> None:
    home.tenants(tenant("Wolves", "https://discord.com/your-webhook-here"))
    ended = await home.run("check")
    assert ended.status == 0
    assert lines(ended.out, "discord_webhooks.shoutout", "warning", "placeholder")
    assert lines(ended.out, "wolves", "daily", "warning", "nowhere")


async def test_a_database_that_is_gone_is_an_error(home: Home) -> None:
    (home.folder / "wolves.db").unlink()
    ended = await home.run("check")
    assert ended.status == 1
    assert lines(ended.out, "wolves", "database", "error", "wolves.db")


async def test_an_old_database_is_a_warning(home: Home) -> None:
    with closing(sqlite3.connect(home.folder / "wolves.db")) as connection:
        connection.execute("DROP TABLE synthetic_ground_cz")
        connection.execute("ALTER TABLE event DROP COLUMN raw_json")
    ended = await home.run("check")
    assert ended.status == 0
    assert lines(ended.out, "wolves", "tables", "warning", "synthetic_ground_cz")
    assert lines(ended.out, "wolves", "columns", "warning", "event.raw_json")


async def test_webhooks_are_asked_without_posting(home: Home, receiver: Receiver) -> None:
    route = {"url": url(receiver), "thread_id": "123456789012345678"}
    home.tenants(tenant("Wolves", [url(receiver), route]))
    ended = await home.run("check", "--webhooks")
    assert ended.status == 0
    assert len(lines(ended.out, "wolves", "webhook shoutout", "ok", "alive", "channel")) == 2
    assert receiver.messages == []


@pytest.mark.parametrize("gone", [True, False])
async def test_a_webhook_that_does_not_answer_is_an_error(
    home: Home, receiver: Receiver, gone: bool
) -> None:
    dead = f"{receiver.address}/api/webhooks/4/dead-token-of-the-test" if gone else DEAD_WEBHOOK
    home.env["WEBHOOK_HOSTS"] += ",127.0.0.1:9"
    home.tenants(tenant("Wolves", dead))
    ended = await home.run("check", "--webhooks")
    assert ended.status == 1
    assert lines(ended.out, "wolves", "webhook", "error", "404" if gone else "no answer")
    assert "dead-token-of-the-test" not in ended.out + ended.err


async def test_one_tenant_can_be_checked_alone(home: Home) -> None:
    home.tenants(tenant("Wolves"), tenant("Owls"), tenant("Bears") | {"db_uri": 7})
    ended = await home.run("check", "--tenant", "wolves")
    assert ended.status == 0
    assert not lines(ended.out, "owls")
    assert not lines(ended.out, "Bears")


async def test_a_tenant_switched_off_is_a_hint(home: Home) -> None:
    home.tenants(tenant("Wolves"), tenant("Owls", enabled=False))
    ended = await home.run("check")
    assert ended.status == 0
    assert lines(ended.out, "owls", "hint", "switched off")


async def test_settings_are_told_all_at_once(home: Home) -> None:
    home.env |= {"LEASE_SECONDS": "never", "IN_DOUBT": "perhaps", "DISCORD_TOKEN": "a b secret"}
    ended = await home.run("check")
    assert (ended.status, ended.out) == (1, "")
    assert all(name in ended.err for name in ("LEASE_SECONDS", "IN_DOUBT", "DISCORD_TOKEN"))
    assert "secret" not in ended.err.replace("secret in", "")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("text", ["{}", "[", None])
async def test_a_tenant_file_that_is_no_array_is_refused(home: Home, text: str | None) -> None:
    path = home.folder / "tenant.json"
    path.unlink()
    if text is not None:
        path.write_text(text)
    ended = await home.run("check")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("Error: ")
    assert "tenant.json" in ended.err
    assert "Traceback" not in ended.err


async def test_channels_are_listed_and_tried_only_when_that_is_asked_for(home: Home) -> None:
    async with http_service() as service:
        good, bad = service.url(), service.url(path="gone/t0ken-123")
        home.tenants(tenant("Wolves") | {"channels": [good, "nonsense://t0ken-456789"]})
        ended = await home.run("check")
        assert ended.status == 1
        assert lines(ended.out, "apprise:json:", "ok", "JSON: text")
        assert lines(ended.out, "channels[1]", "error", "no service that Apprise knows")
        assert service.received == []
        home.tenants(tenant("Wolves") | {"channels": [good, bad]})
        service.answers.append(200)
        service.answers.append(404)
        ended = await home.run("check", "--channels")
        assert ended.status == 1
        assert len(lines(ended.out, "apprise:json:", "took the test message")) == 1
        assert len(lines(ended.out, "error", "refused with 404")) == 1
        assert [each["title"] for each in service.received] == ["Test · Wolves"]
        for secret in ("t0ken", service.url().partition("://")[2]):
            assert secret not in ended.out + ended.err


async def test_a_mail_channel_gets_a_test_that_can_be_read(home: Home) -> None:
    async with mail_server() as mail:
        home.tenants(tenant("Wolves") | {"channels": [mail.url("ada@example.org")]})
        ended = await home.run("check", "--channels")
    assert (ended.status, ended.err) == (0, "")
    assert lines(ended.out, "apprise:mailto:", "ok", "took the test message")
    [letter] = mail.mails
    assert (letter["subject"], letter["to"]) == ("Test · Wolves", "ada@example.org")
    assert "the nightly BGS reports will come here" in mail.text()
    assert "the nightly BGS reports will come here" in mail.text(kind="plain")


async def test_a_mail_server_that_refuses_is_told_and_the_other_channel_gets_its_test(
    home: Home,
) -> None:
    async with mail_server() as mail:
        mail.recipients["nobody@example.org"] = "550 no such user"
        stranger = mail.url("eve@example.org").replace("://", "://bot:wr0ng-passw0rd@")
        channels = [mail.url("nobody@example.org"), stranger, mail.url("ada@example.org")]
        home.tenants(tenant("Wolves") | {"channels": channels})
        ended = await home.run("check", "--channels")
    assert (ended.status, ended.err) == (1, "")
    assert lines(ended.out, "error", "refused with 550", "the mail server refuses the recipient")
    assert lines(ended.out, "error", "the mail server refuses the user or the password")
    assert len(lines(ended.out, "apprise:mailto:", "took the test message")) == 1
    assert "2 in error" in ended.out
    assert [letter["to"] for letter in mail.mails] == ["ada@example.org"]
    for secret in ("wr0ng-passw0rd", "example.org", str(mail.port)):
        assert secret not in ended.out


async def test_a_mail_server_that_is_not_there_is_told(home: Home) -> None:
    async with mail_server() as mail:
        home.tenants(tenant("Wolves") | {"channels": [mail.url("ada@example.org")]})
    ended = await home.run("check", "--channels")
    assert ended.status == 1
    assert lines(ended.out, "apprise:mailto:", "error", "no connection")


async def test_slack_and_telegram_get_a_test_as_they_like_it(home: Home, tmp_path: Path) -> None:
    slack, telegram = Slack(), Telegram()
    token = "AAbcdefGHIjklmNOPqrstUVWxyzABCDEfghi"
    home.tenants(
        tenant("Wolves & Sons")
        | {
            "db_uri": "sqlite:///wolves.db",
            "channels": [
                "https://hooks.slack.com/services/T0AB1CD2E/B0FG3HI4J/KLMNOPQRSTUVWXYZabcdefgh",
                f"tgram://123456789:{token}/-1001234567890",
            ],
        }
    )
    async with named_hosts(tmp_path / "tls", {SLACK: slack, TELEGRAM: telegram}) as hosts:
        home.env |= hosts.environment
        good = await home.run("check", "--channels")
        slack.answers.append(410)
        telegram.answers.append(403)
        bad = await home.run("check", "--channels")
    assert (good.status, bad.status) == (0, 1)
    assert len(lines(good.out, "took the test message")) == 2
    assert lines(bad.out, "error", "apprise:https:", "refused with 410", "(channel_is_archived)")
    assert lines(bad.out, "error", "apprise:tgram:", "refused with 403", "(Forbidden: bot was")
    [content] = slack.received
    shown = SlackMessage(content)
    assert (shown.title, shown.controls) == ("Test · Wolves & Sons", [])
    [content] = telegram.received
    assert TelegramMessage(content["text"]).text.startswith("Test · Wolves & Sons")
    for secret in (token, "KLMNOPQRSTUVWXYZabcdefgh"):
        assert secret not in good.out + good.err + bad.out + bad.err


async def test_a_squadron_with_channels_only_needs_no_webhook(home: Home) -> None:
    home.tenants(tenant("Wolves") | {"discord_webhooks": {}, "channels": ["json://127.0.0.1:9/x"]})
    ended = await home.run("check")
    assert ended.status == 0
    assert lines(ended.out, "wolves", "daily", "ok", "json (apprise:json:")


async def test_events_of_no_time_hide_no_newest_one_and_are_a_warning(home: Home) -> None:
    with closing(sqlite3.connect(home.folder / "wolves.db")) as connection:
        for at in ("garbage", "2999-01-01T00:00:00Z"):
            connection.execute(
                "INSERT INTO event (event, timestamp, tickid, ticktime) VALUES ('x', ?, '', '')",
                (at,),
            )
        connection.commit()
    ended = await home.run("check")
    assert ended.status == 0
    assert lines(ended.out, "wolves", "newest event", "2025-09-11T18:05:00Z")
    assert lines(ended.out, "wolves", "odd times", "warning", "2 events", "garbage")


async def test_options_that_a_driver_refuses_are_told_and_the_others_looked_at(home: Home) -> None:
    secret = "connect_timeout=SeCrEtWoRd"  # a mistake that may hold anything
    broken = tenant("Broken", db_uri=f"mysql://root@127.0.0.1/test?{secret}")
    home.tenants(broken, tenant("Wolves"))
    ended = await home.run("check")
    assert ended.status == 1
    assert lines(ended.out, "broken", "database", "error", "refuses one of its options")
    assert lines(ended.out, "wolves", "newest event", "ok")
    assert "SeCrEtWoRd" not in ended.out + ended.err


async def test_a_password_that_looks_like_a_file_name_is_hidden_in_the_table(home: Home) -> None:
    home.tenants(tenant("Wolves", db_uri="sqlite:////root:SeCrEtWoRd@host"))
    ended = await home.run("check")
    assert lines(ended.out, "wolves", "database", "error", "there is no file")
    assert "SeCrEtWoRd" not in ended.out + ended.err


async def test_a_ledger_of_a_newer_bot_is_an_error(home: Home, receiver: Receiver) -> None:
    await home.run("post", "daily", "--now", NOW)
    with closing(sqlite3.connect(home.folder / "data" / "state.db")) as connection:
        connection.execute("UPDATE bgsbot_schema SET version_num = 'r9999'")
        connection.commit()
    ended = await home.run("check")
    assert ended.status == 1
    assert lines(ended.out, "ledger", "error", "newer than this bot")
