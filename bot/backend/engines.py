"""One engine per tenant: read only, limited in time, its errors in our words."""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.backend.errors import (
    DatabaseError,
    DatabaseFailed,
    DatabaseUnreachable,
    QueryTimeout,
    UnreadableText,
)
from bot.backend.limits import GRACE_SECONDS, Deadline, Watchdog
from bot.backend.sessions import begin, make_engine
from bot.backend.shape import Shape, inspect_shape
from bot.backend.translation import to_raise, translate
from bot.backend.uris import parse_db_uri

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import sqlalchemy as sa

    from bot.tenants import Tenant

logger = logging.getLogger(__name__)

_REVIVAL_SECONDS = 5.0
"""How long a pooled connection may take to answer before a new one is made."""

_LEAST_TO_INSPECT = 0.1
"""Who has waited for another thread's inspection until then does not begin one."""

_USED = "bgsbot_used"


class TenantDatabase:
    """A tenant's database, for reading.

    Safe to share between threads. Nothing is opened before the first use.

    Parameters
    ----------
    uri
        ``db_uri`` as the tenant file has it.
    base_dir
        Folder of the tenant file: where relative SQLite paths are sought first.
    query_timeout
        Seconds a whole read may take, connecting and waiting for locks included.

    Raises
    ------
    BadDatabaseUri, DriverMissing
        If the URI cannot be used here.
    """

    def __init__(
        self, uri: str, *, base_dir: Path | None = None, query_timeout: float = 20.0
    ) -> None:
        self.location = parse_db_uri(uri, base_dir=base_dir)
        self.query_timeout = query_timeout
        self._engine = make_engine(
            self.location, query_timeout, lenient_text=lambda: self._is_lenient
        )
        self._shape: Shape | None = None
        self._shape_lock = threading.Lock()
        self._active = threading.local()
        self._is_lenient = False
        self._generation = 0

    def __repr__(self) -> str:
        return f"<TenantDatabase {self.location.shown}>"

    @property
    def dialect(self) -> str:
        """``sqlite``, ``postgresql``, ``mysql`` or ``mariadb``; the last two need a connection."""
        if self._engine.dialect.name == "mysql" and self._version is None:
            with self.read():
                pass
        return self.known_dialect

    @property
    def known_dialect(self) -> str:
        """As `dialect`, without asking: ``mysql`` until the server was reached."""
        name = self._engine.dialect.name
        return "mariadb" if getattr(self._engine.dialect, "is_mariadb", False) else name

    @property
    def _version(self) -> object:
        return self._engine.dialect.server_version_info

    @property
    def shape(self) -> Shape:
        """Tables and columns, inspected at first use and again after a failed statement.

        Within a `read` of the same thread it is inspected there.

        Raises
        ------
        DatabaseError
            As `read`.
        """
        found = self._shape
        if found is not None:
            return found
        if (active := self._active_connection()) is not None:
            # A second connection could wait for a writer that waits for the first.
            self._shape = found = inspect_shape(active)
            return found
        deadline = Deadline(self.query_timeout)
        if not self._shape_lock.acquire(timeout=deadline.remaining):
            raise QueryTimeout(self.location.shown, deadline.seconds)
        try:
            found = self._shape
            if found is None:
                if (left := round(deadline.remaining, 1)) < _LEAST_TO_INSPECT:
                    raise QueryTimeout(self.location.shown, deadline.seconds)
                with self.read(left) as connection:
                    self._shape = found = inspect_shape(connection)
            return found
        finally:
            self._shape_lock.release()

    @contextmanager
    def read(self, timeout: float | None = None) -> Iterator[sa.Connection]:
        """Open a read-only transaction on one consistent snapshot.

        Parameters
        ----------
        timeout
            Seconds for the whole block, in place of the database's own limit.

        Yields
        ------
        sqlalchemy.Connection
            Rolled back and given back at the end.

        Raises
        ------
        DatabaseUnreachable
            If there is no connection, or it was lost.
        DatabaseLocked
            If another program kept the database locked.
        QueryTimeout
            If the block took too long.
        DatabaseFailed
            For any other answer of the database, and for an attempt to write.
        BadDatabaseUri, DriverMissing
            If the URI's options, or the way to log in, cannot be served.
        """
        deadline = Deadline(self.query_timeout if timeout is None else timeout)
        connection, watchdog = self._open(deadline)
        failure: Exception | None = None
        ours: DatabaseError | None = None
        with watchdog:
            outer, self._active.connection = self._active_connection(), connection
            try:
                yield connection
            except Exception as error:  # noqa: BLE001  # translated, or raised again as it is
                failure = error
                ours = self._translate(error, deadline, silent=watchdog.fired)
            finally:
                self._active.connection = outer
                self._close(connection, is_broken=ours is not None)
        if failure is not None:
            raise to_raise(ours, failure, self.location)

    def dispose(self) -> None:
        """Close all connections; one in use is closed at the end of its block.

        The object stays usable and connects anew.
        """
        self._generation += 1
        self._engine.dispose()

    def _active_connection(self) -> sa.Connection | None:
        """The connection that this thread is reading from."""
        return getattr(self._active, "connection", None)

    def _open(self, deadline: Deadline) -> tuple[sa.Connection, Watchdog]:
        """Check out a connection that answers and begin; stale ones are replaced."""
        while True:
            connection = self._connect(deadline)
            is_pooled = _USED in connection.info and self._engine.dialect.name != "sqlite"
            watchdog = Watchdog(connection.connection.dbapi_connection)
            limit = deadline.remaining + GRACE_SECONDS
            watchdog.set(min(limit, _REVIVAL_SECONDS) if is_pooled else limit)
            try:
                begin(connection, deadline)
            except Exception as error:  # noqa: BLE001  # translated, or raised again as it is
                failure = error
            else:
                connection.info[_USED] = self._generation
                watchdog.set(deadline.remaining + GRACE_SECONDS)
                return connection, watchdog
            ours = self._translate(failure, deadline, silent=watchdog.fired and not is_pooled)
            self._close(connection, is_broken=True)
            watchdog.close()
            if is_pooled and isinstance(ours, DatabaseUnreachable) and not deadline.passed:
                logger.debug("A pooled connection to %s was stale.", self.location.shown)
                continue
            raise to_raise(ours, failure, self.location)

    def _connect(self, deadline: Deadline) -> sa.Connection:
        try:
            return self._engine.connect()
        except Exception as error:  # noqa: BLE001  # translated, or raised again as it is
            failure = error
        ours = self._translate(failure, deadline, connecting=True)
        raise to_raise(ours, failure, self.location)

    def _translate(
        self,
        error: Exception,
        deadline: Deadline,
        *,
        connecting: bool = False,
        silent: bool = False,
    ) -> DatabaseError | None:
        driver = self._engine.dialect.loaded_dbapi
        ours = translate(
            error, self.location, deadline, driver_error=driver.Error, connecting=connecting
        )
        if ours is None:
            return None
        if silent and not isinstance(ours, QueryTimeout):
            return QueryTimeout(self.location.shown, deadline.seconds)
        if isinstance(ours, UnreadableText):
            self._is_lenient = True
        if isinstance(ours, DatabaseFailed):
            self._shape = None  # perhaps the backend changed its tables
        return ours

    def _close(self, connection: sa.Connection, *, is_broken: bool) -> None:
        try:
            if is_broken or connection.info.get(_USED) != self._generation:
                connection.invalidate()
            else:
                connection.rollback()
        except Exception:
            logger.debug("Ending a read of %s failed.", self.location.shown, exc_info=True)
            connection.invalidate()
        finally:
            connection.close()


class Databases:
    """The databases of all tenants, one engine each, made on first use.

    Parameters
    ----------
    query_timeout
        Seconds a whole read may take.
    """

    def __init__(self, query_timeout: float = 20.0) -> None:
        self._query_timeout = query_timeout
        self._databases: dict[str, tuple[tuple[str, Path], TenantDatabase]] = {}
        self._lock = threading.Lock()

    def get(self, tenant: Tenant) -> TenantDatabase:
        """Return a tenant's database; a changed ``db_uri`` gets a new one.

        Raises
        ------
        BadDatabaseUri, DriverMissing
            If the tenant's URI cannot be used here.
        """
        source = (tenant.db_uri, tenant.base_dir)
        with self._lock:
            known = self._databases.get(tenant.id)
            if known is not None and known[0] == source:
                return known[1]
            database = TenantDatabase(
                tenant.db_uri, base_dir=tenant.base_dir, query_timeout=self._query_timeout
            )
            self._databases[tenant.id] = (source, database)
        if known is not None:
            known[1].dispose()
        return database

    def keep_only(self, tenants: Iterable[Tenant]) -> None:
        """Dispose of the databases of all other tenants, as after a reload."""
        ids = {tenant.id for tenant in tenants}
        with self._lock:
            gone = [self._databases.pop(key) for key in self._databases.keys() - ids]
        for _, database in gone:
            database.dispose()

    def dispose(self) -> None:
        """Close all connections of all tenants."""
        self.keep_only(())
