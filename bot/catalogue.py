"""Which reports there are: the bot's own, and those that other packages add.

This is what everybody may know of a report: what it is called. What computes
it is kept by `bot.reports.registry`. Packages add reports by an entry point of
the group `GROUP`; they are loaded when somebody first asks for more than the
bot's own.
"""

from __future__ import annotations

import logging
import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import printable
from bot.logs import mask

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

log = logging.getLogger(__name__)

GROUP = "bgs_bot.reports"
"""The group of entry points by which packages add reports."""

OTHER_SIGN, OTHER_COLOUR = "📋", 0x8E6BD8
LONGEST_TITLE = 60

_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MARKUP = frozenset("*_~|<>@[]\\`")
_LONGEST_SIGN = 10
_LONGEST_REASON = 200


def _is_plain(sign: str) -> bool:
    return sign.isascii() or sign.isspace() or sign.isalnum()


def _is_colour(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= 0xFFFFFF


class ReportRefusedError(ValueError):
    """A report cannot be added as it is; the text says why."""


@dataclass(frozen=True, slots=True)
class ReportInfo:
    """What a report is called.

    Attributes
    ----------
    key
        Its name in commands and files: small letters, digits and underscores.
    title
        Its name for readers.
    sign, colour
        The emoji before its title, and the colour of its embeds as ``0xRRGGBB``.

    Raises
    ------
    ReportRefusedError
        If one of them will not do.
    """

    key: str
    title: str
    sign: str = OTHER_SIGN
    colour: int = OTHER_COLOUR

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ReportRefusedError(
                f"the report key {self.key!r} will not do: use up to 32 small letters, digits"
                " and underscores, and begin with a letter"
            )
        title = self.title
        if (
            title != title.strip()
            or not 1 <= len(title) <= LONGEST_TITLE
            or not title.isprintable()
            or not _MARKUP.isdisjoint(title)
        ):
            raise ReportRefusedError(
                f"report {self.key!r}: the title {title[:80]!r} will not do: use one line of"
                f" 1 to {LONGEST_TITLE} signs, none of them {' '.join(sorted(_MARKUP))}"
            )
        is_sign = 1 <= len(self.sign) <= _LONGEST_SIGN and not any(map(_is_plain, self.sign))
        if not is_sign:
            raise ReportRefusedError(f"report {self.key!r}: the sign {self.sign!r} is no emoji")
        if not _is_colour(self.colour):
            raise ReportRefusedError(
                f"report {self.key!r}: the colour is no whole number up to 0xFFFFFF"
            )


@dataclass(frozen=True, slots=True)
class Fault:
    """A package whose reports are left out, and why."""

    package: str
    entry: str
    reason: str


OWN = (
    ReportInfo("daily", "Daily Summary", "📅", 0xF0B232),
    ReportInfo("spacecz", "Space CZ Summary", "🚀", 0x3BA5F0),
    ReportInfo("groundcz", "Ground CZ Summary", "🪖", 0x57A65B),
)
"""The reports that come with the bot."""

OWN_KEYS = tuple(info.key for info in OWN)

_infos: dict[str, ReportInfo] = {info.key: info for info in OWN}
_faults: list[Fault] = []
_loading = threading.RLock()
_state = {"begun": False, "done": False}


def add(info: ReportInfo) -> None:
    """Add a report.

    Raises
    ------
    ReportRefusedError
        If its key or its title is taken.
    """
    if info.key in _infos:
        raise ReportRefusedError(f"there is a report {info.key!r} already; use another key")
    for other in _infos.values():
        if other.title.casefold() == info.title.casefold():
            raise ReportRefusedError(
                f"report {info.key!r}: {other.key!r} has the title {other.title!r} already"
            )
    _infos[info.key] = info


def remove(key: str) -> None:
    """Take an added report out again; one that is not there is no error."""
    if key not in OWN_KEYS:
        _infos.pop(key, None)


def find(key: str) -> ReportInfo | None:
    """Return what is known of a report; None where there is none of this key."""
    if key not in _infos:
        load_packages()
    return _infos.get(key)


def infos() -> tuple[ReportInfo, ...]:
    """Return all reports: the bot's own, then the added ones."""
    load_packages()
    return tuple(_infos.values())


def keys() -> tuple[str, ...]:
    """Return the keys of all reports."""
    return tuple(info.key for info in infos())


def faults() -> tuple[Fault, ...]:
    """Return the packages whose reports are left out."""
    load_packages()
    return tuple(_faults)


def load_packages() -> None:
    """Let every installed package add its reports, once per process.

    A package that cannot is logged and left out.
    """
    if _state["done"]:
        return
    with _loading:  # other threads wait; a package that asks meanwhile sees those there are
        if not _state["begun"]:
            _state["begun"] = True
            from importlib.metadata import entry_points  # slow, and seldom wanted

            load_from(entry_points(group=GROUP))
            _state["done"] = True


def load_from(points: Iterable[EntryPoint]) -> None:
    """Load entry points by name, so that reports keep their order."""
    for point in sorted(points, key=lambda point: (point.name, point.value)):
        before = set(_infos)
        try:
            point.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001  # it is not our code
            for key in set(_infos) - before:
                remove(key)
            _note_fault(point, error)


def _note_fault(point: EntryPoint, error: BaseException) -> None:
    package = point.dist.name if point.dist is not None else "unknown package"
    text = printable(mask(str(error)), _LONGEST_REASON)
    is_ours = isinstance(error, ReportRefusedError)
    reason = text if is_ours else f"{type(error).__name__}: {text}"
    _faults.append(Fault(package, point.name, reason))
    log.error("The report %s of the package %s is left out: %s", point.name, package, reason)
    log.debug("Loading %s failed", point.value, exc_info=error)
