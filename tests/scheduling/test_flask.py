"""The drop-in inside a real Flask app, with the backend's own lines."""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from bot.delivery.ledger import Ledger, PartState
from bot.scheduling import (
    format_discord_summary,
    get_discord_webhook,
    get_engine_for_tenant,
    get_tenants,
    send_syntheticcz_summary_to_discord,
    send_syntheticgroundcz_summary_to_discord,
    start_scheduler,
)
from bot.scheduling.nights import due_posts
from tests.added import KEY, added
from tests.integration.night import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from bot.delivery.ledger import Part
    from tests.scheduling.conftest import Backend


def test_the_scheduler_has_the_three_nightly_jobs_in_utc(backend: Backend) -> None:
    backend.add_tenant("wolves")
    scheduler = start_scheduler(backend.app, backend.db)
    assert isinstance(scheduler, BackgroundScheduler)
    times = {
        job.id: job.next_run_time.strftime("%H:%M:%S %Z")
        for job in scheduler.get_jobs()
        if job.id.startswith("nightly-")
    }
    assert times == {
        "nightly-daily": "00:00:00 UTC",
        "nightly-spacecz": "00:01:00 UTC",
        "nightly-groundcz": "00:02:00 UTC",
    }


def test_an_added_report_has_its_own_job_a_minute_later(backend: Backend) -> None:
    backend.add_tenant("wolves")
    with added():
        scheduler = start_scheduler(backend.app, backend.db)
        assert f"{scheduler.get_job(f'nightly-{KEY}').next_run_time:%H:%M:%S %Z}" == "00:03:00 UTC"


def test_a_second_start_returns_the_running_scheduler(backend: Backend) -> None:
    backend.add_tenant("wolves")
    assert start_scheduler(backend.app, backend.db) is start_scheduler(backend.app, backend.db)


def test_a_scheduler_that_was_shut_down_is_replaced(backend: Backend) -> None:
    backend.add_tenant("wolves")
    first = start_scheduler(backend.app, backend.db)
    first.shutdown()
    second = start_scheduler(backend.app, backend.db)
    assert second is not first
    assert second.running


def test_direct_calls_post_every_time_and_from_request_threads(backend: Backend) -> None:
    backend.add_tenant("wolves")
    tenant = backend.add_tenant("foxes")

    @backend.app.post("/daily")
    def daily() -> str:
        format_discord_summary(backend.app, backend.db)
        return "ok"

    @backend.app.post("/cz/<period>")
    def cz(period: str) -> str:
        send_syntheticcz_summary_to_discord(backend.app, backend.db, period, tenant=tenant)
        return "ok"

    def ask(path: str) -> None:
        assert backend.app.test_client().post(path).status_code == 200

    threads = [threading.Thread(target=ask, args=[path]) for path in ["/daily", "/daily", "/cz/lw"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    arrived = backend.arrived()
    assert sum("Bounty Vouchers" in text for text in arrived) == 4, "two tenants, twice"
    assert sum("Kamadhenu" in text for text in arrived) in (0, 1), "only the tenant that asked"


def test_a_direct_call_does_not_count_as_the_nightly_post(backend: Backend) -> None:
    backend.add_tenant("wolves")
    [direct] = send_syntheticcz_summary_to_discord(backend.app, backend.db, "ld", tenant="wolves")
    assert direct.status == "sent"
    state = backend.folder / "data" / "state.db"
    with Ledger.open(f"sqlite:///{state}") as ledger:
        [part] = ledger.history()
    assert part.key.occasion.startswith("request:")


def test_an_unknown_period_is_an_error_that_names_the_codes(backend: Backend) -> None:
    backend.add_tenant("wolves")
    for send in (send_syntheticcz_summary_to_discord, send_syntheticgroundcz_summary_to_discord):
        with pytest.raises(ValueError, match=r"unknown period 'fortnight'.*\bld\b.*\b2m\b"):
            send(backend.app, backend.db, "fortnight")


def test_trouble_with_one_tenant_is_logged_and_the_others_get_theirs(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.add_tenant("gone", db_uri="sqlite:///nowhere.db")
    backend.add_tenant("wolves")
    backend.add_tenant("muted", discord_webhooks={})
    with caplog.at_level(logging.INFO):
        format_discord_summary(backend.app, backend.db)
    assert len(backend.arrived()) == 1
    assert "nowhere.db" in caplog.text
    assert "muted" in caplog.text


def test_a_dict_that_is_not_in_the_file_is_taken_as_it_is(backend: Backend) -> None:
    known = backend.add_tenant("wolves")
    other = {**known, "name": "Guests", "reports": {"groundcz": {"style": "classic"}}}
    send_syntheticgroundcz_summary_to_discord(backend.app, backend.db, "all", tenant=other)
    [text] = backend.arrived()
    assert "Ground CZ Summary (All Time) - Guests" in text


def test_the_helpers_give_what_the_other_modules_expect(backend: Backend) -> None:
    url = backend.receiver.webhook()
    tenant = backend.add_tenant(
        "wolves",
        discord_webhooks={
            "shoutout": [{"url": url, "silent": True}, url],
            "conflict": url,
            "bgs": "...",
            "bullis": None,
        },
    )
    start_scheduler(backend.app, backend.db)
    assert get_tenants() == [tenant]
    assert get_discord_webhook(tenant) == url
    assert get_discord_webhook(tenant, "conflict") == url
    assert get_discord_webhook(tenant, "bgs") is None
    assert get_discord_webhook(tenant, "bullis") is None
    assert get_discord_webhook(tenant, "no such kind") is None
    engine = get_engine_for_tenant(tenant)
    assert engine is not None
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM event").scalar() == 12
    assert get_engine_for_tenant({"name": "without"}) is None


def test_a_tenant_that_is_switched_off_gets_nothing_however_it_is_named(backend: Backend) -> None:
    tenant = backend.add_tenant("wolves", enabled=False)
    for named in (None, "wolves", tenant):
        postings = format_discord_summary(backend.app, backend.db, named)
        assert [posting.status for posting in postings] in ([], ["skipped"])
    assert backend.arrived() == []


def test_an_unknown_tenant_is_logged_and_not_raised(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    backend.add_tenant("wolves")
    backend.add_tenant("faulty", db_uri=None)
    for name in ("nobody", "faulty"):
        assert format_discord_summary(backend.app, backend.db, name) == []
        assert name in caplog.text


def test_a_database_without_events_is_trouble_and_no_day_without_data(backend: Backend) -> None:
    backend.add_tenant("wolves", db_uri="sqlite:///empty.db")
    (backend.folder / "empty.db").touch()
    [posting] = format_discord_summary(backend.app, backend.db)
    assert posting.status == "failed"
    assert "no table event" in posting.reason


def test_helpers_find_the_tenant_file_beside_the_program_before_any_app(
    backend: Backend, tmp_path: Path
) -> None:
    tenant = backend.add_tenant("wolves")
    (backend.folder / "app.py").write_text(
        "from bot.scheduling import get_discord_webhook, get_tenants\n"
        "print(get_discord_webhook(get_tenants()[0]))\n"
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, str(backend.folder / "app.py")]
    done = subprocess.run(command, cwd=elsewhere, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == tenant["discord_webhooks"]["shoutout"]


def test_the_backends_engine_keeps_the_options_of_its_uri(backend: Backend) -> None:
    tenant = backend.add_tenant("wolves", db_uri="sqlite:///wolves.db?timeout=3")
    start_scheduler(backend.app, backend.db)
    engine = get_engine_for_tenant(tenant)
    assert engine is not None
    assert engine.url.query == {"timeout": "3"}
    assert engine.url.database == str(backend.folder / "wolves.db")


def test_nights_that_were_missed_are_posted_once_at_the_start(backend: Backend) -> None:
    backend.add_tenant("wolves")
    now = datetime.now(UTC)
    state = backend.folder / "data" / "state.db"
    with Ledger.open(f"sqlite:///{state}") as ledger:
        ledger.first_seen("wolves", now - timedelta(days=10))
    due = list(due_posts(now, since=now - timedelta(days=10), catch_up=timedelta(hours=36)))
    start_scheduler(backend.app, backend.db)

    def sent() -> list[Part]:
        with Ledger.open(f"sqlite:///{state}") as ledger:
            return [part for part in ledger.history() if part.state is PartState.SENT]

    wait_for(lambda: len(sent()) >= len(due))
    parts = sent()
    assert len(backend.arrived()) == len(parts)
    assert {part.key.occasion for part in parts} == {"nightly"}
    assert len({part.key for part in parts}) == len(parts)


def test_the_message_being_sent_at_exit_is_finished_and_written_down(backend: Backend) -> None:
    backend.add_tenant("wolves")
    backend.receiver.faults(script=[{"kind": "latency", "seconds": 1.5}])
    script = textwrap.dedent(
        """
        import threading, time
        from flask import Flask
        from bot.scheduling import format_discord_summary, start_scheduler

        app = Flask("backend", root_path=".")
        start_scheduler(app, None)
        threading.Thread(target=format_discord_summary, args=[app, None], daemon=True).start()
        time.sleep(1.0)
        """
    )
    subprocess.run([sys.executable, "-c", script], cwd=backend.folder, check=True, timeout=60)
    assert len(backend.arrived()) == 1
    state = backend.folder / "data" / "state.db"
    with Ledger.open(f"sqlite:///{state}") as ledger:
        assert [part.state.value for part in ledger.history()] == ["sent"]
