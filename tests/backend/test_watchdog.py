"""One thread hangs up on all servers that fall silent, and on no others."""

from __future__ import annotations

import os
import socket
import sys
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bot.backend.limits import Watchdog

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 60.0
SHORT = 0.05


class Line:
    """A connection to a server that never says anything."""

    def __init__(self, stack: ExitStack) -> None:
        ours, theirs = socket.socketpair()
        self.reader = stack.enter_context(ours)
        stack.enter_context(theirs)
        self.watchdog = stack.enter_context(Watchdog(ours))

    def wait(self) -> bytes:
        """Wait for an answer, as a driver does; empty once it was cut."""
        return self.reader.recv(1)


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    with ExitStack() as stack:
        yield [Line(stack) for _ in range(3)]


def test_a_line_is_cut_when_its_time_is_over_and_the_others_live(lines: list[Line]) -> None:
    for line, seconds in zip(lines, (LONG, SHORT, LONG), strict=True):
        line.watchdog.set(seconds)

    assert lines[1].wait() == b""
    assert [line.watchdog.fired for line in lines] == [False, True, False]


def test_all_lines_that_are_due_are_cut(lines: list[Line]) -> None:
    for line in lines:
        line.watchdog.set(SHORT)

    assert [line.wait() for line in lines] == [b"", b"", b""]
    assert all(line.watchdog.fired for line in lines)


def test_the_last_time_that_was_set_counts(lines: list[Line]) -> None:
    lines[0].watchdog.set(SHORT)
    lines[0].watchdog.set(LONG)
    lines[1].watchdog.set(LONG)
    lines[1].watchdog.set(SHORT)

    assert lines[1].wait() == b""
    assert not lines[0].watchdog.fired


def test_nothing_is_cut_once_it_is_no_longer_guarded(lines: list[Line]) -> None:
    lines[0].watchdog.set(SHORT)
    lines[0].watchdog.close()
    lines[1].watchdog.set(2 * SHORT)

    assert lines[1].wait() == b""
    assert not lines[0].watchdog.fired


def test_many_reads_share_one_thread(lines: list[Line]) -> None:
    for line in lines:
        line.watchdog.set(LONG)

    assert sum(thread.name == "watchdog" for thread in threading.enumerate()) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="forking beside threads warns from 3.12 on")
def test_a_forked_process_guards_for_itself(lines: list[Line]) -> None:
    lines[0].watchdog.set(LONG)
    child = os.fork()
    if child == 0:
        with ExitStack() as stack:
            line = Line(stack)
            line.watchdog.set(SHORT)
            os._exit(0 if line.wait() == b"" else 1)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
