"""Entry point of ``python -m bot`` and of the console script ``bgs-bot``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    from bot.cli.main import run

    sys.exit(run())


if __name__ == "__main__":
    main()
