"""What the tests of ``init`` share: options that suffice, and a look into the folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.cli.commands import Home

KEY = "a-link-key-nobody-sees"
GIVEN = ("--name", "Wolves", "--db-uri", "sqlite:///wolves.db", "--webhook", "")


def entries(home: Home) -> list[dict[str, Any]]:
    """Return what the tenant file holds."""
    found: list[dict[str, Any]] = json.loads((home.folder / "tenant.json").read_text("utf-8"))
    return found


def names(home: Home) -> set[str]:
    """Return the names of all files of the folder."""
    return {path.name for path in home.folder.iterdir()}
