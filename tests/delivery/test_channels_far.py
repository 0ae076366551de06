"""Nightly reports to Slack, Telegram and mail: the real requests, by name and over TLS."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from bot.backend import schema
from bot.delivery.postings import Status
from tests.delivery.named_hosts import certificates, named_hosts
from tests.delivery.office import DAY, write_zones
from tests.delivery.receivers import RESET, HttpService, mail_server
from tests.delivery.strict_services import (
    SLACK,
    SLACK_BOT,
    TELEGRAM,
    Slack,
    SlackBot,
    SlackMessage,
    Telegram,
    TelegramMessage,
)
from tests.servers import writable_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.delivery.named_hosts import NamedHosts
    from tests.delivery.office import Desk, Office

NAMES = [
    "<!channel>",
    "<!here|here>",
    "<@U024BE7LH>",
    "<https://evil.example|free>",
    "@everyone",
    "@here",
    "*bold*",
    "_slanted_",
    "~gone~",
    "`code`",
    "```",
    "<b>bold</b>",
    "<a href='https://evil.example'>free</a>",
    "</pre><script>x</script>",
    "https://evil.example",
    "tg://user?id=1",
    "[free](https://evil.example)",
    "&lt;!channel&gt;",
    "Smith & Sons",
    "1 < 2 > 0",
    "/start",
    "#tag",
]
"""What players may call themselves, and what it would do somewhere."""


class Far(NamedTuple):
    """One of the services, and the address of a channel there."""

    service: HttpService
    url: str


@pytest.fixture
async def hosts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NamedHosts]:
    services = {SLACK: Slack(), SLACK_BOT: SlackBot(), TELEGRAM: Telegram()}
    async with named_hosts(tmp_path / "tls", services) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture(params=[SLACK, TELEGRAM])
def far(request: pytest.FixtureRequest, hosts: NamedHosts) -> Far:
    """Either service."""
    name: str = request.param
    return Far(hosts.services[name], URLS[name])


URLS = {
    SLACK_BOT: "slack://xoxb-1234567890-ABCDEFGHIJKLMNOPQRSTUVWX/bgs",
    SLACK: "slack://T0AB1CD2E/B0FG3HI4J/KLMNOPQRSTUVWXYZabcdefgh",
    TELEGRAM: "tgram://123456789:AAbcdefGHIjklmNOPqrstUVWxyzABCDEfghi/-1001234567890",
}
SECRETS = ("KLMNOPQRSTUVWXYZabcdefgh", "AAbcdefGHIjklmNOPqrstUVWxyzABCDEfghi")
"""Without a digit, as one in a hundred is."""


def add(office: Office, *channels: object, **changes: Any) -> None:
    """Add a tenant with channels and without a webhook."""
    office.add(discord_webhooks={}, channels=list(channels), **changes)


def write_names(database: Path) -> None:
    """Write a zone and a voucher for each name, in a system of that name."""
    engine = writable_engine(f"sqlite:///{database}")
    for name in NAMES:
        write_zones(database, {DAY: 1}, prefix=name)
        with engine.begin() as connection:
            ada = schema.event.c.cmdr == "Ada"
            connection.execute(schema.event.update().where(ada).values(cmdr=name))
    engine.dispose()


async def refused(desk: Desk) -> str:
    """Post, and return the reason why nothing arrived."""
    [posting] = await desk.post()
    assert posting.status is Status.FAILED
    return posting.reason


async def test_slack_gets_a_night_once_at_its_own_address(
    office: Office, hosts: NamedHosts
) -> None:
    add(office, URLS[SLACK])
    async with office.open() as desk:
        assert [each.status for each in await desk.post()] == [Status.SENT]
        assert [each.reason for each in await desk.post()] == ["already sent"]
        assert desk.states() == ["sent"]
    slack = hosts.services[SLACK]
    assert hosts.asked == [SLACK]
    assert slack.paths == ["/services/T0AB1CD2E/B0FG3HI4J/KLMNOPQRSTUVWXYZabcdefgh"]
    [content] = slack.received
    assert content["mrkdwn"] is True
    message = SlackMessage(content)
    assert message.title == f"Space CZ Summary · {DAY} · wolves"
    assert "Sector 013" in message.text
    assert message.loose == ""


async def test_telegram_gets_a_night_once_at_its_own_address(
    office: Office, hosts: NamedHosts
) -> None:
    add(office, URLS[TELEGRAM])
    async with office.open() as desk:
        assert [each.status for each in await desk.post()] == [Status.SENT]
        assert [each.reason for each in await desk.post()] == ["already sent"]
        assert desk.states() == ["sent"]
    telegram = hosts.services[TELEGRAM]
    assert hosts.asked == [TELEGRAM]
    assert telegram.paths == ["/bot123456789:AAbcdefGHIjklmNOPqrstUVWxyzABCDEfghi/sendMessage"]
    [content] = telegram.received
    assert (content["chat_id"], content["parse_mode"]) == (-1001234567890, "HTML")
    assert content["disable_web_page_preview"] is True
    message = TelegramMessage(content["text"])
    assert message.loose.strip() == f"Space CZ Summary · {DAY} · wolves"
    assert "Sector 013" in message.text


@pytest.mark.parametrize("report", ["spacecz", "daily"])
async def test_whatever_players_call_themselves_slack_pings_and_links_nothing(
    office: Office, hosts: NamedHosts, report: str
) -> None:
    add(office, {"url": URLS[SLACK], "top": 25})
    write_names(office.folder / "wolves.db")
    async with office.open() as desk:
        assert {each.status for each in await desk.post(report)} == {Status.SENT}
    for content in hosts.services[SLACK].received:
        message = SlackMessage(content)
        assert message.controls == []
        assert message.loose == ""
        assert "`" not in message.text
        assert re.search(r"@\w|\w://|mailto:", message.text + message.title) is None
    assert "Smith & Sons" in message.text
    assert "＜!channel＞" in message.text


@pytest.mark.parametrize("report", ["spacecz", "daily"])
async def test_whatever_players_call_themselves_telegram_formats_and_links_nothing(
    office: Office, hosts: NamedHosts, report: str
) -> None:
    add(office, {"url": URLS[TELEGRAM], "top": 25})
    write_names(office.folder / "wolves.db")
    async with office.open() as desk:
        assert {each.status for each in await desk.post(report)} == {Status.SENT}
    texts = [TelegramMessage(each["text"]) for each in hosts.services[TELEGRAM].received]
    for message in texts:
        assert message.faults == []
        assert re.fullmatch(
            r"\s*\w[\w ]+ · \d{4}-\d\d-\d\d · wolves( \[\d/\d\])?\s*", message.loose
        )
        assert re.search(r"@\w|\w://", message.text) is None
    whole = "\n".join(message.text for message in texts)
    assert "Smith & Sons" in whole
    assert "＜b＞bold＜/b＞" in whole


async def test_what_is_too_long_for_a_service_comes_in_numbered_parts(
    office: Office, far: Far
) -> None:
    add(office, far.url)
    count = {SLACK: 3000, TELEGRAM: 300}[SLACK if far.url == URLS[SLACK] else TELEGRAM]
    write_zones(office.folder / "wolves.db", {DAY: count})
    async with office.open() as desk:
        [posting] = await desk.post()
        parts = desk.parts()
    assert posting.messages == len(parts) == len(far.service.received) > 1
    assert {part.state.value for part in parts} == {"sent"}
    texts = [str(each) for each in far.service.received]
    for number, text in enumerate(texts, 1):
        assert f"[{number}/{len(parts)}]" in text
    assert len(set(re.findall(r"Sector \d+", "".join(texts)))) == count


async def test_a_pause_that_a_far_service_asks_for_is_kept(office: Office, far: Far) -> None:
    add(office, far.url)
    far.service.answers.append(429)
    async with office.open(in_doubt="skip") as desk:
        assert "asks for a pause (status 429)" in await refused(desk)
        assert desk.states() == ["failed"]
        office.clock.advance(minutes=1)
        assert [each.status for each in await desk.publisher.resume()] == [Status.SENT]
        assert desk.parts()[0].in_doubt_count == 0
    assert len(far.service.received) == 1
    assert len(far.service.paths) == 2


@pytest.mark.parametrize("answer", [500, 503, RESET])
@pytest.mark.parametrize("policy", ["resend", "skip"])
async def test_without_a_clear_answer_from_far_the_policy_for_doubts_decides(
    office: Office, far: Far, answer: int | str, policy: str
) -> None:
    add(office, far.url)
    far.service.answers.append(answer)
    skips = policy == "skip"
    async with office.open(in_doubt="skip" if skips else "resend") as desk:
        await desk.post()
        assert desk.parts()[0].in_doubt_count == 1
        office.clock.advance(minutes=1)
        await desk.publisher.resume()
        assert desk.states() == ["skipped" if skips else "sent"]
    assert len(far.service.paths) == (1 if skips else 2)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_far_service_that_refuses_the_address_is_left_alone(
    office: Office, far: Far, status: int
) -> None:
    add(office, far.url)
    far.service.answers.append(status)
    async with office.open() as desk:
        reason = await refused(desk)
        assert f"refused with {status}: the service does not take it (" in reason
        assert desk.states() == ["broken"]
        [posting] = await desk.post("daily")
        assert "is refused since" in posting.reason
        assert len(far.service.paths) == 1
        await desk.publisher.retry()
        assert desk.states() == ["sent", "sent"]


async def test_a_far_service_that_refuses_one_message_gets_the_next(
    office: Office, far: Far
) -> None:
    add(office, far.url)
    far.service.answers.append(400)
    async with office.open() as desk:
        assert "refused with 400" in await refused(desk)
        assert [each.status for each in await desk.post("daily")] == [Status.SENT]


async def test_a_slack_bot_posts_where_it_may_and_says_why_it_may_not(
    office: Office, hosts: NamedHosts
) -> None:
    bot = hosts.services[SLACK_BOT]
    assert isinstance(bot, SlackBot)
    add(office, URLS[SLACK_BOT])
    bot.error = "not_in_channel"
    async with office.open() as desk:
        assert "refused: the service does not take it (not_in_channel)" in await refused(desk)
        bot.error = ""
        await desk.publisher.retry()
        assert desk.states() == ["sent"]
    assert bot.paths == ["/api/chat.postMessage"] * 2
    assert bot.received[-1]["channel"] == "#bgs"


async def test_sections_of_slack_are_short_enough(office: Office, hosts: NamedHosts) -> None:
    add(office, f"{URLS[SLACK_BOT]}?blocks=yes")
    write_zones(office.folder / "wolves.db", {DAY: 60})
    async with office.open() as desk:
        [posting] = await desk.post()
    assert posting.status is Status.SENT
    assert posting.messages > 1


async def test_a_bot_of_telegrams_without_a_chat_is_no_channel(
    office: Office, hosts: NamedHosts
) -> None:
    """Apprise would post to whoever wrote to the bot first."""
    add(office, "tgram://123456789:AAbcdefGHIjklmNOPqrstUVWxyzABCDEfghi/")
    async with office.open() as desk:
        [problem] = desk.registry.problems
        assert (problem.field, problem.fault) == ("channels[0]", "names no chat")
        assert "tgram://TOKEN/CHAT" in problem.remedy
        await desk.post()
    assert hosts.asked == []


async def test_a_host_that_shows_no_good_certificate_gets_nothing(
    office: Office, far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    add(office, far.url)
    async with office.open(in_doubt="skip") as desk:
        assert "no connection" in await refused(desk)
    assert far.service.paths == []


async def test_no_token_of_a_far_service_is_told_anywhere(
    office: Office, far: Far, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    add(office, far.url)
    far.service.answers.extend([500, 403])
    async with office.open() as desk:
        postings = await desk.post()
        office.clock.advance(minutes=1)
        postings += await desk.publisher.resume()
        told = [caplog.text, repr(postings), repr(desk.parts()), repr(desk.tenant())]
        told += [repr(desk.ledger.broken_webhooks())]
    assert len(far.service.paths) == 2
    for secret in SECRETS:
        assert [text for text in told if secret in text] == []


def mailbox(port: int) -> str:
    """The address of a mailbox that wants a login."""
    login = "bot:s3cr3t-passw0rd"
    return f"mailtos://{login}@localhost:{port}?from=bot@wolves.example&to=ada@example.org"


async def test_mail_goes_encrypted_before_the_password_is_told(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = certificates(tmp_path / "tls", ["localhost"])
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    async with mail_server(context) as mail:
        mail.login = ("bot", "s3cr3t-passw0rd")
        add(office, mailbox(mail.port))
        async with office.open() as desk:
            assert [each.status for each in await desk.post()] == [Status.SENT]
    assert (mail.encrypted, mail.logins) == ([True], 1)


async def test_no_password_goes_to_a_mail_server_with_a_strange_certificate(
    office: Office, tmp_path: Path
) -> None:
    _, context = certificates(tmp_path / "tls", ["localhost"])
    async with mail_server(context) as mail:
        add(office, mailbox(mail.port))
        async with office.open() as desk:
            assert "no connection" in await refused(desk)
    assert (mail.mails, mail.logins) == ([], 0)


async def test_no_password_goes_to_a_mail_server_that_cannot_encrypt(office: Office) -> None:
    async with mail_server() as mail:
        add(office, mailbox(mail.port))
        async with office.open() as desk:
            assert "lacks what the address asks for" in await refused(desk)
    assert (mail.mails, mail.logins) == ([], 0)
