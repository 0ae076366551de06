"""The handlers of the process: the console and the rotating log file."""

from __future__ import annotations

import logging
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.errors import BotError
from bot.logs.console import ConsoleHandler
from bot.logs.lines import LineFormatter
from bot.logs.masking import install_masking

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from bot.settings import Settings

LOG_FILE_NAME = "tick_scheduler.log"
"""The log file's name in ``LOG_DIR``."""

# In somebody else's process (a Flask backend) only these are ours to record.
_OUR_LOGGERS = ("bot", "cogs", "discord")
_CHATTY = ("apscheduler", "alembic", "aiohttp.access")
# At DEBUG it writes down all that comes from Discord, keys that are typed into forms included.
_TELLTALE = "discord.gateway"

logger = logging.getLogger(__name__)


class LogFolderError(BotError):
    """The log file cannot be written."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(
            f"cannot write the log file {path}: {reason}; "
            "make its folder writable or set LOG_DIR to another one"
        )


@dataclass
class _Installed:
    wanted: tuple[object, ...]
    names: tuple[str, ...]
    handlers: list[logging.Handler]
    levels: dict[str, int] = field(default_factory=dict)
    hooks: tuple[Any, Any, Any] | None = None

    def alive(self) -> bool:
        loggers = [logging.getLogger(name) for name in self.names]
        return all(handler in log.handlers for log in loggers for handler in self.handlers)


_installed: _Installed | None = None
_lock = threading.RLock()


def setup_logging(settings: Settings, *, console: bool = True) -> None:
    """Log to ``tick_scheduler.log`` and, with `console`, to stderr.

    With `console` the process is ours: everything that any library logs is
    recorded, and errors nobody caught are logged, masked, instead of printed.
    Without it, only our own loggers are recorded in the file; the handlers
    and the level of the program around us stay as they are. Masking covers
    all handlers of the process either way.

    Calling it again changes nothing, or replaces what the last call set up if
    the settings differ.

    Raises
    ------
    LogFolderError
        If the log file cannot be written.
    """
    global _installed
    install_masking()
    names = ("",) if console else _OUR_LOGGERS
    path = settings.log_dir / LOG_FILE_NAME
    wanted = (
        path,
        settings.log_level,
        settings.log_max_bytes,
        settings.log_backups,
        console,
    )
    with _lock:
        if _installed and _installed.wanted == wanted and _installed.alive():
            return
        handler = _file_handler(path, settings.log_max_bytes, settings.log_backups)
        close_logging()
        handlers: list[logging.Handler] = [handler]
        if console:
            handlers.append(ConsoleHandler())
        _installed = _Installed(wanted, names, handlers)
        for each in handlers:
            each.setFormatter(LineFormatter())
        _attach(_installed, logging.getLevelNamesMapping()[settings.log_level])
        if console:
            _installed.hooks = _hook_uncaught()


def close_logging() -> None:
    """Take away what `setup_logging` set up, and close the log file.

    Masking stays on.
    """
    global _installed
    with _lock:
        if _installed is None:
            return
        for name, level in _installed.levels.items():
            log = logging.getLogger(name)
            log.setLevel(level)
            for handler in _installed.handlers:
                log.removeHandler(handler)
        for handler in _installed.handlers:
            handler.close()
        if _installed.hooks:
            sys.excepthook, threading.excepthook, sys.unraisablehook = _installed.hooks
        _installed = None


def _attach(installed: _Installed, level: int) -> None:
    for name in installed.names:
        log = logging.getLogger(name)
        installed.levels[name] = log.level
        log.setLevel(level)
        for handler in installed.handlers:
            log.addHandler(handler)
    if "" in installed.names and level > logging.DEBUG:
        for name in _CHATTY:
            _quieten(installed, name, max(level, logging.WARNING))
    _quieten(installed, _TELLTALE, max(level, logging.INFO))


def _quieten(installed: _Installed, name: str, level: int) -> None:
    log = logging.getLogger(name)
    if log.level == logging.NOTSET:
        installed.levels[name] = logging.NOTSET
        log.setLevel(level)


def _file_handler(path: Path, max_bytes: int, backups: int) -> logging.Handler:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _prove_writable(str(path))
        # It looks for a folder for temporary files as it is imported: in the
        # working directory, where a container has no other.
        from bot.logs.file import LogFileHandler

        handler = LogFileHandler(path, max_bytes=max_bytes, backups=backups)
        _prove_writable(handler.lockFilename)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise LogFolderError(path, reason) from None
    return handler


def _prove_writable(name: str) -> None:
    """Open a file of the handler's, which does so at the first record and would only grumble."""
    with open(name, "a", encoding="utf-8"):  # noqa: PTH123  # names, not paths
        pass


def _hook_uncaught() -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    previous = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable
    return previous


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logger.critical("stopped by an error that nothing handled", exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is None or issubclass(args.exc_type, SystemExit):
        return
    name = args.thread.name if args.thread else "unknown"
    info = (args.exc_type, args.exc_value, args.exc_traceback)
    logger.critical("thread %s stopped by an error that nothing handled", name, exc_info=info)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    if args.exc_value is None:
        return
    info = (args.exc_type, args.exc_value, args.exc_traceback)
    logger.error("%s in %r", args.err_msg or "error ignored", args.object, exc_info=info)
