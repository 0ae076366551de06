"""``deliveries``: the ledger, readable, and another try."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.faults import Fault, FaultKind
from tests.cli.commands import NOW, Home, tenant, url, write_database
from tests.delivery.receivers import mail_server

if TYPE_CHECKING:
    from bot.sandbox.receiver import Receiver

POST = ("post", "daily", "--now", NOW)


@pytest.mark.parametrize("option", [(), ("--failed",)])
async def test_without_a_ledger_none_is_made_and_its_place_is_named(
    home: Home, option: tuple[str, ...]
) -> None:
    ended = await home.run("deliveries", *option)
    assert ended.status == 0
    assert "there is no ledger at" in ended.out
    assert str(home.folder / "data" / "state.db") in ended.out
    assert not (home.folder / "data").exists()


async def test_what_was_posted_is_listed(home: Home, receiver: Receiver) -> None:
    await home.run(*POST)
    ended = await home.run("deliveries")
    assert ended.status == 0
    (line,) = [line for line in ended.out.splitlines() if line.startswith("wolves")]
    assert line.split()[:3] == ["wolves", "daily", "2025-09-11"]
    assert line.split()[4:7] == ["1/1", "sent", "1"]
    assert "1 sent" in ended.out.splitlines()[-1]


async def test_failed_ones_alone_can_be_listed(home: Home, receiver: Receiver) -> None:
    await home.run(*POST)
    ended = await home.run("deliveries", "--failed")
    assert ended.status == 0
    assert "No deliveries in trouble." in ended.out


async def test_one_tenants_alone_can_be_listed(home: Home, receiver: Receiver) -> None:
    write_database(home.folder / "owls.db")
    home.tenants(tenant("Wolves", url(receiver)), tenant("Owls", url(receiver)))
    await home.run(*POST)
    ended = await home.run("deliveries", "--tenant", "Owls")
    assert "owls " in ended.out
    assert "wolves " not in ended.out
    assert len((await home.run("deliveries", "--limit", "1")).out.splitlines()) == 4


async def test_an_unknown_tenant_is_wrong_use(home: Home) -> None:
    assert (await home.run("deliveries", "--tenant", "bears")).status == 2
    assert (await home.run("deliveries", "retry", "--tenant", "bears")).status == 2


async def test_retry_with_nothing_to_do_says_so(home: Home, receiver: Receiver) -> None:
    await home.run(*POST)
    ended = await home.run("deliveries", "retry")
    assert (ended.status, ended.out) == (0, "Nothing is left to send.\n")
    assert len(receiver.messages) == 1


async def test_retry_sends_what_a_repaired_webhook_had_refused(
    home: Home, receiver: Receiver
) -> None:
    home.tenants(tenant("Wolves", f"{receiver.address}/api/webhooks/77/soon-to-be-there"))
    assert (await home.run(*POST)).status == 1
    assert "broken" in (await home.run("deliveries", "--failed")).out
    assert (await home.run("deliveries", "retry")).status == 1
    receiver.world.add_webhook(hook_id="77", token="soon-to-be-there")
    ended = await home.run("deliveries", "retry")
    assert ended.status == 0
    assert "1 message sent" in ended.out
    assert len(receiver.messages) == 1


async def test_retry_leaves_a_mail_alone_that_some_have_and_tells_why(home: Home) -> None:
    async with mail_server() as mail:
        mail.recipients["gone@example.org"] = "550 no such user"
        channels = [mail.url("ada@example.org", "gone@example.org", "bob@example.org")]
        home.tenants(tenant("Wolves") | {"discord_webhooks": {}, "channels": channels})
        posted = await home.run(*POST)
        assert posted.status == 1
        assert "0 sent, 0 skipped, 1 failed; 1 message sent. Not all arrived" in posted.out
        retried = await home.run("deliveries", "retry")
        assert retried.status == 0
        assert "reached only some of its recipients" in retried.out
        assert "Nothing was sent, and nothing is left to send" in retried.out
        assert len(mail.mails) == 2, "one each"
    assert "1 partly sent" in (await home.run("deliveries", "--failed")).out


@pytest.mark.parametrize(
    ("doubts", "told"),
    [
        (1, "sent again in doubt once; may be there twice"),
        (2, "sent again in doubt 2 times; may be there 3 times"),
    ],
)
async def test_a_part_in_doubt_is_counted(
    home: Home, receiver: Receiver, doubts: int, told: str
) -> None:
    receiver.faults.script([Fault(FaultKind.STATUS, status=502, accepted=True)] * doubts)
    assert (await home.run(*POST)).status == 0
    ended = await home.run("deliveries")
    assert told in ended.out
    assert len(receiver.messages) == doubts + 1


async def test_a_part_in_doubt_that_is_left_alone_is_counted(
    home: Home, receiver: Receiver
) -> None:
    home.env["IN_DOUBT"] = "skip"
    receiver.faults.script([Fault(FaultKind.STATUS, status=502, accepted=True)])
    await home.run(*POST)
    assert "(in doubt once)" in (await home.run("deliveries")).out


async def test_a_report_that_could_not_be_computed_has_no_parts(
    home: Home, receiver: Receiver
) -> None:
    (home.folder / "wolves.db").unlink()
    assert (await home.run(*POST)).status == 1
    ended = await home.run("deliveries", "--failed")
    (line,) = [line for line in ended.out.splitlines() if line.startswith("wolves")]
    assert re.split(r" {2,}", line)[4:6] == ["-", "not computed"]
    assert "wolves.db" in line
    assert "In all: 1 not computed." in ended.out


async def test_a_night_without_data_has_no_parts(home: Home, receiver: Receiver) -> None:
    assert (await home.run("post", "daily", "--now", "2025-03-01T00:00:30Z")).status == 0
    ended = await home.run("deliveries")
    (line,) = [line for line in ended.out.splitlines() if line.startswith("wolves")]
    assert re.split(r" {2,}", line)[4:6] == ["-", "no data"]
    assert "In all: 1 no data." in ended.out
    assert "empty" not in ended.out
