"""Writing several files as one: all of them or none, each whole, old ones kept."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

_PRIVATE = 0o600
_EVERYBODY = 0o007
_GROUP = 0o060
_MAY_STAY = 0o660
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class WriteError(BotError):
    """A file could not be written, and all files are as they were."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        super().__init__(f"cannot write {path}: {reason}; nothing was written")


@dataclass(slots=True)
class Change:
    """A file's new content.

    Attributes
    ----------
    before
        What it must hold still; None where there must be no file still.
    verify
        Called with the new file under another name in the same folder, before
        it takes its place; what it raises comes out and nothing is written.
    backup
        Where the old content is once it is written; None for a new file.
    mode
        The old file's permissions, once that is known.
    """

    path: Path
    before: bytes | None = field(repr=False)
    after: bytes = field(repr=False)
    verify: Callable[[Path], None] = lambda _: None
    backup: Path | None = None
    mode: int | None = None

    @property
    def was_open(self) -> bool:
        """Whether everybody on the machine could read the old file."""
        return bool((self.mode or 0) & _EVERYBODY)


def content(path: Path) -> bytes | None:
    """Return what a file holds; None where there is none.

    Raises
    ------
    WriteError
        If it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WriteError(path, _reason(error)) from None


def write_all(changes: Sequence[Change], now: datetime) -> None:
    """Give all files their new content, readable by their owner alone.

    Parameters
    ----------
    now
        Goes into the names of the copies of old files, which are kept.

    Raises
    ------
    WriteError
        If any cannot be written, or was changed meanwhile.
    """
    stage: list[Path] = []
    done: list[Change] = []
    try:
        for change in changes:
            _prepare(change, now, stage)
        with _undisturbed():
            for change, new in zip(changes, stage, strict=True):
                _replace(change, new)
                done.append(change)
    except BaseException:
        for change in done:
            _undo(change)
        for change in changes:
            if change.backup is not None:
                change.backup.unlink(missing_ok=True)
        raise
    finally:
        for path in stage:
            path.unlink(missing_ok=True)


def _prepare(change: Change, now: datetime, stage: list[Path]) -> None:
    target = _target(change)
    if content(target) != change.before:
        raise WriteError(change.path, "it was changed meanwhile; run this again")
    try:
        stage.append(_beside(target, change.after))
        change.verify(stage[-1])
        if change.before is not None:
            stat = target.stat()
            change.mode = stat.st_mode & 0o7777
            change.backup = _keep(target, change.before, now)
            for copy in (stage[-1], change.backup):
                _own(copy, stat)
    except OSError as error:
        raise WriteError(change.path, _reason(error)) from None


def _beside(target: Path, data: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _keep(target: Path, data: bytes, now: datetime) -> Path:
    """Write a copy under a name that nothing has yet."""
    number = 0
    while True:
        suffix = f"-{number}" if number else ""
        path = target.with_name(f"{target.name}.{now:%Y%m%d-%H%M%S}{suffix}.bak")
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE)
        except FileExistsError:
            number += 1
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        return path


def _own(path: Path, like: os.stat_result) -> None:
    """Give a file the owner and the group of another: the backend must go on reading it.

    It keeps what these two may do; everybody else loses it, for it holds secrets.
    """
    if not hasattr(os, "chown"):
        return
    now = path.stat()
    if now.st_gid != like.st_gid:
        try:
            os.chown(path, -1, like.st_gid)
        except PermissionError:
            if like.st_mode & _GROUP:
                reason = "you are not in the file's group; run this as who is"
                raise PermissionError(None, reason) from None
    path.chmod(_PRIVATE | (like.st_mode & _MAY_STAY))
    if now.st_uid != like.st_uid:
        try:
            os.chown(path, like.st_uid, -1)
        except PermissionError:
            reason = "the file belongs to another user; run this as that user"
            raise PermissionError(None, reason) from None


def _replace(change: Change, new: Path) -> None:
    try:
        new.replace(_target(change))
    except OSError as error:
        raise WriteError(change.path, _reason(error)) from None


def _undo(change: Change) -> None:
    target = _target(change)
    if change.before is None:
        target.unlink(missing_ok=True)
    elif change.backup is not None and change.mode is not None:
        change.backup.chmod(change.mode)
        change.backup.replace(target)


def _target(change: Change) -> Path:
    """The file itself where the path is a link to it."""
    return change.path.resolve()


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let signals wait, so that either all files are new or none is."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    numbers = {signal.Signals[name] for name in _SIGNALS}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__
