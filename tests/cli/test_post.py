"""``post``: what arrives, what is said, and what the exit status means."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.faults import Fault, FaultKind
from tests.cli.commands import (
    LAST_DAY,
    NOW,
    Home,
    finish,
    tenant,
    until,
    url,
    write_database,
)

if TYPE_CHECKING:
    from bot.sandbox.receiver import Receiver

POST = ("post", "daily", "--now", NOW)


def fields(line: str) -> list[str]:
    """Return the cells of a line of a plain table."""
    return re.split(r"\s{2,}", line.strip())


def told(out: str, name: str) -> list[str]:
    """Return the cells of the table's line that begins with a name."""
    return next(fields(line) for line in out.splitlines() if line.startswith(name + " "))


async def test_a_report_arrives_once_and_the_second_call_says_so(
    home: Home, receiver: Receiver
) -> None:
    first = await home.run(*POST)
    assert first.status == 0
    assert told(first.out, "wolves")[1:3] == ["daily", LAST_DAY]
    assert "sent" in told(first.out, "wolves")
    assert "1 message sent" in first.out
    second = await home.run(*POST)
    assert second.status == 0
    assert "Nothing was sent, and nothing is left to send" in second.out
    assert "already sent" in second.out
    (message,) = receiver.messages
    assert "Ada" in str(message.payload)


async def test_each_report_and_each_window_is_its_own_post(home: Home, receiver: Receiver) -> None:
    for report, period in [("daily", "ld"), ("spacecz", "ld"), ("groundcz", "ld"), ("daily", "cw")]:
        ended = await home.run("post", report, "--period", period, "--now", NOW)
        assert ended.status == 0
    assert len(receiver.messages) == 4


async def test_force_posts_again(home: Home, receiver: Receiver) -> None:
    await home.run(*POST)
    assert (await home.run(*POST, "--force")).status == 0
    assert len(receiver.messages) == 2


async def test_a_dry_run_sends_nothing_and_says_what_it_would(
    home: Home, receiver: Receiver
) -> None:
    ended = await home.run(*POST, "--dry-run")
    assert ended.status == 0
    assert "would send 1 message" in ended.out
    assert receiver.arrivals == []
    await home.run(*POST)
    assert "already sent" in (await home.run(*POST, "--dry-run")).out


async def test_dry_run_and_force_exclude_each_other(home: Home) -> None:
    ended = await home.run(*POST, "--dry-run", "--force")
    assert (ended.status, ended.out) == (2, "")


async def test_a_day_without_data_is_skipped_and_told(home: Home, receiver: Receiver) -> None:
    ended = await home.run("post", "daily", "--now", "2024-01-01")
    assert ended.status == 0
    assert "no data" in ended.out
    assert receiver.arrivals == []


async def test_one_tenant_can_be_chosen(home: Home, receiver: Receiver) -> None:
    write_database(home.folder / "owls.db", cmdr="Brann")
    home.tenants(tenant("Wolves", url(receiver)), tenant("Owls", url(receiver)))
    ended = await home.run(*POST, "--tenant", "owls")
    assert ended.status == 0
    assert ["Brann" in str(message.payload) for message in receiver.messages] == [True]


async def test_trouble_of_one_tenant_leaves_the_others_alone(
    home: Home, receiver: Receiver
) -> None:
    home.tenants(
        tenant("Gone", url(receiver)),
        tenant("Broken", url(receiver)) | {"guild_ids": "seven"},
        tenant("Wolves", url(receiver)),
    )
    ended = await home.run(*POST)
    assert ended.status == 1
    assert len(receiver.messages) == 1
    assert "gone.db" in " ".join(told(ended.out, "gone"))
    assert "guild_ids" in " ".join(told(ended.out, "Broken"))
    assert "sent" in told(ended.out, "wolves")
    assert "Traceback" not in ended.err


async def test_a_refused_host_fails_its_route_and_no_other(home: Home, receiver: Receiver) -> None:
    refused = "https://evil.example/api/webhooks/1/a-token-nobody-sees"
    home.tenants(tenant("Wolves", [refused, url(receiver)]))
    ended = await home.run(*POST)
    assert ended.status == 1
    assert len(receiver.messages) == 1
    assert "refused" in ended.out
    assert "a-token-nobody-sees" not in ended.out + ended.err


async def test_a_misspelt_setting_is_told_as_a_warning(home: Home) -> None:
    home.env["WEBHOOK_HOST"] = "127.0.0.1"
    ended = await home.run(*POST)
    assert "Warning: WEBHOOK_HOST in the environment is no setting" in ended.err


@pytest.mark.parametrize("webhooks", ["5", [5], {"shoutout": 5}])
async def test_webhooks_of_a_wrong_kind_are_a_failure_and_the_other_tenants_get_theirs(
    home: Home, receiver: Receiver, webhooks: object
) -> None:
    home.tenants(tenant("Wolves") | {"discord_webhooks": webhooks}, tenant("Owls", url(receiver)))
    write_database(home.folder / "owls.db")
    ended = await home.run(*POST)
    assert ended.status == 1
    assert len(receiver.messages) == 1
    assert "in the tenant file: discord_webhooks" in ended.out


async def test_a_fault_of_another_tenant_is_none_of_the_chosen_one(
    home: Home, receiver: Receiver
) -> None:
    home.tenants(tenant("Broken") | {"db_uri": 7}, tenant("Wolves", url(receiver)))
    assert (await home.run(*POST, "--tenant", "wolves")).status == 0


async def test_a_tenant_without_webhook_is_skipped_and_told(home: Home) -> None:
    ended = await home.run(*POST)
    assert ended.status == 0
    assert "no usable webhook" in ended.out


async def test_a_tenant_switched_off_is_left_alone(home: Home, receiver: Receiver) -> None:
    home.tenants(tenant("Wolves", url(receiver), enabled=False))
    ended = await home.run(*POST, "--tenant", "wolves")
    assert ended.status == 0
    assert "switched off" in ended.out
    assert "Nothing to post" in (await home.run(*POST)).out
    assert receiver.arrivals == []


async def test_a_webhook_that_is_gone_is_told_and_leaves_status_1(
    home: Home, receiver: Receiver
) -> None:
    home.tenants(tenant("Wolves", f"{receiver.address}/api/webhooks/77/gone-for-good-token"))
    ended = await home.run(*POST)
    assert ended.status == 1
    assert "failed" in told(ended.out, "wolves")
    assert "404" in ended.out
    assert "gone-for-good-token" not in ended.out + ended.err
    log = (home.folder / "logs" / "tick_scheduler.log").read_text(encoding="utf-8")
    assert "404" in log
    assert "gone-for-good-token" not in log


async def test_a_stumbling_receiver_gets_each_message_in_the_end(
    home: Home, receiver: Receiver
) -> None:
    receiver.faults.script(
        [Fault(FaultKind.RATE_LIMIT, seconds=0.1), Fault(FaultKind.STATUS, status=503)]
    )
    ended = await home.run(*POST)
    assert ended.status == 0
    assert len(receiver.messages) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_signal_finishes_the_message_and_tells_what_is_left(
    home: Home, receiver: Receiver, number: signal.Signals
) -> None:
    home.tenants(tenant("Wolves", [url(receiver), url(receiver)]))
    receiver.faults.script([Fault(FaultKind.LATENCY, seconds=2.0)] * 2)
    process = await home.start(*POST)
    await until(lambda: receiver.arrivals)
    process.send_signal(number)
    ended = await finish(process)
    assert "Stopping" in ended.err
    assert "Traceback" not in ended.err
    left = len(receiver.messages) < 2
    assert ended.status == int(left)
    again = await home.run(*POST)
    assert again.status == 0
    assert len(receiver.messages) == 2


async def test_names_in_the_summary_cannot_steer_the_terminal(
    home: Home, receiver: Receiver
) -> None:
    home.tenants(tenant("Wolves", url(receiver)) | {"name": "W\x1b[31m\x07", "db_uri": 7})
    ended = await home.run(*POST)
    assert not {"\x1b", "\x07"} & set(ended.out + ended.err)


async def test_a_log_folder_that_cannot_be_written_is_one_sentence(home: Home) -> None:
    (home.folder / "logs").write_text("a file where a folder should be")
    ended = await home.run(*POST)
    assert (ended.status, ended.out) == (1, "")
    assert "LOG_DIR" in ended.err
    assert "Traceback" not in ended.err


async def test_a_ledger_that_cannot_be_opened_is_one_sentence(home: Home) -> None:
    (home.folder / "data").write_text("a file where a folder should be")
    ended = await home.run(*POST)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("Error: ")
    assert "Traceback" not in ended.err
