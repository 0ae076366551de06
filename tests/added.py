"""The report of the documentation's example: installed as a package, or only loaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import EntryPoint, distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import catalogue
from bot.backend import schema
from bot.reports import registry
from tests.servers import writable_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "missions_failed"
KEY = "missionsfailed"
MODULE = "missions_failed"
TITLE = "Missions Failed"


def install(folder: Path, source: Path = EXAMPLE) -> Path:
    """Install a package into a folder of its own, as pip does it, and return that folder."""
    copy, target = folder / "source", folder / "site"
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("build", "*.egg-info", "__py*"))
    words = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index")
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    env.pop("PYTHONWARNINGS", None)
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *words, "--target", str(target), str(copy)],
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return target


def entry_points_in(target: Path) -> list[EntryPoint]:
    """Return what the packages in a folder add."""
    return [
        point
        for package in distributions(path=[str(target)])
        for point in package.entry_points.select(group=catalogue.GROUP)
    ]


@contextmanager
def added(folder: Path = EXAMPLE, points: Iterable[EntryPoint] | None = None) -> Iterator[None]:
    """Add the example's report to this process until the block ends."""
    sys.path.insert(0, str(folder))
    if points is None:
        points = [EntryPoint(KEY, MODULE, catalogue.GROUP)]
    try:
        catalogue.load_from(points)
        assert catalogue.find(KEY) is not None
        yield
    finally:
        registry.unregister(KEY)
        sys.modules.pop(MODULE, None)
        sys.path.remove(str(folder))


def fail_missions(uri: str, rows: Iterable[dict[str, Any]]) -> None:
    """Add events with failed missions; the tables are made where they are not there.

    A row has ``cmdr``, ``fine`` and ``awarding_faction``, and any column of `event`.
    """
    events, details = schema.event, schema.mission_failed_event
    with writable_engine(uri).begin() as connection:
        schema.metadata.create_all(connection, tables=[events, details])
        for number, row in enumerate(rows, start=9001):
            event = {
                "id": number,
                "event": "MissionFailed",
                "timestamp": "2025-09-11T18:00:00Z",
                "tickid": "zoy-1",
                "ticktime": "2025-09-11T15:00:00Z",
                "starsystem": "Sol",
            }
            event |= {name: value for name, value in row.items() if name in events.c}
            detail = {name: value for name, value in row.items() if name in details.c}
            connection.execute(events.insert(), event)
            connection.execute(details.insert(), {"event_id": number, **detail})
