"""Every command of README and docs does what it says, as it stands there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.docs.elsewhere import ELSEWHERE
from tests.docs.pages import SHELL, Block, blocks, inline_commands

if TYPE_CHECKING:
    from tests.docs.scratch import Scratch

PLACEHOLDERS = {"COMMAND": "report"}
"""What stands for a word of one's own, and a word that it may stand for."""
NAMES = ("bgs-bot init", "bgs-bot post", "bgs-bot preview", "bgs-bot report")
"""What only names a command: it asks, or does nothing without the report."""


def is_typed(command: str) -> bool:
    return command not in ELSEWHERE


def typed_blocks() -> list[Block]:
    return [block for block in blocks(*SHELL) if any(map(is_typed, block.commands))]


def typed_inline() -> list[str]:
    inside = {command for block in typed_blocks() for command in block.commands}
    return [command for command in inline_commands() if is_typed(command) and command not in inside]


@pytest.mark.parametrize("block", typed_blocks(), ids=lambda block: block.place)
async def test_a_block_can_be_typed_from_its_first_line_to_its_last(
    home: Scratch, block: Block
) -> None:
    for command in filter(is_typed, block.commands):
        await home.type(command)


@pytest.mark.parametrize("command", typed_inline())
async def test_a_command_in_the_text_can_be_typed(home: Scratch, command: str) -> None:
    for placeholder, word in PLACEHOLDERS.items():
        command = re.sub(rf"\b{placeholder}\b", word, command)
    await home.type(f"{command} --help" if command in NAMES else command)


def test_what_is_not_typed_is_still_in_a_page() -> None:
    there = {command for block in blocks(*SHELL) for command in block.commands}
    assert ELSEWHERE.keys() - there - inline_commands().keys() == set()
