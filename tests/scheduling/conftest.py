"""A real Flask app in a folder of its own, with tenants and a receiver."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from bot.backend import schema
from bot.scheduling import stop_scheduler
from tests.integration.night import ReceiverProcess

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Backend:
    """The backend as an admin has it: an app, its folder, its tenants."""

    app: Flask
    db: SQLAlchemy
    folder: Path
    receiver: ReceiverProcess
    tenants: list[dict[str, Any]] = field(default_factory=list)

    def add_tenant(self, name: str, **changes: Any) -> dict[str, Any]:
        """Add a tenant with data of the last three days and write the tenant file."""
        database = self.folder / f"{name}.db"
        fill(database)
        tenant = {
            "name": name,
            "api_key": f"key-{name}",
            "api_version": "1.6.0",
            "db_uri": f"sqlite:///{database.name}",
            "discord_webhooks": {"shoutout": self.receiver.webhook()},
            "faction_name": "Wolves",
            **changes,
        }
        self.tenants.append(tenant)
        (self.folder / "tenant.json").write_text(json.dumps(self.tenants))
        return tenant

    def arrived(self) -> list[str]:
        """Return the messages that arrived, as text."""
        return list(self.receiver.texts().elements())


_DEEDS: tuple[tuple[str, sa.Table, dict[str, object]], ...] = (
    ("SyntheticCZ", schema.synthetic_cz, {"cz_type": "low"}),
    ("SyntheticGroundCZ", schema.synthetic_ground_cz, {"cz_type": "high"}),
    ("RedeemVoucher", schema.redeem_voucher_event, {"type": "bounty", "amount": 5}),
)


def fill(database: Path) -> None:
    """Write one space CZ, one ground CZ and one bounty voucher for each of three days."""
    engine = sa.create_engine(f"sqlite:///{database}")
    schema.metadata.create_all(engine)
    now = datetime.now(UTC)
    with engine.begin() as connection:
        for days in range(4):
            moment = (now - timedelta(days=days)).replace(hour=0, minute=0, second=0)
            for offset, (name, table, values) in enumerate(_DEEDS):
                identity = days * 3 + offset + 1
                connection.execute(
                    schema.event.insert().values(
                        id=identity,
                        event=name,
                        timestamp=moment.strftime("%Y-%m-%dT00:00:01Z"),
                        tickid="zoy-1",
                        ticktime="",
                        cmdr=f"Ada of day {days}",
                        starsystem="Kamadhenu",
                    )
                )
                connection.execute(table.insert().values(event_id=identity, **values))
    engine.dispose()


@pytest.fixture(scope="session")
def receiver_process() -> Iterator[ReceiverProcess]:
    process = ReceiverProcess("--no-limits")
    yield process
    process.close()


@pytest.fixture
def backend(
    tmp_path: Path, receiver_process: ReceiverProcess, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Backend]:
    monkeypatch.setenv("WEBHOOK_HOSTS", receiver_process.address.removeprefix("http://"))
    receiver_process.forget()
    app = Flask("backend", root_path=str(tmp_path))
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = SQLAlchemy(app)
    yield Backend(app, db, tmp_path, receiver_process)
    stop_scheduler()
    with app.app_context():
        db.engine.dispose()
    assert not [t for t in threading.enumerate() if t.name == "bgs-bot"], "a loop was left behind"
