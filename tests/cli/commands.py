"""A folder to run the real command in, and what came of it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from bot.backend import schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.sandbox.receiver import Receiver
    from bot.sandbox.world import Hook

NOW = "2025-09-12T00:00:30Z"
LAST_DAY = "2025-09-11"
_WARNINGS = (
    "error"
    ",ignore:'audioop' is deprecated:DeprecationWarning"  # discord.py's, on 3.11
    ",ignore:'imghdr' is deprecated:DeprecationWarning"  # Apprise's
)
DEAD_WEBHOOK = "http://127.0.0.1:9/api/webhooks/4/dead-token-of-the-test"


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return stdout as JSON; anything else on it fails the test."""
        return json.loads(self.out)


@dataclass
class Home:
    """A working directory with settings of its own."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Return the environment of a run: the tests' own and ours."""
        kept = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TMPDIR", "VIRTUAL_ENV")
        own = {name: os.environ[name] for name in kept if name in os.environ}
        return {**own, "PYTHONWARNINGS": _WARNINGS, "COLUMNS": "200", **self.env}

    async def start(self, *args: str) -> asyncio.subprocess.Process:
        """Start ``python -m bot`` and return at once."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *args),
            cwd=self.folder,
            env=self.environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *args: str, stdin: str = "") -> Finished:
        """Run ``python -m bot`` to its end."""
        return await finish(await self.start(*args), stdin)

    def tenants(self, *entries: dict[str, Any]) -> None:
        """Write the tenant file."""
        path = self.folder / "tenant.json"
        path.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")

    def trust(self, receiver: Receiver) -> None:
        """Let webhooks point to a receiver."""
        self.env["WEBHOOK_HOSTS"] = receiver.address.partition("://")[2]


async def until(happened: Callable[[], object]) -> None:
    """Wait until something is true; looks often."""
    async with asyncio.timeout(60):
        while not happened():  # noqa: ASYNC110  # it happens in another process
            await asyncio.sleep(0.02)


async def finish(process: asyncio.subprocess.Process, stdin: str = "") -> Finished:
    """Wait for a process and return how it ended."""
    out, err = await asyncio.wait_for(process.communicate(stdin.encode()), 120)
    assert process.returncode is not None
    return Finished(process.returncode, out.decode(), err.decode())


def tenant(name: str, webhook: object = None, **changes: Any) -> dict[str, Any]:
    """Return an entry of the tenant file, with a database named after the tenant."""
    return {
        "name": name,
        "api_key": "an-api-key-nobody-sees",
        "api_version": "1.6.0",
        "db_uri": f"sqlite:///{name.lower()}.db",
        "discord_webhooks": {"shoutout": webhook},
        "faction_name": "Wolf Pack",
        **changes,
    }


def url(receiver: Receiver, hook: Hook | None = None) -> str:
    """Return the address of a webhook, of a new one if none is given."""
    return receiver.url_of(hook or receiver.world.add_webhook())


def write_database(path: Path, *, cmdr: str = "Ada", day: str = LAST_DAY) -> None:
    """Write a tenant's database in which one CMDR did a bit of everything in a day."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    schema.metadata.create_all(engine)
    happenings: list[tuple[str, str, dict[str, Any], str | None]] = [
        ("RedeemVoucher", "redeem_voucher_event", {"amount": 5_000_000, "type": "bounty"}, None),
        ("RedeemVoucher", "redeem_voucher_event", {"amount": 40, "type": "CombatBond"}, None),
        ("MarketSell", "market_sell_event", {"value": 1_234_567, "count": 890}, None),
        ("SyntheticCZ", "synthetic_cz", {"cz_type": "high"}, "{'high': 1}"),
        (
            "SyntheticGroundCZ",
            "synthetic_ground_cz",
            {"cz_type": "low", "settlement": "Grant Base"},
            '{"low": 1}',
        ),
    ]
    with engine.begin() as connection:
        for number, (kind, table, values, raw) in enumerate(happenings, 1):
            connection.execute(
                schema.metadata.tables["event"].insert(),
                {
                    "id": number,
                    "event": kind,
                    "timestamp": f"{day}T18:0{number}:00Z",
                    "tickid": "zoy-00000000000000000001",
                    "ticktime": f"{day}T15:04:00Z",
                    "cmdr": cmdr,
                    "starsystem": "Sol",
                    "raw_json": raw,
                },
            )
            row = {"id": number, "event_id": number, **values}
            connection.execute(schema.metadata.tables[table].insert(), row)
