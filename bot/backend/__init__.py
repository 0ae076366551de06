"""The tenant's database, read only."""

from __future__ import annotations

from bot.backend.engines import Databases, TenantDatabase
from bot.backend.errors import (
    BadDatabaseUri,
    DatabaseError,
    DatabaseFailed,
    DatabaseLocked,
    DatabaseUnreachable,
    DriverMissing,
    QueryTimeout,
    UnreadableText,
)
from bot.backend.shape import Shape
from bot.backend.sqlite import register_function

__all__ = [
    "BadDatabaseUri",
    "DatabaseError",
    "DatabaseFailed",
    "DatabaseLocked",
    "DatabaseUnreachable",
    "Databases",
    "DriverMissing",
    "QueryTimeout",
    "Shape",
    "TenantDatabase",
    "UnreadableText",
    "register_function",
]
