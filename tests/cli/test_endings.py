"""How runs end: terminals, unforeseen errors, secrets."""

from __future__ import annotations

import asyncio
import os
import pty
import sys
from typing import TYPE_CHECKING

from tests.cli.commands import NOW, Home, tenant, url, write_database

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.receiver import Receiver

BROKEN_REPORT = """
from bot.reports import registry


def fail(source):
    raise LookupError("/api/webhooks/12/a-token-nobody-sees")


registry.register(registry.Report("broken", "Broken", fail))
"""


def drain(descriptor: int) -> str:
    """Return what a terminal showed until its last program ended."""
    shown = b""
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:
            return shown.decode()
        if not piece:
            return shown.decode()
        shown += piece


async def in_terminal(home: Home, *args: str) -> str:
    """Run a command in a terminal and return what was shown there."""
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *args),
        cwd=home.folder,
        env={**home.environment(), "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = await asyncio.to_thread(drain, ours)
    os.close(ours)
    await process.wait()
    return shown


async def test_many_tenants_get_a_progress_bar_in_a_terminal(
    home: Home, receiver: Receiver
) -> None:
    write_database(home.folder / "owls.db")
    home.tenants(tenant("Wolves", url(receiver)), tenant("Owls", url(receiver)))
    shown = await in_terminal(home, "post", "daily", "--now", NOW)
    assert "Posting" in shown
    assert "2/2" in shown
    assert "2 sent, 0 skipped, 0 failed" in shown


async def test_one_tenant_gets_none(home: Home, receiver: Receiver) -> None:
    shown = await in_terminal(home, "post", "daily", "--now", NOW)
    assert "Posting" not in shown
    assert "1 sent" in shown


async def test_an_unforeseen_error_is_a_sentence_and_its_traceback_is_in_the_log(
    home: Home, tmp_path: Path
) -> None:
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "sitecustomize.py").write_text(BROKEN_REPORT)
    home.env["PYTHONPATH"] = str(extra)
    ended = await home.run("report", "broken", "--now", NOW)
    assert (ended.status, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1
    assert "tick_scheduler.log" in ended.err
    log = (home.folder / "logs" / "tick_scheduler.log").read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "LookupError" in log
    assert "a-token-nobody-sees" not in ended.err + log


async def test_an_unforeseen_error_without_a_log_is_a_sentence_too(
    home: Home, tmp_path: Path
) -> None:
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "sitecustomize.py").write_text(BROKEN_REPORT)
    home.env |= {"PYTHONPATH": str(extra), "LOG_DIR": str(extra / "sitecustomize.py")}
    ended = await home.run("report", "broken", "--now", NOW)
    assert (ended.status, ended.out) == (1, "")
    assert len(ended.err.splitlines()) == 1
    assert "LookupError" in ended.err


async def test_no_secret_is_ever_shown(home: Home, receiver: Receiver) -> None:
    home.env["DISCORD_TOKEN"] = "bot-token-nobody-sees"
    home.tenants(
        tenant("Wolves", f"{receiver.address}/api/webhooks/12/webhook-token-nobody-sees")
        | {"db_uri": "postgresql://bgs:password-nobody-sees@127.0.0.1:9/bgs"}
    )
    for command in [
        ("check", "--webhooks"),
        ("post", "daily", "--now", NOW),
        ("report", "daily"),
        ("preview", "daily"),
        ("index", "--yes"),
    ]:
        ended = await home.run(*command)
        assert ended.status == 1
        assert "nobody" not in ended.out + ended.err
    assert "nobody" not in (home.folder / "logs" / "tick_scheduler.log").read_text()
