"""A ledger that can be opened and read, and no longer written, is told so."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bot.delivery.ledger import Ledger
from bot.delivery.state.errors import LedgerLockedError
from tests.access import open_to_all
from tests.servers import writable_engine

if TYPE_CHECKING:
    from pathlib import Path

PROBE = """
import os, resource, signal, sys
from pathlib import Path
from bot.delivery.ledger import Ledger
from bot.errors import BotError

def read_only():
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        file.chmod(0o400)

def full():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (32_768, 32_768))

path = Path(sys.argv[1]) / "state.db"
Ledger.open(f"sqlite:///{path}").close()
if os.getuid() == 0:
    for each in (path.parent, path):
        os.chown(each, 65534, 65534)
    os.setgroups([])
    os.setuid(65534)
ledger = Ledger.open(f"sqlite:///{path}")
{"read_only": read_only, "full": full}[sys.argv[2]]()
ledger.seen()
try:
    ledger.database.probe(1)
except BotError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("read_only", "attempt to write a readonly database; let the bot's user write there"),
        ("full", "disk"),
    ],
)
def test_what_an_open_connection_would_not_notice_is_noticed(
    tmp_path: Path, harm: str, told: str
) -> None:
    open_to_all(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path), harm], capture_output=True, text=True
    )
    assert done.stderr == ""
    assert told in done.stdout


def test_the_probe_leaves_no_trace_and_waits_for_no_reader(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/state.db"
    with Ledger.open(uri) as ledger:
        engine = writable_engine(uri)
        with engine.connect() as reader, reader.begin():
            assert reader.exec_driver_sql("SELECT count(*) FROM bgsbot_part").scalar() == 0
            ledger.database.probe(5)
        with engine.connect() as writer:
            writer.exec_driver_sql("BEGIN IMMEDIATE")
            with pytest.raises(LedgerLockedError):
                ledger.database.probe(0.1)
            writer.rollback()
        ledger.database.probe(5)
        assert ledger.broken_webhooks() == []
        assert ledger.connections_in_use == 0
