"""Squadrons, a receiver and a ledger, put together as the real runs do it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from bot.backend import schema
from bot.delivery.errands import Policy
from bot.delivery.messenger import Messenger
from bot.periods import Period
from bot.runtime import open_runtime
from bot.sandbox.switches import BOT_TOKEN
from bot.settings import load_settings
from bot.tenants import TenantRegistry
from tests.servers import writable_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from bot.delivery.ledger import Ledger, Part
    from bot.delivery.postings import Posting
    from bot.delivery.publisher import Publisher
    from bot.runtime import Runtime
    from bot.sandbox.receiver import Receiver
    from bot.tenants import Tenant

DAY = date(2025, 9, 11)
NIGHT = datetime(2025, 9, 12, 0, 0, 10, tzinfo=UTC)
"""A moment just after `DAY`."""


class MovingClock:
    """Real time, which a test may push forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, **spans: float) -> None:
        """Move on, by the arguments of a timedelta."""
        self._ahead += timedelta(**spans)


@dataclass
class Desk:
    """One process's view: everything open."""

    runtime: Runtime
    ledger: Ledger
    publisher: Publisher
    registry: TenantRegistry

    def tenant(self, name: str = "wolves") -> Tenant:
        """Return a tenant of the file."""
        return self.registry.get(name)

    async def post(
        self,
        report: str = "spacecz",
        name: str = "wolves",
        *,
        period: Period = Period.YESTERDAY,
        now: datetime = NIGHT,
        request: str | None = None,
    ) -> list[Posting]:
        """Post one report of one tenant."""
        return await self.publisher.publish(self.tenant(name), report, period, now, request=request)

    def parts(self) -> list[Part]:
        """Return all parts of the ledger, oldest first."""
        return self.ledger.history(limit=None)[::-1]

    def states(self) -> list[str]:
        """Return the states of all parts, oldest first."""
        return [part.state.value for part in self.parts()]


@dataclass
class Office:
    """A folder with a tenant file, beside a receiver and a state database."""

    folder: Path
    receiver: Receiver
    state_uri: str
    entries: list[dict[str, Any]] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    clock: MovingClock = field(default_factory=MovingClock)

    def add(self, name: str = "wolves", webhook: object = None, **changes: Any) -> dict[str, Any]:
        """Add a tenant whose space CZ report of `DAY` takes several messages."""
        database = self.folder / f"{name}.db"
        if not database.exists():
            write_zones(database, {DAY: 14})
        entry = {
            "name": name,
            "api_key": f"key-of-{name}",
            "db_uri": f"sqlite:///{database}",
            "discord_webhooks": {"shoutout": webhook or self.webhook()},
            "reports": {"spacecz": {"style": "classic"}},
            **changes,
        }
        self.entries.append(entry)
        self.save()
        return entry

    def save(self) -> None:
        """Write the tenant file."""
        (self.folder / "tenant.json").write_text(json.dumps(self.entries))

    def webhook(self, kind: str = "text", **facts: Any) -> str:
        """Make a webhook in a channel of its own and return its address."""
        channel = self.receiver.world.add_channel(kind, **facts)
        return self.receiver.url_of(self.receiver.world.add_webhook(channel))

    def arrived(self, webhook: str | None = None) -> list[str]:
        """Return the words of all messages in the order they came, of one webhook or of all."""
        return [
            words(message.payload)
            for message in self.receiver.messages
            if webhook is None or f"/{message.webhook_id}/" in webhook
        ]

    @contextlib.asynccontextmanager
    async def open(
        self,
        *,
        token: bool = False,
        api_base: str | None = None,
        lease: float = 30.0,
        patience: float = 0.0,
        retry_hours: float = 6.0,
        catch_up_hours: float = 36.0,
        in_doubt: Literal["resend", "skip"] = "resend",
        late: float = 0.3,
        messenger: Messenger | None = None,
    ) -> AsyncIterator[Desk]:
        """Open what a process has; several may be open at a time."""
        hosts = [self.receiver.address, *self.hosts]
        env = {
            "WEBHOOK_HOSTS": ",".join(host.partition("://")[2] for host in hosts),
            "STATE_DB_URI": self.state_uri,
            "LEASE_SECONDS": str(lease),
            "RETRY_HOURS": str(retry_hours),
            "CATCH_UP_HOURS": str(catch_up_hours),
            "DISCORD_API_BASE": api_base or self.receiver.api_base,
            **({"DISCORD_TOKEN": BOT_TOKEN} if token else {}),
        }
        settings = load_settings(base_dir=self.folder, env=env)
        registry = TenantRegistry.load(settings.tenant_file, webhook_hosts=settings.webhook_hosts)
        policy = Policy(lease, retry_hours, catch_up_hours, in_doubt, patience, late)
        messenger = messenger or Messenger(gap=0)
        async with open_runtime(
            settings, registry, clock=self.clock, policy=policy, messenger=messenger
        ) as runtime:
            yield Desk(runtime, runtime.ledger, runtime.publisher, registry)


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Let the loop run until a condition holds; fail if it does not come to hold."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # what is waited for knows no events
            await asyncio.sleep(0.005)


def each_once(texts: list[str], parts: int = 3) -> bool:
    """Whether a night's messages are all there, each once, in order."""
    return len(texts) == parts == len(set(texts)) and texts == sorted(texts, key=_part_number)


def _part_number(text: str) -> int:
    return int(text.partition("Part ")[2].partition(" ")[0])


def words(payload: Mapping[str, Any]) -> str:
    """Return what a payload says, for comparing."""
    return json.dumps([payload.get("content"), payload.get("embeds")], sort_keys=True)


def write_zones(database: Path, days: Mapping[date, int], *, prefix: str = "Sector") -> None:
    """Write a space CZ for each of some systems on some days, and one bounty voucher a day."""
    engine = writable_engine(f"sqlite:///{database}")
    schema.metadata.create_all(engine)
    with engine.begin() as connection:
        for day, systems in days.items():
            for index in range(systems):
                _event(connection, "SyntheticCZ", day, f"{prefix} {index:03}")
                zone = {"event_id": _last(connection), "cz_type": "low"}
                connection.execute(schema.synthetic_cz.insert().values(zone))
            _event(connection, "RedeemVoucher", day, "Sol")
            voucher = {"event_id": _last(connection), "type": "bounty", "amount": 5_000}
            connection.execute(schema.redeem_voucher_event.insert().values(voucher))
    engine.dispose()


def _event(connection: sa.Connection, kind: str, day: date, system: str) -> None:
    connection.execute(
        schema.event.insert().values(
            event=kind,
            timestamp=f"{day}T18:30:00Z",
            tickid=f"zoy-{day:%Y%m%d}",
            ticktime=f"{day}T15:00:00Z",
            cmdr="Ada",
            starsystem=system,
            raw_json="{'low': 1}",
        )
    )


def _last(connection: sa.Connection) -> int:
    found: int = connection.execute(sa.select(sa.func.max(schema.event.c.id))).scalar_one()
    return found
