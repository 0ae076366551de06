"""Nightly reports to services other than Discord, over real HTTP and SMTP."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from bot.delivery.postings import Status
from bot.periods import Period
from tests.delivery.office import DAY, NIGHT, write_zones
from tests.delivery.receivers import HANG, RESET, http_service, mail_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.delivery.office import Desk, Office
    from tests.delivery.receivers import HttpService, MailServer

HTTP = pytest.mark.parametrize("scheme", ["json", "form"])
BOTH = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
async def service() -> AsyncIterator[HttpService]:
    async with http_service() as running:
        yield running


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


def add(office: Office, *channels: object, **changes: Any) -> None:
    """Add a tenant with channels and without a webhook."""
    office.add(discord_webhooks={}, channels=list(channels), **changes)


async def refused(desk: Desk) -> str:
    """Post, and return the reason why nothing arrived."""
    [posting] = await desk.post()
    assert posting.status is Status.FAILED
    return posting.reason


@HTTP
async def test_a_night_goes_to_a_channel_once(
    office: Office, service: HttpService, scheme: str
) -> None:
    add(office, service.url(scheme))
    async with office.open() as desk:
        assert [each.status for each in await desk.post()] == [Status.SENT]
        assert [each.reason for each in await desk.post()] == ["already sent"]
        [part] = desk.parts()
    [letter] = service.received
    assert letter["title"] == f"Space CZ Summary · {DAY} · wolves"
    assert "14 CZs in 14 systems" in letter["message"]
    assert "Sector 013" in letter["message"]
    assert part.key.channel.startswith(f"apprise:{scheme}:")


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
async def test_a_form_has_a_field_for_the_title_and_one_for_the_text(
    office: Office, service: HttpService, form: str
) -> None:
    add(office, f"{service.url('form')}?format={form}")
    office.entries[0]["name"] = "wolves <!channel> & @here"
    office.save()
    async with office.open() as desk:
        [tenant] = desk.registry.tenants
        await desk.publisher.publish(tenant, "spacecz", Period.YESTERDAY, NIGHT)
    [fields] = service.received
    assert set(fields) == {"version", "title", "message", "type"}
    assert fields["title"] == f"Space CZ Summary · {DAY} · wolves ＜!channel＞ & ＠here"
    signs = {"text": "", "markdown": "```", "html": "<pre>"}
    assert signs[form] in fields["message"]
    assert "Sector 013" in fields["message"]


async def test_webhook_and_channels_each_get_the_night(
    office: Office, service: HttpService, mail: MailServer
) -> None:
    office.add(channels=[service.url(), mail.url("ada@example.org")])
    async with office.open() as desk:
        statuses = [each.status for each in await desk.post()]
    assert statuses == [Status.SENT] * 3
    assert len(office.arrived()) == 3
    assert len(service.received) == len(mail.mails) == 1


async def test_a_mail_is_a_readable_page_with_a_subject(office: Office, mail: MailServer) -> None:
    add(office, mail.url("ada@example.org"))
    async with office.open() as desk:
        await desk.post()
    [letter] = mail.mails
    assert letter["subject"] == f"Space CZ Summary · {DAY} · wolves"
    assert letter["to"] == "ada@example.org"
    assert "<pre>Sector 000" in mail.text().replace("\r\n", "\n")
    assert "Sector 000" in mail.text(kind="plain")


@BOTH
async def test_two_processes_at_one_instant_send_a_letter_once(
    office: Office, service: HttpService, backend_name: str
) -> None:
    add(office, service.url())
    async with office.open(patience=20) as one, office.open(patience=20) as two:
        postings = await asyncio.gather(one.post(), two.post())
    assert len(service.received) == 1
    assert sum(posting.messages for [posting] in postings) == 1


async def test_a_service_that_is_down_for_a_while_gets_it_later(office: Office) -> None:
    async with http_service() as first:
        port = first.port
        add(office, first.url())
    async with office.open() as desk:
        reason = await refused(desk)
        assert "no connection" in reason
        assert "tried again" in reason
        assert desk.states() == ["failed"]
        async with http_service(port) as back:
            office.clock.advance(minutes=1)
            assert [each.status for each in await desk.publisher.resume()] == [Status.SENT]
            assert len(back.received) == 1


@HTTP
@pytest.mark.parametrize("status", [429, 408])
async def test_a_pause_that_a_service_asks_for_is_kept_and_nothing_is_in_doubt(
    office: Office, service: HttpService, status: int, scheme: str
) -> None:
    add(office, service.url(scheme))
    service.answers.append(status)
    async with office.open(in_doubt="skip") as desk:
        assert "asks for a pause" in await refused(desk)
        office.clock.advance(minutes=1)
        await desk.publisher.resume()
        assert desk.states() == ["sent"]
        assert desk.parts()[0].in_doubt_count == 0
    assert len(service.received) == 1


@HTTP
async def test_a_refused_address_is_left_alone_until_a_retry(
    office: Office, service: HttpService, scheme: str
) -> None:
    add(office, service.url(scheme))
    service.answers.append(404)
    async with office.open() as desk:
        assert "refused with 404" in await refused(desk)
        [posting] = await desk.post("daily")
        assert posting.is_known
        assert "is refused since" in posting.reason
        assert len(service.paths) == 1
        await desk.publisher.retry()
        assert desk.states() == ["sent", "sent"]
    assert len(service.received) == 2


async def test_a_refused_message_does_not_bar_the_address(
    office: Office, service: HttpService
) -> None:
    add(office, service.url())
    service.answers.append(400)
    async with office.open() as desk:
        assert "refused with 400" in await refused(desk)
        assert [each.status for each in await desk.post("daily")] == [Status.SENT]


@HTTP
@pytest.mark.parametrize("answer", [500, RESET, HANG])
@pytest.mark.parametrize("policy", ["resend", "skip"])
async def test_without_a_clear_answer_the_policy_for_doubts_decides(
    office: Office, service: HttpService, answer: int | str, policy: str, scheme: str
) -> None:
    add(office, service.url(scheme))
    service.answers.append(answer)
    skips = policy == "skip"
    lease = 1.5 if answer == HANG else 30.0
    async with office.open(lease=lease, in_doubt="skip" if skips else "resend") as desk:
        await desk.post()
        assert desk.parts()[0].in_doubt_count == 1
        office.clock.advance(minutes=1)
        await desk.publisher.resume()
        assert desk.states() == ["skipped" if skips else "sent"]
        assert desk.ledger.totals().resent_in_doubt == (0 if skips else 1)
    assert len(service.paths) == (1 if skips else 2)


async def test_a_mail_to_nobody_there_is_refused_and_not_tried_again(
    office: Office, mail: MailServer
) -> None:
    mail.recipients["ada@example.org"] = "550 no such user"
    add(office, mail.url("ada@example.org"))
    async with office.open() as desk:
        assert "refused with 550" in await refused(desk)
        assert desk.states() == ["broken"]
        [posting] = await desk.post("daily")
        assert posting.reason.startswith("refused with")


async def test_a_mail_server_that_is_busy_gets_it_later(office: Office, mail: MailServer) -> None:
    mail.data.append("451 try again later")
    add(office, mail.url("ada@example.org"))
    async with office.open(in_doubt="skip") as desk:
        assert "code 451" in await refused(desk)
        office.clock.advance(minutes=1)
        await desk.publisher.resume()
        assert desk.states() == ["sent"]
    assert len(mail.mails) == 1


async def test_a_mail_server_that_hangs_up_on_the_message_leaves_a_doubt(
    office: Office, mail: MailServer
) -> None:
    mail.data.append(RESET)
    add(office, mail.url("ada@example.org"))
    async with office.open(in_doubt="skip") as desk:
        await desk.post()
        assert desk.parts()[0].in_doubt_count == 1


@pytest.mark.parametrize("answer", ["550 no such user", "451 try again later"])
async def test_who_has_a_mail_does_not_get_it_again_for_another_who_is_refused(
    office: Office, mail: MailServer, answer: str
) -> None:
    mail.recipients["gone@example.org"] = answer
    add(office, mail.url("ada@example.org", "gone@example.org", "bob@example.org"))
    async with office.open() as desk:
        [posting] = await desk.post()
        assert (posting.status, posting.messages) == (Status.FAILED, 1)
        assert "reached only some of its recipients" in posting.reason
        assert "not sent again" in posting.reason
        mail.recipients.clear()
        office.clock.advance(minutes=1)
        await desk.publisher.resume()
        [told] = await desk.publisher.retry()
        assert (told.status, told.reason) == (Status.SKIPPED, posting.reason)
        assert desk.states() == ["partly_sent"]
        office.clock.advance(days=8)
        assert await desk.publisher.retry() == [], "told long enough"
    assert len(mail.mails) == 2


async def test_a_long_report_comes_in_numbered_parts_in_order(
    office: Office, service: HttpService
) -> None:
    write_zones(office.folder / "wolves.db", {DAY: 300})
    add(office, service.url("mmost", "t0ken0123456789"))
    async with office.open() as desk:
        [posting] = await desk.post()
        count = len(desk.parts())
    assert posting.messages == count > 3
    assert all(len(body) <= 4000 for body in service.bodies)
    heads = [body.split("\n")[0] for body in service.bodies]
    title = f"Space CZ Summary · {DAY} · wolves"
    assert heads == [f"{title} [{number}/{count}]" for number in range(1, count + 1)]
    systems = [line for body in service.bodies for line in body.split("\n") if "Sector" in line]
    assert systems == sorted(systems)
    assert len(set(systems)) == 300


async def test_a_part_that_fails_holds_up_the_rest_and_goes_on_where_it_was(
    office: Office, service: HttpService
) -> None:
    write_zones(office.folder / "wolves.db", {DAY: 300})
    add(office, service.url("mmost", "t0ken0123456789"))
    service.answers.extend([200, 429])
    async with office.open() as desk:
        await refused(desk)
        assert len(service.received) == 1
        office.clock.advance(minutes=1)
        await desk.publisher.resume()
        assert set(desk.states()) == {"sent"}
        count = len(desk.parts())
    assert len(service.received) == len(set(service.bodies)) == count


async def test_a_channel_gets_only_the_reports_and_systems_it_wants(
    office: Office, service: HttpService
) -> None:
    url = service.url()
    add(office, {"url": url, "reports": ["spacecz"], "systems": ["Sector 003"]})
    async with office.open() as desk:
        assert [each.reason for each in await desk.post("daily")] == [
            "no usable webhook or channel"
        ]
        await desk.post()
    [body] = service.bodies
    assert "Sector 003" in body
    assert "Sector 004" not in body


async def test_a_day_without_data_is_told_only_where_that_is_wanted(
    office: Office, service: HttpService
) -> None:
    add(office, service.url())
    async with office.open() as desk:
        assert [each.reason for each in await desk.post("groundcz")] == ["no data"]
    office.entries[0]["quiet_days"] = True
    office.save()
    async with office.open() as desk:
        await desk.post("groundcz")
    assert "no conflict zones on the ground" in service.bodies[0]


async def test_direct_calls_of_the_old_functions_reach_discord_only(
    office: Office, service: HttpService
) -> None:
    office.add(channels=[service.url()])
    async with office.open() as desk:
        postings = await desk.publisher.publish_many(
            desk.registry.tenants, "daily", Period.YESTERDAY, NIGHT, discord_only=True
        )
    assert [each.channel.partition(":")[0] for each in postings] == ["discord"]
    assert service.received == []


async def test_what_was_left_for_a_channel_never_goes_to_another_service(
    office: Office, service: HttpService, mail: MailServer
) -> None:
    add(office, service.url())
    service.answers.append(429)
    async with office.open() as desk:
        await refused(desk)
    office.entries[0]["channels"] = [mail.url("ada@example.org")]
    office.entries[0]["discord_webhooks"] = {"shoutout": office.webhook()}
    office.save()
    async with office.open() as desk:
        office.clock.advance(minutes=1)
        [posting] = await desk.publisher.resume()
        assert "no longer sends this report there" in posting.reason
    assert office.arrived() == []
    assert mail.mails == []


async def test_what_was_left_for_a_channel_follows_it_to_its_new_address(
    office: Office, service: HttpService
) -> None:
    add(office, service.url())
    service.answers.append(429)
    async with office.open() as desk:
        await refused(desk)
    office.entries[0]["channels"] = [service.url(path="another/t0ken-9876")]
    office.save()
    async with office.open() as desk:
        office.clock.advance(minutes=1)
        await desk.publisher.resume()
        assert desk.states() == ["sent"]
    assert service.paths[-1] == "/another/t0ken-9876"


async def test_no_secret_of_an_address_is_told_anywhere(
    office: Office, service: HttpService, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = service.url().replace("://", "://us3r-name:pa55-word@")
    add(office, url)
    service.answers.extend([500, 401])
    async with office.open() as desk:
        postings = await desk.post()
        office.clock.advance(minutes=1)
        postings += await desk.publisher.resume()
        told = [caplog.text, repr(postings), repr(desk.parts()), repr(desk.tenant())]
        told += [repr(desk.ledger.broken_webhooks())]
    for secret in ("pa55-word", "s3cr3t-t0ken"):
        assert [text for text in told if secret in text] == []


async def test_a_wrong_mail_password_is_told_once_and_not_tried_again_and_again(
    office: Office, mail: MailServer
) -> None:
    url = mail.url("ada@example.org").replace("://", "://bot:wr0ng-passw0rd@")
    add(office, url)
    async with office.open() as desk:
        assert "refuses the user or the password" in await refused(desk)
        tried = mail.logins
        [posting] = await desk.post("daily")
        assert posting.is_known
        assert mail.logins == tried > 0
        assert "wr0ng" not in repr(desk.parts()) + repr(desk.ledger.broken_webhooks())


async def test_no_name_adds_a_line_to_the_head_of_a_mail(office: Office, mail: MailServer) -> None:
    add(office, mail.url("ada@example.org"))
    office.entries[0]["name"] = "wolves\r\nBcc: all@example.org\r\n\r\n<h1>free</h1>"
    office.save()
    async with office.open() as desk:
        [tenant] = desk.registry.tenants
        await desk.publisher.publish(tenant, "spacecz", Period.YESTERDAY, NIGHT)
    [letter] = mail.mails
    assert letter["bcc"] is None
    assert letter["subject"].startswith(f"Space CZ Summary · {DAY} · wolves Bcc: all")
    assert "<h1>" not in mail.text()
