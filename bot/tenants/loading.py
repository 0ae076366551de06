"""Reading the tenant file as a whole."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.errors import printable
from bot.tenants.entry import MAX_SLUG, derived_id, display_name, own_id, parse_tenant
from bot.tenants.errors import Problem, TenantFileError
from bot.tenants.fields import Faults, clean, id_digits

if TYPE_CHECKING:
    from pathlib import Path

    from bot.tenants.model import Tenant


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is known of an entry that does not validate.

    Attributes
    ----------
    guild_ids
        What its ``guild_ids`` hold of ids, whatever else is there.
    has_own_id
        Whether the file gives its id.
    """

    id: str
    name: str
    api_key: object = field(repr=False)
    guild_ids: tuple[int, ...] = ()
    has_own_id: bool = False

    def last_good(self, tenants: Collection[Tenant]) -> Tenant | None:
        """Return which of the tenants loaded earlier this entry was, None where it cannot be told.

        By the id that the file gives, else by name, else by API key. An id that
        is made from a name may have been another tenant's before.
        """
        for is_same in (self._has_same_id, self._has_same_name, self._has_same_key):
            found = [tenant for tenant in tenants if is_same(tenant)]
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def _has_same_id(self, tenant: Tenant) -> bool:
        return self.has_own_id and tenant.id == self.id

    def _has_same_name(self, tenant: Tenant) -> bool:
        return bool(self.name) and clean(tenant.name) == self.name

    def _has_same_key(self, tenant: Tenant) -> bool:
        return bool(self.api_key) and tenant.raw.get("api_key") == self.api_key


@dataclass(frozen=True, slots=True)
class TenantFile:
    """What a tenant file says.

    Attributes
    ----------
    tenants
        Those that validate, switched off or not.
    left_out
        Those that do not.
    entries
        The file's array as it is.
    """

    tenants: tuple[Tenant, ...]
    left_out: tuple[LeftOut, ...]
    problems: tuple[Problem, ...]
    entries: tuple[Any, ...]


def read_tenant_file(path: Path) -> list[Any]:
    """Return the array of a tenant file as it is, unchecked.

    Raises
    ------
    TenantFileError
        If there is no such file or it holds no JSON array.
    """
    return _read(path)[0]


def load_tenant_file(path: Path, *, webhook_hosts: Collection[str] = ()) -> TenantFile:
    """Read a tenant file and check every entry.

    Raises
    ------
    TenantFileError
        If there is no such file or it holds no JSON array.
    """
    entries, doubled = _read(path)
    ids, taken_twice, problems = _settle_ids(entries)
    problems[:0] = _doubled_keys(doubled)
    tenants: list[Tenant] = []
    left_out: list[LeftOut] = []
    for index, raw in enumerate(entries):
        place = f"#{index + 1}"
        tenant, found = parse_tenant(
            raw,
            place,
            base_dir=path.absolute().parent,
            webhook_hosts=webhook_hosts,
            tenant_id=ids[index],
        )
        problems += found
        clash = _clash(tenant, tenants) if tenant and index not in taken_twice else []
        problems += clash
        if tenant and not clash and index not in taken_twice:
            tenants.append(tenant)
        elif isinstance(raw, Mapping):
            left_out.append(_left_out(raw, ids[index], place))
    return TenantFile(tuple(tenants), tuple(left_out), tuple(problems), tuple(entries))


def without_clashes(
    tenants: Collection[Tenant], kept: Collection[Tenant]
) -> tuple[list[Tenant], list[Problem]]:
    """Return the tenants and those of `kept` that share no id or guild with them."""
    found, problems = list(tenants), []
    for tenant in kept:
        clash = _clash(tenant, found)
        problems += clash
        if not clash:
            found.append(tenant)
    return found, problems


def _read(path: Path) -> tuple[list[Any], list[str]]:
    doubled: list[str] = []

    def note_doubled(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        counted = Counter(key for key, _ in pairs)
        doubled.extend(key for key, count in counted.items() if count > 1)
        return dict(pairs)

    try:
        data = json.loads(path.read_bytes(), object_pairs_hook=note_doubled)
    except FileNotFoundError:
        raise TenantFileError(
            f"there is no tenant file {path}; set TENANT_FILE to the backend's tenant.json, "
            "or let `bgs-bot init` write one"
        ) from None
    except OSError as error:
        raise TenantFileError(
            f"cannot read the tenant file {path}: {error.strerror or type(error).__name__}; "
            "correct TENANT_FILE or the file's permissions"
        ) from None
    except json.JSONDecodeError as error:
        raise TenantFileError(
            f"the tenant file {path} is no JSON: line {error.lineno}, column {error.colno}: "
            f"{error.msg}; {_remedy(error)}"
        ) from None
    except UnicodeDecodeError:
        raise TenantFileError(
            f"the tenant file {path} is not UTF-8 text; save it as UTF-8"
        ) from None
    except (ValueError, RecursionError):
        raise TenantFileError(
            f"the tenant file {path} holds a number too long or brackets too deep to read; "
            "compare it with tenant.example.json"
        ) from None
    if not isinstance(data, list):
        kinds = {dict: "an object", str: "a text", type(None): "null", bool: "true or false"}
        kind = kinds.get(type(data), "a number")
        raise TenantFileError(
            f"the tenant file {path} holds {kind}, line 1, column 1, where an array of tenants "
            "is needed; write [ before the first tenant and ] after the last"
        )
    return data, doubled


def _doubled_keys(keys: list[str]) -> list[Problem]:
    return [
        Problem(
            "warning",
            "(file)",
            printable(key),
            "",
            "is given twice in one object",
            "the last one counts; take the others out",
        )
        for key in dict.fromkeys(keys)
    ]


def _left_out(raw: Mapping[str, Any], tenant_id: str | None, place: str) -> LeftOut:
    name = raw.get("name")
    return LeftOut(
        tenant_id or "",
        clean(name) if isinstance(name, str) else place,
        raw.get("api_key"),
        _guild_ids(raw.get("guild_ids")),
        bool(raw.get("id")),
    )


def _guild_ids(value: object) -> tuple[int, ...]:
    found = map(id_digits, value if isinstance(value, list | tuple) else [value])
    return tuple(int(digits) for digits in found if digits)


def _settle_ids(entries: list[Any]) -> tuple[list[str | None], set[int], list[Problem]]:
    # Over all entries, good or not: a fault elsewhere must not change an id.
    ids = [own_id(raw, Faults("")) if isinstance(raw, Mapping) else None for raw in entries]
    problems: list[Problem] = []
    taken: set[str] = set()
    taken_twice: set[int] = set()
    for index, own in enumerate(ids):
        if own and own in taken:
            taken_twice.add(index)
            label = display_name(entries[index], f"#{index + 1}")
            problems.append(_taken(label, own, "an earlier tenant"))
        elif own:
            taken.add(own)
    for index, raw in enumerate(entries):
        if ids[index] or not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str):
            continue
        wanted = derived_id(clean(raw["name"]))
        ids[index] = free = free_id(wanted, taken)
        taken.add(free)
        if free != wanted and not raw.get("id"):
            fault = f"would be {wanted}, which another tenant has, and is {free}"
            remedy = f'add "id": "{free}" or another, so that it stays when tenants move'
            label = display_name(raw, f"#{index + 1}")
            problems.append(Problem("warning", label, "id", "", fault, remedy))
    return ids, taken_twice, problems


def _taken(label: str, tenant_id: str, owner: str) -> Problem:
    remedy = "give each tenant an id of its own"
    return Problem("error", label, "id", f'"{tenant_id}"', f"is taken by {owner}", remedy)


def free_id(wanted: str, taken: Collection[str]) -> str:
    """Return an id, or where it is taken the same with a number behind it."""
    free, number = wanted, 1
    while free in taken:
        number += 1
        suffix = f"-{number}"
        free = wanted[: MAX_SLUG - len(suffix)] + suffix
    return free


def _clash(tenant: Tenant, others: Collection[Tenant]) -> list[Problem]:
    label = printable(tenant.name)
    found = []
    for other in others:
        owner = f'tenant "{printable(other.name)}"'
        if other.id == tenant.id:
            found.append(_taken(label, tenant.id, owner))
        for guild in sorted(set(tenant.guild_ids) & set(other.guild_ids)):
            remedy = "a guild sees one tenant only; take it out of one of them"
            fault = f"belongs to {owner}"
            found.append(Problem("error", label, "guild_ids", str(guild), fault, remedy))
    return found


def _remedy(error: json.JSONDecodeError) -> str:
    """Return what to do; Python names the place behind a comma too many."""
    if error.doc[: error.pos].rstrip().endswith(","):
        return "take out the comma before it, or add what is missing behind that comma"
    return "correct it there"
