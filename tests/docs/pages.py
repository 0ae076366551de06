"""README and docs as tests read them: blocks, inline commands, links, headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
SHELL = ("", "sh")
"""Languages of blocks to be typed into a shell; the marked ones have none."""

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*) *$")
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
_INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block.

    Attributes
    ----------
    line
        Of its first line of text.
    """

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{self.page}:{self.line}"

    @property
    def commands(self) -> tuple[str, ...]:
        """The commands of a shell block; one that goes on in the next line is one."""
        whole = self.text.replace("\\\n", " ")
        lines = (" ".join(line.split()) for line in whole.splitlines())
        return tuple(line for line in lines if line and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class Link:
    """A link or an image."""

    page: str
    text: str
    target: str
    is_image: bool


def pages() -> list[Path]:
    """Return README and docs."""
    return [README, *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    """Return what a page is called."""
    return page.relative_to(ROOT).as_posix()


@cache
def text_of(page: Path) -> str:
    """Return a page as it is."""
    return page.read_text(encoding="utf-8")


@cache
def prose_of(page: Path) -> str:
    """Return a page without its blocks."""
    kept, inside = [], False
    for line in text_of(page).splitlines():
        if _FENCE.match(line):
            inside = not inside
        elif not inside:
            kept.append(line)
    return "\n".join(kept)


def blocks(*languages: str) -> list[Block]:
    """Return the blocks of all pages, or those of some languages."""
    found = [block for page in pages() for block in _blocks_of(page)]
    return [block for block in found if not languages or block.language in languages]


def inline_commands() -> dict[str, str]:
    """Return each ``bgs-bot`` command in running text and tables, with its first page."""
    found: dict[str, str] = {}
    for page in pages():
        for code in _INLINE.findall(re.sub(r"\s*\n\s*", " ", prose_of(page))):
            if code.startswith("bgs-bot "):
                found.setdefault(" ".join(code.split()), name_of(page))
    return found


def links() -> list[Link]:
    """Return the links of all pages and of those beside the README.

    One may go over the end of a line.
    """
    return [
        Link(name_of(page), " ".join(match["text"].split()), match["target"], bool(match["image"]))
        for page in dict.fromkeys((*pages(), *sorted(ROOT.glob("*.md"))))
        for match in _LINK.finditer(re.sub(_INLINE, "code", prose_of(page)))
    ]


def anchors_of(page: Path) -> set[str]:
    """Return where links into a page can lead, as GitHub names its headings."""
    headings = re.findall(r"^#+ +(.+)$", prose_of(page), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table_after(text: str, head: str) -> list[list[str]]:
    """Return the cells of the table whose head begins with these words."""
    rows: list[list[str]] = []
    inside = False
    for line in text.splitlines():
        if line.startswith(f"| {head}"):
            inside = True
        elif inside and not line.startswith("|"):
            break
        elif inside and not line.startswith("| ---"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def _blocks_of(page: Path) -> list[Block]:
    found: list[Block] = []
    opened: tuple[int, str, str] | None = None
    lines: list[str] = []
    for number, line in enumerate(text_of(page).splitlines(), 1):
        match = _FENCE.match(line)
        if match and opened is None:
            opened, lines = (number + 1, match["language"], match["indent"]), []
        elif match and opened is not None:
            found.append(Block(name_of(page), opened[0], opened[1], "\n".join(lines) + "\n"))
            opened = None
        elif opened is not None:
            lines.append(line.removeprefix(opened[2]))
    assert opened is None, f"{page.name} has a block without an end"
    return found
