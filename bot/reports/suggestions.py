"""Names to suggest while somebody types: read seldom, answered from memory."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from bot.backend.errors import DatabaseError
from bot.reports.filters import NO_FILTERS, Filters
from bot.reports.name_lists import NameList
from bot.reports.names import KINDS, Kind, read_names
from bot.threads import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.backend.engines import Databases, TenantDatabase
    from bot.tenants import Tenant

logger = logging.getLogger(__name__)

MOST_NAMES = 20_000
"""The most names of a list, or of pairs of names where others narrow it."""

MOST_LISTS = 64
PATIENCE = 2.0
"""Seconds that an asker waits for a first read; Discord gives three for an answer."""

READ_TIMEOUT = 5.0
"""Seconds for a read: a database that does not answer must not keep others waiting."""

_PAUSE = 10.0
"""Seconds after a failure in which the same is not tried again."""

_FILTER_OF: dict[Kind, Callable[[Filters], tuple[str, ...]]] = {
    "system": lambda filters: filters.systems,
    "cmdr": lambda filters: filters.cmdrs,
    "settlement": lambda filters: filters.settlements,
}


@dataclass(frozen=True, slots=True)
class _Key:
    """What one list is read from; a database is its own identity."""

    database: TenantDatabase
    report: str
    kind: Kind
    others: tuple[Kind, ...] = ()


class _Pause:
    """Whether something failed a moment ago and is left alone."""

    __slots__ = ("_failed_at", "error")

    def __init__(self) -> None:
        self._failed_at: float | None = None
        self.error: Exception | None = None

    def begin(self, now: float, error: Exception) -> None:
        """Begin when something has failed."""
        self._failed_at, self.error = now, error

    def lasts(self, now: float) -> bool:
        """Whether it is too early to try again."""
        return self._failed_at is not None and now - self._failed_at < _PAUSE


class _Kept:
    """A list in memory, and the state of its reading."""

    __slots__ = ("names", "pause", "read_at", "reading")

    def __init__(self) -> None:
        self.names: NameList | None = None
        self.read_at = 0.0
        self.pause = _Pause()
        self.reading: asyncio.Task[None] | None = None

    def is_due(self, now: float, keep: float) -> bool:
        """Whether the list is to be read now."""
        if self.reading is not None or self.pause.lasts(now):
            return False
        return self.names is None or now - self.read_at > keep


class _Desk:
    """What one database is read at: one list at a time, and none after a failure.

    So a database that does not answer keeps one thread waiting and no more.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.pause = _Pause()


class Suggestions:
    """Suggests names for the filters of a report, from the tenant's own data.

    A list is read in a worker thread when it is first asked for, and again in
    the background when it is old, while the old one still answers. Askers of
    the same list share one read.

    Parameters
    ----------
    databases
        Where tenants' databases are got from.
    clock
        Seconds that only grow.
    keep
        Seconds after which a list is old.
    max_workers
        The most lists read at a time.
    patience
        Seconds that an asker waits for a list that was never read.
    read_timeout
        Seconds that a read may take, if fewer than the database's own limit.
    """

    def __init__(
        self,
        databases: Databases,
        *,
        clock: Callable[[], float],
        keep: float = 300.0,
        max_workers: int = 4,
        patience: float = PATIENCE,
        read_timeout: float = READ_TIMEOUT,
    ) -> None:
        self._databases = databases
        self._clock = clock
        self._keep = keep
        self._patience = patience
        self._read_timeout = read_timeout
        self._pool = WorkerPool(max_workers, "suggestions")
        self._lists: OrderedDict[_Key, _Kept] = OrderedDict()
        self._desks: WeakKeyDictionary[TenantDatabase, _Desk] = WeakKeyDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    async def matching(
        self,
        tenant: Tenant,
        report: str,
        kind: Kind,
        typed: str,
        *,
        limit: int = 25,
        others: Filters = NO_FILTERS,
    ) -> list[str]:
        """Return names of a tenant's database for what was typed, best first.

        Parameters
        ----------
        tenant
            Whose names.
        report, kind
            See `bot.reports.names.read_names`.
        typed
            Any text; see `bot.reports.name_lists.NameList.matching`.
        limit
            The most names to return.
        others
            What else is filled in: only names that occur with it are returned,
            unless there are none, as while the other is still being typed.

        Returns
        -------
        list of str
            Empty where nothing matches, or the database could not be read.
        """
        try:
            database = self._databases.get(tenant)
        except DatabaseError as error:
            logger.warning("No suggestions for %s: %s", tenant.id, error)
            return []
        narrowing = _narrowing(report, kind, others)
        until = asyncio.get_running_loop().time() + self._patience
        if narrowing:
            key = _Key(database, report, kind, tuple(narrowing))
            names = await self._names(key, tenant.id, until)
            sets = [frozenset(name.casefold() for name in known) for known in narrowing.values()]
            found = names.matching(typed, limit, sets) if names else None
            if found is not None:
                return found
        names = await self._names(_Key(database, report, kind), tenant.id, until)
        return (names.matching(typed, limit) if names else None) or []

    def failure(self, tenant: Tenant, report: str, kind: Kind) -> Exception | None:
        """Return why a tenant's names could not be read a moment ago.

        None where nothing failed, or names that were read before answer.
        """
        try:
            database = self._databases.get(tenant)
        except DatabaseError as error:
            return error
        kept = self._lists.get(_Key(database, report, kind))
        if kept is None or kept.names is not None:
            return None
        desk = self._desks.get(database)
        pauses = (kept.pause,) if desk is None else (kept.pause, desk.pause)
        now = self._clock()
        return next((pause.error for pause in pauses if pause.lasts(now)), None)

    def forget(self) -> None:
        """Forget all lists; what is being read now is not kept."""
        self._lists.clear()

    def close(self) -> None:
        """Forget all lists and read no more; a read under way ends by itself."""
        self.forget()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _names(self, key: _Key, tenant_id: str, until: float) -> NameList | None:
        """Return a list, read if need be; None where it could not be, or not in time."""
        left = until - asyncio.get_running_loop().time()
        kept = self._kept(key)
        if kept.is_due(self._clock(), self._keep):
            kept.reading = asyncio.create_task(self._read(key, kept, tenant_id))
            self._tasks.add(kept.reading)
            kept.reading.add_done_callback(self._tasks.discard)
        if kept.names is None and kept.reading is not None:
            await asyncio.wait((kept.reading,), timeout=max(left, 0.0))
        return kept.names

    def _kept(self, key: _Key) -> _Kept:
        kept = self._lists.setdefault(key, _Kept())
        self._lists.move_to_end(key)
        while len(self._lists) > MOST_LISTS:
            self._lists.popitem(last=False)
        return kept

    async def _read(self, key: _Key, kept: _Kept, tenant_id: str) -> None:
        desk = self._desks.setdefault(key.database, _Desk())
        try:
            async with desk.turn:
                if not desk.pause.lasts(self._clock()):
                    kept.names = await self._read_in_thread(key)
                    kept.read_at = self._clock()
        except DatabaseError as error:
            desk.pause.begin(self._clock(), error)
            logger.warning("No %s names of %s: %s", key.kind, tenant_id, error)
        except Exception as error:
            kept.pause.begin(self._clock(), error)
            logger.exception("No %s names of %s.", key.kind, tenant_id)
        finally:
            kept.reading = None

    async def _read_in_thread(self, key: _Key) -> NameList:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, _read_list, key, self._read_timeout)


def _read_list(key: _Key, timeout: float) -> NameList:
    return NameList(
        read_names(
            key.database, key.report, key.kind, key.others, limit=MOST_NAMES, timeout=timeout
        )
    )


def _narrowing(report: str, kind: Kind, others: Filters) -> dict[Kind, Sequence[str]]:
    """What is filled in of other kinds that the report can be narrowed to."""
    known: dict[Kind, Sequence[str]] = {
        other: _FILTER_OF[other](others)
        for other in KINDS
        if other != kind and (other != "settlement" or report == "groundcz")
    }
    return {other: names for other, names in known.items() if names}
