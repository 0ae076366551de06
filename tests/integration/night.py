"""A tenant whose night makes several messages, and a receiver to count them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FIRST_DAY = date(2025, 9, 1)
DAYS = 40
SYSTEMS_A_DAY = 14
BOT_TOKEN = "a-token-for-looking"


class ReceiverProcess:
    """The sandbox's receiver in a process of its own, an independent witness."""

    def __init__(self, *options: str, module: str = "bot.sandbox.receiver") -> None:
        command = [sys.executable, "-m", module, "--bot-token", BOT_TOKEN]
        self._process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, text=True, env=os.environ | _UTF8
        )
        self._forgotten = 0
        self.address = self.read_address()

    def read_address(self) -> str:
        """Return the next address that the process prints."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return next(word for word in line.split() if "://" in word)

    def close(self) -> None:
        """End the process."""
        self._process.terminate()
        self._process.wait(10)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def webhook(self) -> str:
        """Make a webhook in a channel of its own and return its address."""
        made = self._ask("/_/webhooks", {})
        url: str = made["url"]
        return url

    def faults(self, **plan: Any) -> None:
        """Change what goes wrong from now on."""
        self._ask("/_/faults", {"clear": True, **plan})

    def texts(self) -> Counter[str]:
        """Return how often each message arrived since `forget`, by its words."""
        messages = self._ask("/_/messages")[self._forgotten :]
        return Counter(words(message["payload"]) for message in messages)

    def forget(self) -> None:
        """Count anew from here, with nothing going wrong."""
        self.faults()
        self._forgotten = len(self._ask("/_/messages"))

    def requests(self) -> int:
        """Return how many requests to send have come in, whatever became of them."""
        return len(self._ask("/_/arrivals"))

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.address + path, data, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            content = answer.read()
        return json.loads(content) if content else None


_UTF8 = {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}


def words(payload: dict[str, Any]) -> str:
    """Return what a payload says, for comparing."""
    return json.dumps([payload.get("content"), payload.get("embeds")], sort_keys=True)


@dataclass(frozen=True)
class Squadron:
    """A tenant file with its database, state and settings, in one folder."""

    folder: Path
    env: dict[str, str]

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that runs the bot with arguments."""
        return [sys.executable, "-m", "bot", *arguments]

    def run(self, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            self.command(*arguments),
            env=self.env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command and do not wait for it."""
        return subprocess.Popen(
            self.command(*arguments),
            env=self.env,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def expected(self, report: str, now: str) -> Counter[str]:
        """Return the messages of a night, each once."""
        done = self.run("preview", report, "--now", now, "--json")
        assert done.returncode == 0, done.stderr
        return Counter(words(payload) for payload in json.loads(done.stdout))


def make_squadron(
    folder: Path, receiver: ReceiverProcess, settings: dict[str, str], *, tenants: int = 2
) -> Squadron:
    """Write tenants whose space CZ reports take several classic messages a night."""
    entries = []
    for number in range(tenants):
        database = folder / f"tenant{number}.db"
        _fill(database, number)
        entries.append(
            {
                "name": f"Squadron {number}",
                "api_key": f"key-of-{number}",
                "db_uri": f"sqlite:///{database}",
                "discord_webhooks": {"shoutout": receiver.webhook()},
                "reports": {"spacecz": {"style": "classic"}},
                "faction_name": "",
            }
        )
    (folder / "tenant.json").write_text(json.dumps(entries))
    env = {key: value for key, value in os.environ.items() if not key.startswith("BGS_")}
    env |= _UTF8 | {
        "TENANT_FILE": str(folder / "tenant.json"),
        "DATA_DIR": str(folder / "data"),
        "LOG_DIR": str(folder / "logs"),
        "WEBHOOK_HOSTS": receiver.address.removeprefix("http://"),
        "DISCORD_API_BASE": f"{receiver.address}/api/v10",
        **settings,
    }
    return Squadron(folder, env)


def nights() -> Iterator[str]:
    """Yield a moment after each midnight that has something to report."""
    for index in range(DAYS):
        yield f"{FIRST_DAY + timedelta(days=index + 1)}T00:00:10Z"


def _fill(database: Path, number: int) -> None:
    engine = sa.create_engine(f"sqlite:///{database}")
    tables = [
        schema.event,
        schema.synthetic_cz,
        schema.synthetic_ground_cz,
        schema.redeem_voucher_event,
    ]
    schema.metadata.create_all(engine, tables=tables)
    events: list[dict[str, Any]] = []
    zones: list[dict[str, Any]] = []
    vouchers: list[dict[str, Any]] = []
    for day in range(DAYS):
        for index in range(SYSTEMS_A_DAY):
            identity = len(events) + 1
            events.append(
                {
                    "id": identity,
                    "event": "SyntheticCZ",
                    "timestamp": f"{FIRST_DAY + timedelta(days=day)}T{index % 24:02}:30:00Z",
                    "tickid": "zoy-0",
                    "ticktime": "",
                    "cmdr": f"CMDR {index % 5} of squadron {number}",
                    "starsystem": f"Col 285 Sector {index:03}",
                    "raw_json": "{'low': 1}",
                }
            )
            zones.append({"event_id": identity, "cz_type": "low"})
        events.append({**events[-1], "id": len(events) + 1, "event": "RedeemVoucher"})
        vouchers.append({"event_id": len(events), "type": "bounty", "amount": 1000 + day})
    with engine.begin() as connection:
        connection.execute(schema.event.insert(), events)
        connection.execute(schema.synthetic_cz.insert(), zones)
        connection.execute(schema.redeem_voucher_event.insert(), vouchers)
    engine.dispose()


def wait_until(seconds: float) -> None:
    """Let a process run for a while before it is killed."""
    time.sleep(seconds)


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until a condition holds; fail if it does not come to hold."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this did not come to hold in time"
        time.sleep(0.05)
