"""The three addresses, whatever is behind them."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

import pytest

from bot.health.metrics import Metrics
from bot.health.server import HealthAddressError
from bot.health.watched import LONGEST_QUIET, Finding, scheduler_finding
from bot.scheduling.pulse import Pulse

if TYPE_CHECKING:
    from tests.health.asking import Clinic


async def test_what_is_not_open_yet_is_alive_but_not_ready(clinic: Clinic) -> None:
    doctor = await clinic.open()
    assert await doctor.alive() == 200
    status, checks = await doctor.ready()
    assert status == 503
    assert checks["state_database"] == {"ok": False, "detail": "not open yet"}
    scrape = await doctor.scrape()
    assert scrape.get("bgsbot_check_ok", check="state_database") == 0
    assert scrape.get("bgsbot_posts", state="sent") is None


async def test_a_check_that_fails_is_named_with_its_reason(clinic: Clinic) -> None:
    checks = {
        "scheduler": lambda: Finding(True, "running"),
        "gateway": lambda: Finding(False, "0 of 2 shards ready"),
    }
    doctor = await clinic.open(checks=checks)
    _, found = await doctor.ready()
    assert list(found) == ["state_database", "scheduler", "gateway", "nights"]
    assert found["scheduler"] == {"ok": True, "detail": "running"}
    assert found["gateway"] == {"ok": False, "detail": "0 of 2 shards ready"}
    scrape = await doctor.scrape()
    assert scrape.get("bgsbot_check_ok", check="scheduler") == 1
    assert scrape.get("bgsbot_check_ok", check="gateway") == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "localhost"])
async def test_it_serves_where_it_is_told(clinic: Clinic, address: str) -> None:
    doctor = await clinic.open(address=f"{address}:0")
    assert await doctor.alive() == 200


async def test_an_address_that_is_taken_is_one_clear_error(clinic: Clinic) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(HealthAddressError) as caught:
            await clinic.open(address=address)
    assert str(caught.value) == (
        f"HEALTH_ADDR={address} cannot be used: Address already in use;"
        " choose another port, or end what has this one"
    )


@pytest.mark.parametrize("address", ["nobody.invalid:8080", "192.0.2.1:8080", "[2001:db8::1]:8080"])
async def test_an_address_of_another_machine_is_one_clear_error(
    clinic: Clinic, address: str
) -> None:
    with pytest.raises(HealthAddressError) as caught:
        await clinic.open(address=address)
    assert str(caught.value).startswith(f"HEALTH_ADDR={address} cannot be used: ")
    assert str(caught.value).endswith(
        "; name this machine's own address, such as 127.0.0.1:8080, or 0.0.0.0:8080 for all it has"
    )


def test_a_port_that_is_not_for_everyone_asks_for_a_higher_one() -> None:
    error = HealthAddressError("127.0.0.1:80", PermissionError(errno.EACCES, "Permission denied"))
    assert str(error).startswith("HEALTH_ADDR=127.0.0.1:80 cannot be used: Permission denied; ")
    assert "from 1024 up" in str(error)


async def test_a_name_that_no_resolver_takes_is_one_clear_error(clinic: Clinic) -> None:
    with pytest.raises(HealthAddressError, match=r"HEALTH_ADDR=a\.\.b:8080 cannot be used: no "):
        await clinic.open(address="a..b:8080")


async def test_two_processes_count_by_themselves(clinic: Clinic) -> None:
    one, two = Metrics(), Metrics()
    one.command_done("summary", "ok", 0.2)
    for metrics, count in ((one, 1.0), (two, None)):
        scrape = await (await clinic.open(metrics=metrics)).scrape()
        found = scrape.get("bgsbot_command_seconds_count", command="summary", outcome="ok")
        assert found == count


async def test_the_loops_lag_and_the_build_are_told(clinic: Clinic) -> None:
    doctor = await clinic.open()
    scrape = await doctor.scrape()
    assert scrape.kinds["bgsbot_event_loop_lag_seconds"] == "histogram"
    (build,) = [dict(labels) for name, labels in scrape.values if name == "bgsbot_build_info"]
    assert set(build) == {"version", "python", "discord_py"}
    assert all(build.values())


def test_a_sweep_that_stays_away_is_told() -> None:
    now = 0.0
    pulse = Pulse(lambda: now)
    assert not scheduler_finding(False, pulse).ok
    now = LONGEST_QUIET
    assert scheduler_finding(True, pulse).ok
    now += 1
    assert scheduler_finding(True, pulse) == Finding(
        False, "no sweep for 301 s; it comes every minute"
    )
    with pulse.beat():
        assert scheduler_finding(True, pulse).ok
    now += LONGEST_QUIET
    assert scheduler_finding(True, pulse).ok
