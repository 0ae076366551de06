"""Books for tests: a clock that stands still, several processes, real databases."""

from __future__ import annotations

import contextlib
import json
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.delivery.state.database import StateDatabase
from bot.guilds.book import GuildBook
from bot.tenants import Tenant
from tests.delivery.ledgers import Clock
from tests.tenants.entries import entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.tenants import TenantRegistry

T = TypeVar("T")

GUILD = 1_200_000_000_000_000_001
OTHER_GUILD = 1_200_000_000_000_000_002
USER = 300_000_000_000_000_003
OTHER_USER = 300_000_000_000_000_004
HOUR = timedelta(hours=1)


class Books:
    """Opens books on one database, each as a process of its own would."""

    def __init__(self, uri: str, clock: Clock, stack: contextlib.ExitStack) -> None:
        self.uri = uri
        self.clock = clock
        self._stack = stack

    def open(self) -> GuildBook:
        """Open one; at the end it must have given all connections back."""
        database = StateDatabase(self.uri)
        self._stack.callback(_close, database)
        return GuildBook(database, self.clock)


@contextlib.contextmanager
def open_books(uri: str) -> Iterator[Books]:
    """Close all books at the end, after a look for leaked connections."""
    with contextlib.ExitStack() as stack:
        yield Books(uri, Clock(), stack)


def _close(database: StateDatabase) -> None:
    in_use = database.connections_in_use
    database.dispose()
    assert in_use == 0, f"{in_use} connections were never given back"


def tenant(tenant_id: str, **facts: Any) -> Tenant:
    """Return a tenant that is named as its id is."""
    return Tenant(tenant_id, facts.pop("name", tenant_id), "", Path(), **facts)


def squadron(name: str, **changes: Any) -> dict[str, Any]:
    """Return an entry of the tenant file with a key of its own."""
    return entry(**{"name": name, "api_key": f"key-of-{name}", **changes})


def rewrite(registry: TenantRegistry, *entries: object) -> None:
    """Put other entries into a tenant file, and read it again."""
    registry.path.write_text(json.dumps(entries))
    registry.reload()


def linked(book: GuildBook) -> dict[int, str]:
    """Return the tenant's id of every guild that is linked."""
    return {guild: link.tenant for guild, link in book.links().items()}


def store(book: GuildBook, **changes: Any) -> str:
    """Store a view that differs from the usual one as told, and return its id."""
    facts: dict[str, Any] = {
        "guild_id": GUILD,
        "tenant": "wolves",
        "user_id": USER,
        "kind": "summary",
        "state": {"period": "ld"},
        "lifetime": HOUR,
    }
    return book.store_view(**facts | changes)


def race(*contestants: Callable[[], T]) -> list[T]:
    """Make calls at one instant, each in a thread, and return their results in order."""
    barrier = threading.Barrier(len(contestants))
    results: dict[int, T] = {}

    def run(index: int) -> None:
        barrier.wait()
        results[index] = contestants[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(contestants))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[index] for index in range(len(contestants))]
