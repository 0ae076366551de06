"""Entry point of ``python -m bot`` and of the console script ``bgs-bot``."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    if os.getpid() == 1:
        _obey_sigterm()

    from bot.cli.main import run

    sys.exit(run())


def _obey_sigterm() -> None:
    """Let SIGTERM end the process, as it does any other.

    The kernel keeps a signal from a container's first process unless it has a
    handler, so this must come before anything that takes time. A command that
    has something to finish puts its own handler in the place of this one.
    """
    signal.signal(signal.SIGTERM, lambda number, _frame: os._exit(128 + number))


if __name__ == "__main__":
    main()
