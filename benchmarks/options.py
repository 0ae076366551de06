"""The options that all benchmarks have, and what they say while they work."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

ENGINES = ("sqlite", "postgresql")
SERVER = "postgresql://postgres@127.0.0.1:5432/test"


def parser(module: str, description: str | None) -> argparse.ArgumentParser:
    """Return a parser that knows which engines to measure and where the databases are."""
    found = argparse.ArgumentParser(prog=f"python -m {module}", description=description)
    found.add_argument("--engine", action="append", choices=ENGINES)
    found.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "bgs-bot-benchmarks",
        help="where SQLite databases are kept",
    )
    found.add_argument(
        "--server",
        default=os.environ.get("TEST_POSTGRES_URI") or SERVER,
        help="PostgreSQL server (default: TEST_POSTGRES_URI, or %(default)s)",
    )
    return found


def say(text: str) -> None:
    """Tell how far it is, beside the results."""
    print(text, file=sys.stderr, flush=True)


def write(file: Path, text: str) -> None:
    """Write a results file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
