"""What a measurement was made on, and the table it is told in."""

from __future__ import annotations

import os
import platform
import sqlite3
from importlib.metadata import version
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence


def facts(engines: Collection[str], server: str) -> list[str]:
    """Return the versions and the machine, one fact a line."""
    found = [
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, SQLAlchemy {version('SQLAlchemy')}",
    ]
    if "sqlite" in engines:
        found.append(f"SQLite {sqlite3.sqlite_version}")
    if "postgresql" in engines:
        with psycopg.connect(server) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        number = str(row[0]).split()[0] if row else "unknown"
        found.append(f"PostgreSQL {number}, psycopg {psycopg.__version__}")
    return found


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    return [line(heads), line(["---"] * len(heads)), *map(line, rows)]


def line(fields: Sequence[str]) -> str:
    """Return a row of a table."""
    return "| " + " | ".join(fields) + " |"
