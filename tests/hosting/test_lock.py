"""The lock has every package once, with hashes and without an address, and fits pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BLOCKS = re.sub(r"\\\n\s*", " ", re.sub(r"^#.*\n", "", TEXT, flags=re.M)).strip().splitlines()
PINS = {
    canonicalize_name(requirement.name): requirement
    for requirement in (Requirement(block.partition(" --hash")[0]) for block in BLOCKS)
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
WANTED = [
    *PROJECT["build-system"]["requires"],
    *PROJECT["project"]["dependencies"],
    *(each for name in sorted(EXTRAS.keys() - {"test"}) for each in EXTRAS[name]),
]


def version_of(pin: Requirement) -> str:
    (only,) = pin.specifier
    assert only.operator == "=="
    return only.version


@pytest.mark.parametrize("wanted", WANTED)
def test_what_the_project_needs_is_locked_within_its_bounds(wanted: str) -> None:
    requirement = Requirement(wanted)
    pin = PINS.get(canonicalize_name(requirement.name))
    assert pin is not None, "run `make lock`"
    assert requirement.specifier.contains(version_of(pin), prereleases=True), "run `make lock`"


@pytest.mark.parametrize("block", BLOCKS, ids=[block.partition("==")[0] for block in BLOCKS])
def test_a_package_is_pinned_with_hashes_and_nothing_else(block: str) -> None:
    pin, *hashes = block.split(" --hash=")
    assert version_of(Requirement(pin))
    assert hashes
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each.strip()) for each in hashes)


def test_no_package_is_locked_twice() -> None:
    assert len(PINS) == len(BLOCKS)


def test_no_address_is_in_it() -> None:
    assert "://" not in TEXT
    assert re.findall(r"^\s*-(?!-hash=)", TEXT, re.M) == []
