"""Channels beside Discord, by the real command in a process of its own."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.cli.commands import NOW, Home, tenant
from tests.delivery.office import until
from tests.delivery.receivers import HANG, http_service, mail_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.delivery.receivers import HttpService

POST = ("post", "daily", "--now", NOW)


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    async with http_service() as running:
        yield running


async def test_a_post_goes_by_mail_once(home: Home) -> None:
    async with mail_server() as mail:
        channels = [mail.url("ada@example.org")]
        home.tenants(tenant("Wolves") | {"discord_webhooks": {}, "channels": channels})
        first, second = await home.run(*POST), await home.run(*POST)
        shown = await home.run("deliveries")
    assert first.status == second.status == 0
    assert "already sent" in second.out
    assert [each["subject"] for each in mail.mails] == ["Daily Summary · 2025-09-11 · Wolves"]
    assert "apprise:mailto:" in shown.out


async def test_a_preview_shows_what_a_channel_would_get(home: Home, service: HttpService) -> None:
    home.tenants(tenant("Wolves") | {"discord_webhooks": {}, "channels": [service.url()]})
    ended = await home.run("preview", "daily", "--now", NOW)
    assert ended.status == 0
    assert "json (apprise:json:" in ended.out
    assert "Daily Summary · 2025-09-11 · Wolves" in ended.out
    assert service.received == []


@pytest.mark.parametrize(("policy", "copies"), [("resend", 2), ("skip", 1)])
async def test_a_process_killed_between_sending_and_noting_leaves_a_doubt(
    home: Home, service: HttpService, policy: str, copies: int
) -> None:
    home.env |= {"LEASE_SECONDS": "3", "IN_DOUBT": policy}
    home.tenants(tenant("Wolves") | {"discord_webhooks": {}, "channels": [service.url()]})
    service.answers.append(HANG)
    process = await home.start(*POST)
    await until(lambda: len(service.received) == 1)
    process.send_signal(signal.SIGKILL)
    await process.communicate()
    ended = await home.run(*POST)
    assert ended.status == 0, ended.out + ended.err
    assert len(service.received) == copies
    shown = await home.run("deliveries")
    assert ("sent again in doubt" if policy == "resend" else "IN_DOUBT=skip") in shown.out


async def test_without_channels_nobody_waits_for_apprise(home: Home) -> None:
    home.env["PYTHONPROFILEIMPORTTIME"] = "1"
    for arguments in (("--help",), ("check",), ("preview", "daily", "--now", NOW)):
        ended = await home.run(*arguments)
        assert ended.status == 0
        assert "import time" in ended.err
        assert "apprise" not in ended.err
