"""The version, which is written in ``pyproject.toml`` and nowhere else."""

from __future__ import annotations

PROGRAM = "bgs-bot"
"""The name of the package and of its command."""

UNKNOWN = "0"


def version() -> str:
    """Return the version that is installed; ``0`` where the bot runs without being installed."""
    from importlib import metadata

    try:
        return metadata.version(PROGRAM)
    except metadata.PackageNotFoundError:
        return UNKNOWN
