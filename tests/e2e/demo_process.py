"""``python -m bot demo`` as somebody who tries it out runs it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.cli.commands import Home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = "2025-09-12T08:00:00Z"
_ENOUGH_SECONDS = 60


class DemoProcess:
    """The demo in a process of its own, from its last words on.

    Attributes
    ----------
    address
        The page's.
    key
        What links the server that is not linked yet.
    """

    def __init__(self, folder: Path) -> None:
        self._errors = folder / "stderr"
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                (sys.executable, "-m", "bot", "demo", "--folder", str(folder), "--now", NOW),
                cwd=folder,
                env=Home(folder).environment(),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
            )
        self.out = self._read()
        self.address = self._word(r"browser: (\S+)")
        self.key = self._word(r"its key: (\S+)")

    def _read(self) -> str:
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if "its key" in line:
                return "".join(lines)
        raise AssertionError(self._errors.read_text(encoding="utf-8"))

    def _word(self, pattern: str) -> str:
        found = re.search(pattern, self.out)
        assert found is not None
        return found[1]

    def tell(self, path: str, body: dict[str, Any]) -> None:
        """Change how the demo's Discord behaves."""
        request = urllib.request.Request(
            self.address.rstrip("/") + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status in (200, 204)

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until something holds in what the demo's Discord says of itself."""
        deadline = time.monotonic() + _ENOUGH_SECONDS
        while True:
            with urllib.request.urlopen(f"{self.address}_/world", timeout=10) as answer:
                if holds(json.load(answer)):
                    return
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def end(self) -> None:
        """End it by Ctrl-C; it must leave in good order."""
        self._process.send_signal(signal.SIGINT)
        assert self._process.stdout is not None
        with self._process.stdout:
            status = self._process.wait(_ENOUGH_SECONDS)
        errors = self._errors.read_text(encoding="utf-8")
        assert status == 0, errors
        assert "Traceback" not in errors
        assert "Warning" not in errors
