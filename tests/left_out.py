"""Tests that lack something to run with: named loudly, and a failure in CI."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = "left_out"


def leave_out(request: pytest.FixtureRequest, reason: str) -> NoReturn:
    """Leave a test out for want of something, to be named at the end of the run."""
    request.node.user_properties.append((_MARK, reason))
    pytest.skip(reason)


class LeftOut:
    """Collects what was left out, also where several processes run the tests."""

    def __init__(self) -> None:
        self._tests: dict[str, set[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember a test that was left out."""
        for reason in _reasons(report):
            self._tests.setdefault(reason, set()).add(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In CI a run without everything is a failed run."""
        if self._tests and _in_ci() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name each test that was left out."""
        if not self._tests:
            return
        terminalreporter.section("LEFT OUT FOR WANT OF A SERVER", sep="!", red=True, bold=True)
        for reason, tests in self._tests.items():
            terminalreporter.write_line(f"{len(tests)} tests: {reason}", red=True)
            for test in sorted(tests):
                terminalreporter.write_line(f"  {test}")
        if _in_ci():
            terminalreporter.write_line("CI runs need every server, so this run failed.", red=True)


def _reasons(report: pytest.TestReport) -> Iterator[str]:
    for name, value in report.user_properties:
        if report.skipped and name == _MARK:
            yield str(value)


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("true", "1")
