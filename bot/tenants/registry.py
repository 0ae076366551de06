"""All tenants of the process, by id, name and guild."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from bot.errors import printable
from bot.tenants.entry import log_problems
from bot.tenants.errors import TenantFileError, UnknownTenantError
from bot.tenants.loading import LeftOut, TenantFile, load_tenant_file, without_clashes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bot.tenants.errors import Problem
    from bot.tenants.model import Tenant


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """What the file says of guilds; all of it from one reading of the file.

    Attributes
    ----------
    guilds
        The tenant of each guild that the file lists, switched off or not;
        None where its entry has faults for which it is left out.
    tenants
        Tenants by id, switched off or not.
    namesakes
        Ids of tenants that have theirs from a name that another entry has,
        too: the next change of the file may exchange them.
    """

    guilds: Mapping[int, Tenant | None]
    tenants: Mapping[str, Tenant]
    namesakes: frozenset[str]


@dataclass(frozen=True, slots=True)
class _State:
    all: tuple[Tenant, ...]
    active: tuple[Tenant, ...]
    listing: Listing
    left_out: tuple[LeftOut, ...]
    problems: tuple[Problem, ...]
    entries: tuple[Any, ...]


class TenantRegistry:
    """The tenants of a file; safe to read from any thread while it reloads.

    Parameters
    ----------
    path
        The tenant file.
    webhook_hosts
        Hosts that webhooks may point to beside Discord's.
    """

    def __init__(self, path: Path, *, webhook_hosts: Collection[str] = ()) -> None:
        self.path = path
        self._hosts = tuple(webhook_hosts)
        self._reloading = threading.Lock()
        self._seen = _mark(path)
        self._version = 0
        self._state = _state(load_tenant_file(path, webhook_hosts=self._hosts))

    @classmethod
    def load(cls, path: Path | str, *, webhook_hosts: Collection[str] = ()) -> Self:
        """Read a tenant file; faults of single tenants are logged and kept in `problems`.

        Raises
        ------
        TenantFileError
            If there is no such file or it holds no JSON array.
        """
        registry = cls(Path(path), webhook_hosts=webhook_hosts)
        log_problems(registry.problems)
        return registry

    @property
    def tenants(self) -> tuple[Tenant, ...]:
        """Tenants that validate and are not switched off, in the file's order."""
        return self._state.active

    @property
    def all(self) -> tuple[Tenant, ...]:
        """Tenants that validate, switched off or not."""
        return self._state.all

    @property
    def listing(self) -> Listing:
        """Which guilds the file lists, and every tenant by its id."""
        return self._state.listing

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every fault that was found in the file when it was last read."""
        return self._state.problems

    @property
    def entries(self) -> tuple[Any, ...]:
        """The file's array as it is, faulty entries too."""
        return self._state.entries

    @property
    def version(self) -> int:
        """A number that grows whenever the file was read again."""
        return self._version

    def get(self, id_or_name: str) -> Tenant:
        """Return a tenant by its id, else its name, else its name in any case.

        Raises
        ------
        UnknownTenantError
            If there is none, or several go by that name.
        """
        state = self._state
        wanted = id_or_name.strip()
        folded = wanted.casefold()
        for found in (
            [tenant for tenant in state.all if tenant.id == wanted],
            [tenant for tenant in state.all if tenant.name == wanted],
            [tenant for tenant in state.all if tenant.name.casefold() == folded],
        ):
            if len(found) == 1:
                return found[0]
            if found:
                reason = f"several tenants are named {printable(wanted)!r}; name one by its id"
                raise UnknownTenantError(wanted, [tenant.id for tenant in found], reason)
        reason = ""
        if any(folded in (each.id, each.name.casefold()) for each in state.left_out):
            reason = f"tenant {printable(wanted)!r} is left out because its entry has faults"
        raise UnknownTenantError(wanted, [tenant.id for tenant in state.all], reason)

    def match(self, raw: Mapping[str, object]) -> Tenant | None:
        """Return the tenant whose entry in the file equals a dict; None if it was altered."""
        return next((tenant for tenant in self._state.all if tenant.raw == raw), None)

    def refresh(self) -> bool:
        """Read the file again if it has changed, and return whether it was read.

        A file that cannot be read as a whole is logged, once per change, and
        everything stays as it was.
        """
        mark = _mark(self.path)
        if mark == self._seen:
            return False
        self._seen = mark
        try:
            self.reload()
        except TenantFileError as error:
            log.error("The tenants stay as they were: %s", error)
            return False
        return True

    def reload(self) -> tuple[Problem, ...]:
        """Read the file again and return its faults.

        A tenant whose entry no longer validates stays as it was; one that is
        gone from the file goes.

        Raises
        ------
        TenantFileError
            If the file as a whole cannot be read; everything stays as it was.
        """
        with self._reloading:
            fresh = load_tenant_file(self.path, webhook_hosts=self._hosts)
            present = {tenant.id for tenant in fresh.tenants}
            gone = [tenant for tenant in self._state.all if tenant.id not in present]
            last_good = [each.last_good(gone) for each in fresh.left_out]
            kept = {tenant.id: tenant for tenant in last_good if tenant}
            tenants, clashes = without_clashes(fresh.tenants, kept.values())
            self._state = _state(
                replace(
                    fresh,
                    tenants=tuple(tenants),
                    problems=(*fresh.problems, *clashes),
                )
            )
            self._version += 1
            log_problems(self._state.problems)
            return self._state.problems


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _state(file: TenantFile) -> _State:
    return _State(
        all=file.tenants,
        active=tuple(tenant for tenant in file.tenants if tenant.enabled),
        listing=_listing(file),
        left_out=file.left_out,
        problems=file.problems,
        entries=file.entries,
    )


def _listing(file: TenantFile) -> Listing:
    guilds: dict[int, Tenant | None] = {
        guild: None for each in file.left_out for guild in each.guild_ids
    }
    guilds |= {guild: tenant for tenant in file.tenants for guild in tenant.guild_ids}
    tenants = {tenant.id: tenant for tenant in file.tenants}
    return Listing(MappingProxyType(guilds), MappingProxyType(tenants), _namesakes(file))


def _namesakes(file: TenantFile) -> frozenset[str]:
    named = [(tenant.name, tenant.id) for tenant in file.tenants if not tenant.has_own_id]
    # One that is kept as it was, since its entry has got faults, is in both with one id.
    named += [(entry.name, entry.id) for entry in file.left_out]
    ids_of: dict[str, set[str]] = {}
    for name, tenant_id in named:
        ids_of.setdefault(name, set()).add(tenant_id)
    return frozenset(found for ids in ids_of.values() if len(ids) > 1 for found in ids)
