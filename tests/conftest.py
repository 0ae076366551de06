"""What every test gets: clean settings, real databases, and a loud word on those left out."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests.left_out import LeftOut
from tests.left_out import leave_out as leave_out_of
from tests.servers import BACKENDS, fresh_database, unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

TESTS = Path(__file__).parent
_AGAINST_THE_CLOCK = ("cli", "docs", "e2e", "health", "hosting", "sandbox")
_ONE_TRY = ("test_whole_nights.py",)

SETTING_NAMES = (
    "DISCORD_TOKEN",
    "DISCORD_API_BASE",
    "DISCORD_GATEWAY",
    "COMMAND_GUILD",
    "TENANT_FILE",
    "STATE_DB_URI",
    "DATA_DIR",
    "LOG_DIR",
    "LOG_LEVEL",
    "LOG_MAX_BYTES",
    "LOG_BACKUPS",
    "WEBHOOK_HOSTS",
    "IN_DOUBT",
    "LEASE_SECONDS",
    "CATCH_UP_HOURS",
    "RETRY_HOURS",
    "QUERY_TIMEOUT",
    "HEALTH_ADDR",
)

settings.register_profile(
    "bgs-bot",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("bgs-bot")


def pytest_configure(config: pytest.Config) -> None:
    """Collect the tests that lack a server."""
    config.pluginmanager.register(LeftOut(), "left-out")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a second try to what runs against a deadline that is not ours.

    Discord waits three seconds for an answer, and a browser or a process for
    just as long as it pleases: on a machine that stalls, a sound bot is late.
    A fault fails twice, and the summary names who needed two tries. Tests that
    kill at random get one: what they look for may well happen once only.
    """
    for item in items:
        room = item.path.relative_to(TESTS).parts[0]
        if room in _AGAINST_THE_CLOCK and item.path.name not in _ONE_TRY:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make what a test said fit for the way between processes: no halves of surrogate pairs."""
    report = yield
    report.sections = [
        (name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections
    ]
    return report


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the person running the tests reaches one."""
    for name in SETTING_NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


@pytest.fixture
def leave_out(request: pytest.FixtureRequest) -> Callable[[str], NoReturn]:
    """Leave a test out for want of something; the run says so, and CI fails."""

    return partial(leave_out_of, request)


@pytest.fixture(params=BACKENDS)
def backend_name(request: pytest.FixtureRequest, leave_out: Callable[[str], NoReturn]) -> str:
    """The database engine under test; narrow it by indirect parametrization."""
    backend: str = request.param
    reason = unavailable(backend)
    if reason is not None:
        leave_out(reason)
    return backend


@pytest.fixture
def make_database(backend_name: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Make fresh, empty databases of the engine under test; each call returns a URI.

    The teardown fails the test if it left a connection open.
    """
    with ExitStack() as stack:
        yield lambda: stack.enter_context(fresh_database(backend_name, tmp_path))


@pytest.fixture
def backend_uri(make_database: Callable[[], str]) -> str:
    """The URI of one fresh, empty database of the engine under test."""
    return make_database()
