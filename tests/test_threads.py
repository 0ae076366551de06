from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from bot.threads import WorkerPool


def test_results_and_errors_reach_the_caller() -> None:
    pool = WorkerPool(2, "test")
    assert pool.submit(pow, 2, 5).result(5) == 32
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 // 0).result(5)
    pool.shutdown()


def test_no_more_threads_run_than_allowed() -> None:
    pool = WorkerPool(3, "test")
    names = {pool.submit(lambda: threading.current_thread().name).result(5) for _ in range(20)}
    assert len(names) == 1, "one job after another needs one thread"
    gate = threading.Event()
    running = [pool.submit(gate.wait, 5) for _ in range(10)]
    alive = [thread for thread in threading.enumerate() if thread.name.startswith("test-")]
    assert len(alive) == 3
    gate.set()
    assert all(future.result(5) for future in running)
    pool.shutdown()


def test_a_closed_pool_refuses_work_and_frees_those_who_wait() -> None:
    pool = WorkerPool(1, "test")
    gate = threading.Event()
    first = pool.submit(gate.wait, 5)
    second = pool.submit(gate.wait, 5)
    pool.shutdown(wait=False, cancel_futures=True)
    gate.set()
    assert first.result(5)
    assert second.cancelled()
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(print)


def test_work_is_still_taken_while_the_interpreter_ends() -> None:
    script = (
        "import atexit\n"
        "from bot.threads import WorkerPool\n"
        "pool = WorkerPool(1, 'late')\n"
        "atexit.register(lambda: print(pool.submit(lambda: 'recorded').result(5)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "recorded"
