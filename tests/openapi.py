"""Discord's own description of its API, as a judge of what we send and answer.

It lies where ``DISCORD_OPENAPI`` says, else beside the repository. Where it is
not there, the tests that need it are left out loudly, and CI fails.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from tests.left_out import leave_out

if TYPE_CHECKING:
    import pytest

_DEFAULT = Path(__file__).parents[2] / "shared" / "discord" / "openapi.json"


def description_path() -> Path:
    """Return where the description lies, or should."""
    return Path(os.environ.get("DISCORD_OPENAPI") or _DEFAULT)


def validator(request: pytest.FixtureRequest, schema: str) -> Draft202012Validator:
    """Return a validator for one of Discord's schemas, such as ``RichEmbed``.

    Skips the test, to be named at the end of the run, where there is no
    description.
    """
    return _validator(present_path(request), schema)


def present_path(request: pytest.FixtureRequest) -> Path:
    """Return where the description lies; skip the test where it does not."""
    path = description_path()
    if not path.is_file():
        leave_out(request, f"no description of Discord's API at {path} (DISCORD_OPENAPI)")
    return path


@cache
def _validator(path: Path, schema: str) -> Draft202012Validator:
    components = description(path)["components"]
    if schema not in components["schemas"]:
        raise LookupError(f"Discord's description has no schema {schema}")
    return Draft202012Validator(
        {"$ref": f"#/components/schemas/{schema}", "components": components}
    )


@cache
def description(path: Path) -> dict[str, Any]:
    """Return the whole description, read once."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
