"""A state database that is gone or cannot be written makes a bot unready, and quiet."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from bot.delivery.state.errors import LedgerGoneError
from bot.scheduling.watch import NightWatch
from tests.delivery.office import NIGHT
from tests.health.test_readiness import EVENING, MORNING
from tests.servers import fresh_database, writable_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.delivery.office import Office
    from tests.health.asking import Clinic, Doctor


def removed(path: Path) -> None:
    """As ``rm data/state.db*`` does."""
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()


def replaced(path: Path) -> None:
    """As a backup that is put back does, with the same content."""
    copy = path.with_suffix(".copy")
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(copy)) as other:
        one.backup(other)
    copy.replace(path)


def overwritten(path: Path) -> None:
    """As a slip of ``dd`` does."""
    path.write_bytes(b"\x9f\x00garbage" * 4096)


def emptied(path: Path) -> None:
    """As ``> data/state.db`` does."""
    path.write_bytes(b"")


def take_away(path: Path) -> Callable[[], None]:
    """Move the file, and return what moves it back if no other one was made in its place."""
    away = path.rename(path.with_suffix(".away"))

    def back() -> None:
        assert not path.exists()
        away.rename(path)

    return back


@pytest.fixture
def path(office: Office, tmp_path: Path) -> Path:
    """The file of a ledger that may be broken."""
    path = tmp_path / "own" / "state.db"
    office.state_uri = f"sqlite:///{path}"
    return path


@pytest.fixture
def uri(office: Office, tmp_path: Path) -> Iterator[str]:
    """A ledger in PostgreSQL that may be broken."""
    with fresh_database("postgresql", tmp_path) as uri:
        office.state_uri = uri
        yield uri


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Write, as another process does, for the length of a block."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (removed, "the file was removed while it was open"),
        (replaced, "the file was replaced by another while it was open"),
        (overwritten, "the file was overwritten and is no database any more"),
        (emptied, "the file was overwritten and is no database any more"),
    ],
)
async def test_a_file_that_is_gone_is_told(
    office: Office, clinic: Clinic, path: Path, harm: Callable[[Path], None], told: str
) -> None:
    office.add()
    async with office.open() as desk:
        doctor = await clinic.open(desk.runtime)
        assert await doctor.failing() == set()
        harm(path)
        await failing(doctor, {"state_database", "nights"})
        detail = await state(doctor)
        assert detail.startswith(f"state database {path}: {told}; stop the bot")
        assert await doctor.alive() == 200


async def test_nothing_is_posted_while_the_file_is_another_and_all_when_it_is_back(
    office: Office, clinic: Clinic, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office.add()
    async with office.open() as desk:
        doctor = await clinic.open(desk.runtime, clock=lambda: EVENING)
        await NightWatch(desk.runtime, lambda: EVENING).sweep()
        back = take_away(path)
        with pytest.raises(LedgerGoneError, match="the file was removed while it was open"):
            await NightWatch(desk.runtime, lambda: MORNING).sweep()
        await desk.post()
        assert "spacecz failed" in caplog.text
        assert "the file was removed while it was open" in caplog.text
        assert office.receiver.messages == []
        back()
        await failing(doctor, set())
        await NightWatch(desk.runtime, lambda: MORNING).sweep()
        assert set(desk.states()) <= {"sent", "empty"}
        assert len(office.receiver.messages) > 0


async def test_a_moments_lock_is_waited_for_and_a_long_one_is_told(
    office: Office, clinic: Clinic, path: Path
) -> None:
    office.add()
    async with office.open() as desk:
        doctor = await clinic.open(desk.runtime, patience=20)
        with locked(path):
            asked = asyncio.create_task(doctor.failing())
            await asyncio.sleep(0.3)
            assert not asked.done()
        assert await asked == set()
        hasty = await clinic.open(desk.runtime, patience=0.2)
        with locked(path):
            assert await state(hasty) == "no answer within 0.2 s"
            assert await hasty.alive() == 200
        await failing(hasty, set())


async def test_the_probe_leaves_nothing_and_hinders_no_writer(
    office: Office, clinic: Clinic, path: Path
) -> None:
    office.add()
    async with office.open() as desk:
        database = desk.ledger.database
        probing = asyncio.gather(*(asyncio.to_thread(database.probe, 20) for _ in range(50)))
        await NightWatch(desk.runtime, lambda: NIGHT - timedelta(hours=2)).sweep()
        await NightWatch(desk.runtime, lambda: MORNING).sweep()
        await probing
        assert set(desk.states()) <= {"sent", "empty"}
        assert desk.ledger.broken_webhooks() == []
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_server_that_only_reads_is_told(office: Office, clinic: Clinic, uri: str) -> None:
    office.add()
    async with office.open() as desk:
        doctor = await clinic.open(desk.runtime)
        assert await doctor.failing() == set()
        set_read_only(uri, "on")
        await failing(doctor, {"state_database", "nights"})
        detail = await state(doctor)
        assert "read-only transaction; let the bot's user write there" in detail
        set_read_only(uri, "off")
        await failing(doctor, set())


async def test_any_table_that_is_gone_is_told(office: Office, clinic: Clinic, uri: str) -> None:
    office.add()
    async with office.open() as desk:
        doctor = await clinic.open(desk.runtime)
        assert await doctor.failing() == set()
        with writable_engine(uri).begin() as connection:
            connection.execute(sa.text("DROP TABLE bgsbot_message"))
        await failing(doctor, {"state_database", "nights"})
        assert "bgsbot_message" in await state(doctor)


async def test_the_probe_leaves_nothing_on_a_server(
    office: Office, clinic: Clinic, uri: str
) -> None:
    office.add()
    async with office.open() as desk:
        await asyncio.gather(*(asyncio.to_thread(desk.ledger.database.probe, 20) for _ in range(9)))
        assert desk.ledger.broken_webhooks() == []
        assert desk.ledger.connections_in_use == 0


def set_read_only(uri: str, value: str) -> None:
    """Let new sessions read only, or write again, and end those that are open."""
    with writable_engine(uri).begin() as connection:
        connection.execute(sa.text("SET TRANSACTION READ WRITE"))
        name = sa.make_url(uri).database
        connection.execute(
            sa.text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
        )
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


async def state(doctor: Doctor) -> str:
    """What the check of the state database says."""
    _, checks = await doctor.ready()
    found: dict[str, Any] = checks["state_database"]
    return str(found["detail"])


async def failing(doctor: Doctor, wanted: set[str]) -> None:
    """Ask until exactly these checks fail."""
    async with asyncio.timeout(30):
        while await doctor.failing() != wanted:  # noqa: ASYNC110  # it knows no events
            await asyncio.sleep(0.1)
