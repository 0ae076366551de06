"""A tenant's SQLite file: found, and opened so that nothing can write to it."""

from __future__ import annotations

import os
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import parse_qsl, quote, unquote, urlencode

from bot.backend.errors import BadDatabaseUri, DatabaseUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    Value = str | bytes | int | float | None

_TRUE = frozenset({"true", "1", "yes", "on", "t", "y"})
_DRIVER_OPTIONS = frozenset(
    {"uri", "timeout", "isolation_level", "detect_types", "check_same_thread", "cached_statements"}
)
_NEEDS_FILE = "name the file the backend writes, as sqlite:///folder/file.db"
_WAL_VERSION = 2
_CHANGE_COUNTERS = slice(18, 20)

_functions: dict[tuple[str, int], Callable[..., Value]] = {}
_functions_lock = threading.Lock()


def register_function(name: str, arguments: int, function: Callable[..., Value]) -> None:
    """Make a pure Python function callable in SQL on every SQLite connection from now on.

    Parameters
    ----------
    name, arguments
        Name in SQL and number of arguments (-1 for any number).
    function
        Deterministic; gets and returns what `sqlite3` can hold.
    """
    with _functions_lock:
        _functions[name, arguments] = function


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """Where a tenant's SQLite file is looked for, and how it is opened.

    Attributes
    ----------
    names
        Spellings of the path, the likeliest first; a path may hold ``%`` as
        such or as an escape, and ``?`` as such.
    folders
        What a relative path is tried against, in order.
    options
        Parameters of SQLite's own URI (``immutable``, ``vfs``, …) but ``mode``.
    cached_statements
        The driver's option of this name.
    """

    names: tuple[str, ...]
    folders: tuple[Path, ...]
    options: tuple[tuple[str, str], ...] = ()
    cached_statements: int = 128

    kind: ClassVar[str] = "sqlite"
    secrets: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def parse(cls, rest: str, *, base_dir: Path | None = None) -> SqliteFile:
        """Read what follows ``sqlite://`` in a ``db_uri``.

        Raises
        ------
        BadDatabaseUri
            For a database in memory, a host, or a path that can be no path.
        """
        if rest and not rest.startswith("/"):
            host = rest.partition("/")[0].rpartition("@")[2]
            fault = f"there is a host {host!r} where SQLite has none (three slashes, not two)"
            raise BadDatabaseUri("sqlite://…", fault, _NEEDS_FILE)
        whole = rest[1:]
        path, _, query = whole.partition("?")
        options = dict(parse_qsl(query, keep_blank_values=True))
        inner: dict[str, str] = {}
        if options.get("uri", "").lower() in _TRUE and path.startswith("file:"):
            names, inner = _uri_names(path), {k: options[k] for k in options.keys() - {"mode"}}
        else:
            names = tuple(dict.fromkeys((path, unquote(path), whole)))
        if names[0] in ("", ":memory:") or options.get("mode") == "memory":
            raise BadDatabaseUri("sqlite://", "a database in memory has no data", _NEEDS_FILE)
        if any("\0" in name for name in names):
            raise BadDatabaseUri("sqlite://…", "a path cannot hold a NUL character", _NEEDS_FILE)
        folders = (base_dir, Path.cwd()) if base_dir else (Path.cwd(),)
        cached = options.get("cached_statements", "")
        return cls(
            names,
            tuple(dict.fromkeys(folders)),
            tuple((key, inner[key]) for key in inner if key not in _DRIVER_OPTIONS),
            int(cached) if cached.isdecimal() else 128,
        )

    @property
    def shown(self) -> str:
        """The file's path as it may appear in a message."""
        return str(self.find() or self._candidates()[0])

    def find(self) -> Path | None:
        """Return the file, or None where nothing is at any of the places."""
        return next((path for path in self._candidates() if _is_there(path)), None)

    def mark(self) -> tuple[object, ...] | None:
        """Return what changes when the file is replaced or written; None without one."""
        path = self.find()
        if path is None:
            return None
        try:
            stat = path.stat()
        except OSError:
            return None
        return path, stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns

    def open(self, *, read_only: bool = True, lenient_text: bool = False) -> sqlite3.Connection:
        """Open the file; it is never created.

        Parameters
        ----------
        read_only
            False for `bot.backend.indexes` only.
        lenient_text
            Replace what is no UTF-8 instead of failing.

        Raises
        ------
        DatabaseUnreachable
            If there is no such file.
        """
        path = self.find()
        if path is None:
            places = " nor ".join(str(path) for path in self._places())
            raise DatabaseUnreachable(self.shown, f"there is no file {places}")
        if path.is_dir():
            raise DatabaseUnreachable(self.shown, "it is a folder, not a file")
        connection = sqlite3.connect(
            self._uri(path, read_only),
            uri=True,
            isolation_level=None,  # transactions are begun in so many words
            check_same_thread=False,  # a result may be closed by another thread
            cached_statements=self.cached_statements,
        )
        if lenient_text:
            connection.text_factory = _replacing
        for (name, arguments), function in tuple(_functions.items()):
            connection.create_function(name, arguments, function, deterministic=True)
        return connection

    def explain(self, error: sqlite3.Error) -> str:
        """Return why the file could not be opened or read, and what to do."""
        path = self.find()
        if path is None:
            return "the file is gone"
        if not os.access(path, os.R_OK):
            return "the file may not be read by the user the bot runs as"
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF == sqlite3.SQLITE_NOTADB:
            return "it is no SQLite database, or an encrypted one"
        if code == sqlite3.SQLITE_READONLY_ROLLBACK:
            return "the backend was stopped in the middle of a write: start it, so that it repairs"
        if code & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) and _is_wal(path):
            return (
                "it is in WAL mode, and its -wal and -shm files cannot be opened in that folder:"
                " let the bot write to the folder, or switch the file back with"
                " PRAGMA journal_mode=DELETE, or, for a copy that nobody writes to, use"
                f" sqlite:///file:{quote(str(path))}?immutable=1&uri=true"
            )
        return str(error)

    def _places(self) -> tuple[Path, ...]:
        return tuple(dict.fromkeys(folder / self.names[0] for folder in self.folders))

    def _candidates(self) -> list[Path]:
        return [folder / name for folder in self.folders for name in self.names]

    def _uri(self, path: Path, read_only: bool) -> str:
        options = [("mode", "ro" if read_only else "rw"), *self.options]
        return f"{path.absolute().as_uri()}?{urlencode(options, quote_via=quote)}"


def _uri_names(path: str) -> tuple[str, ...]:
    """Return the path of ``file:path``, ``file:/path`` or ``file://localhost/path``."""
    name = path.removeprefix("file:").partition("#")[0]
    if name.startswith("//"):
        name = "/" + name[2:].partition("/")[2]
    return (unquote(name),)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long, or a folder that may not be searched
        return False


def _is_wal(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return _WAL_VERSION in file.read(20)[_CHANGE_COUNTERS]
    except OSError:
        return False


def _replacing(text: bytes) -> str:
    return text.decode("utf-8", "replace")
