"""Reads a Dockerfile and does what it says in a folder, without Docker."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

_FLAG = re.compile(r"--([a-z-]+)=(\S+)\s+")


@dataclass(frozen=True)
class Instruction:
    """One instruction, its flags apart."""

    name: str
    value: str
    flags: dict[str, str]

    @property
    def words(self) -> list[str]:
        """The value in words: of the exec form, or as a shell sees them."""
        if self.value.startswith("["):
            words: list[str] = json.loads(self.value)
            return words
        return shlex.split(self.value)


@dataclass
class Image:
    """What came of a Dockerfile.

    Attributes
    ----------
    root
        The folder that stands for ``/``.
    env
        What ENV sets, not yet seen from `root`.
    last
        The last instruction of each name in the last stage.
    """

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    last: dict[str, Instruction] = field(default_factory=dict)

    def seen(self, text: str) -> str:
        """Return a text whose words are paths of the image as they are out here."""
        return ":".join(
            str(self.root) + each if each.startswith("/") else each for each in text.split(":")
        )

    def environment(self) -> dict[str, str]:
        """Return what ENV sets, as it is out here."""
        return {name: self.seen(value) for name, value in self.env.items()}


def instructions(path: Path) -> list[Instruction]:
    """Return the instructions of a Dockerfile, without comments."""
    lines = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    found = []
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        name, _, rest = line.partition(" ")
        flags = {}
        while flag := _FLAG.match(rest):
            flags[flag[1]] = flag[2]
            rest = rest[flag.end() :]
        found.append(Instruction(name.upper(), rest.strip(), flags))
    return found


def build(dockerfile: Path, root: Path) -> Image:
    """Follow a Dockerfile; the last stage's files are in ``root`` afterwards."""
    context = dockerfile.parent
    stages: dict[str, Path] = {}
    image = Image(root)
    name = ""
    for each in instructions(dockerfile):
        if each.name == "FROM":
            if name:
                # A virtual environment knows its own path: each stage is built at the same one.
                stages[name] = root.rename(root.with_name(f"stage-{name}"))
            name = each.value.partition(" AS ")[2]
            root.mkdir()
            image = Image(root)
        elif each.name == "COPY":
            origin = stages[each.flags["from"]] if "from" in each.flags else context
            place = _copy(each.words, origin, image, ignoring="from" not in each.flags)
            if "chown" in each.flags and os.geteuid() == 0:
                give(place, each.flags["chown"])
        elif each.name == "RUN":
            _run(each.words, image)
        elif each.name == "ENV":
            image.env |= dict(word.split("=", 1) for word in each.words)
        elif each.name == "WORKDIR":
            image.workdir = each.value
            Path(image.seen(each.value)).mkdir(parents=True, exist_ok=True)
        image.last[each.name] = each
    return image


def kept(context: Path, path: Path, patterns: list[str]) -> bool:
    """Whether .dockerignore lets a file or folder of the context in; the last match counts."""
    name = path.relative_to(context).as_posix()
    parents = [name, *(each.as_posix() for each in Path(name).parents)][:-1]
    names = [each.rpartition("/")[2] for each in parents]
    keeps = True
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        anywhere = bare.removeprefix("**/")
        matched = any(fnmatch.fnmatchcase(each, bare) for each in parents) or (
            bare != anywhere and any(fnmatch.fnmatchcase(each, anywhere) for each in names)
        )
        if matched:
            keeps = pattern.startswith("!")
    return keeps


def ignored(context: Path) -> list[str]:
    """Return the patterns of .dockerignore."""
    lines = (context / ".dockerignore").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def give(place: Path, user: str) -> None:
    """Give a file, or a folder with all that is in it, to a user and group by number."""
    uid, gid = map(int, user.split(":"))
    for path in (place, *place.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def _copy(words: list[str], origin: Path, image: Image, *, ignoring: bool) -> Path:
    *sources, target = words
    place = Path(image.seen(target) if target.startswith("/") else _inside(image, target))
    patterns = ignored(origin) if ignoring else []

    def left_out(folder: str, names: list[str]) -> list[str]:
        return [each for each in names if not kept(origin, Path(folder, each), patterns)]

    for source in sources:
        found = origin / source.lstrip("/")
        assert kept(origin, found, patterns), f"{source} is kept out by .dockerignore"
        if found.is_dir():
            shutil.copytree(found, place, ignore=left_out, symlinks=True, dirs_exist_ok=True)
        else:
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy2(found, place)
    return place


def _run(words: list[str], image: Image) -> None:
    program, *rest = [image.seen(word) if word.startswith("/") else word for word in words]
    if program == "python":
        program = sys.executable
    done = subprocess.run(
        [program, *rest],
        cwd=image.seen(image.workdir),
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{shlex.join(words)}:\n{done.stdout}{done.stderr}"


def _inside(image: Image, target: str) -> str:
    return str(Path(image.seen(image.workdir), target))
