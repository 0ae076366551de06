"""The page about adding a report shows the very files that tests install."""

from __future__ import annotations

import pytest

from tests.added import EXAMPLE
from tests.docs.pages import blocks


@pytest.mark.parametrize(
    ("language", "file"), [("python", "missions_failed.py"), ("toml", "pyproject.toml")]
)
def test_the_page_shows_the_files_of_the_example(language: str, file: str) -> None:
    shown = [block.text for block in blocks(language) if block.page.endswith("adding-a-report.md")]
    assert shown == [(EXAMPLE / file).read_text(encoding="utf-8")]
