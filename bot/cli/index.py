"""``bgs-bot index``: the indexes that make reports fast."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.tables import show_table
from bot.cli.text import note, say
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.backend import Databases, TenantDatabase
    from bot.backend.index_plans import IndexPlan
    from bot.cli.session import Session
    from bot.tenants import Tenant

_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be done in one tenant's database."""

    tenant: Tenant
    database: TenantDatabase
    plans: tuple[IndexPlan, ...] = ()
    names: tuple[str, ...] = ()


@click.command(
    "index",
    epilog=options.examples(
        "bgs-bot index                     show what is missing, and ask",
        "bgs-bot index --yes               do not ask",
        "bgs-bot index --tenant wolves     in one squadron's database only",
        "bgs-bot index --undo              take our indexes away again",
    ),
)
@click.option(
    "--undo",
    is_flag=True,
    help="Remove the indexes that this command has made. An SQLite file keeps its size;"
    " how to shrink it is told then.",
)
@click.option("--yes", is_flag=True, help="Do it without asking.")
@options.tenant_option
@options.tenant_file_option
@click.pass_obj
def command(session: Session, undo: bool, yes: bool, tenant: str | None) -> None:
    """Make reports fast: add indexes to the squadrons' databases.

    Lists what each database lacks and how much room that takes, asks, and
    creates it; on a large database that takes seconds. This is the only
    command that changes anything in a backend's database, and it touches no
    data. The backend may run meanwhile.
    """
    from bot.backend import Databases

    session.log_on_console()
    tenants = session.tenants(tenant)
    databases = Databases(query_timeout=session.settings().query_timeout)
    try:
        jobs = list(_jobs(session, databases, tenants, undo=undo))
        failed = len(jobs) < len(tenants)
        jobs = [job for job in jobs if job.names]
        if not jobs and not failed:
            say(_nothing_to_do(undo=undo))
            return
        if jobs:
            _list(jobs, undo=undo)
            if not yes:
                _ask(sum(len(job.names) for job in jobs), undo=undo)
            done = [_done(session, job, undo=undo) for job in jobs]
            failed = failed or not all(done)
    finally:
        databases.dispose()
    if failed:
        raise click.exceptions.Exit(1)


def _nothing_to_do(*, undo: bool) -> str:
    if undo:
        return "No database has an index of ours."
    return "Nothing to do: every database has the indexes that the reports need."


def _jobs(
    session: Session, databases: Databases, tenants: Sequence[Tenant], *, undo: bool
) -> Iterator[_Job]:
    """Yield a job for each database that can be read; tell of the others."""
    from bot.backend import indexes

    for tenant in tenants:
        try:
            database = databases.get(tenant)
            if undo:
                yield _Job(tenant, database, names=tuple(indexes.ours(database)))
            else:
                plans = tuple(indexes.missing(database))
                names = tuple(plan.name for plan in plans)
                yield _Job(tenant, database, plans, names)
        except Exception as error:  # noqa: BLE001  # one squadron's trouble is not another's
            note(f"Error: {tenant.id}: {session.reason(error)}")


def _list(jobs: Sequence[_Job], *, undo: bool) -> None:
    if undo:
        show_table(
            ("Tenant", "Index to remove"),
            [(job.tenant.id, name) for job in jobs for name in job.names],
        )
        return
    show_table(
        ("Tenant", "Table", "Index to create", "Columns"),
        [
            (job.tenant.id, plan.table, plan.name, ", ".join(plan.columns))
            for job in jobs
            for plan in job.plans
        ],
    )
    for job in jobs:
        _tell_room(job)


def _tell_room(job: _Job) -> None:
    from bot.backend import index_sizes

    try:
        added = index_sizes.estimate(job.database, job.plans)
    except BotError as error:
        note(f"{job.tenant.id}: how much room they take could not be found out: {error}")
        return
    what = "this index adds" if len(job.plans) == 1 else "these indexes add"
    text = f"{what} about {_megabytes(added)}"
    size = _size(job.database)
    if size is not None:
        text = f"the database has {_megabytes(size)}; {text}"
    say(f"{job.tenant.id}: {text}.")


def _megabytes(size: int) -> str:
    return f"{max(size / _MEGABYTE, 0.1):,.1f} MB"


def _size(database: TenantDatabase) -> int | None:
    path = _file(database)
    return path.stat().st_size if path is not None else None


def _file(database: TenantDatabase) -> Path | None:
    from bot.backend.sqlite import SqliteFile

    location = database.location
    return location.find() if isinstance(location, SqliteFile) else None


def _ask(count: int, *, undo: bool) -> None:
    what = "index" if count == 1 else "indexes"
    question = f"{'Remove' if undo else 'Create'} {count} {what}?"
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        note("\nNobody answered, so nothing was changed; add --yes to do it without asking.")
        raise click.exceptions.Exit(1) from None
    if not agreed:
        note("Nothing was changed.")
        raise click.exceptions.Exit(1)


def _done(session: Session, job: _Job, *, undo: bool) -> bool:
    """Do a job, and return whether it could be done."""
    try:
        if undo:
            _undo(job)
        else:
            _create(job)
    except Exception as error:  # noqa: BLE001  # one squadron's trouble is not another's
        note(f"Error: {job.tenant.id}: {session.reason(error)}")
        return False
    return True


def _create(job: _Job) -> None:
    from bot.backend import indexes

    def tell(plan: IndexPlan, seconds: float | None) -> None:
        if seconds is None:
            note(f"{job.tenant.id}: creating {plan.name} ...")
        else:
            note(f"{job.tenant.id}: {plan.name} is there, after {seconds:.1f} s")

    indexes.create(job.database, job.plans, tell)
    say(f"{job.tenant.id}: {len(job.plans)} created.")


def _undo(job: _Job) -> None:
    from bot.backend import indexes

    gone = indexes.drop(job.database, lambda name: note(f"{job.tenant.id}: {name} is gone"))
    say(f"{job.tenant.id}: {len(gone)} removed.")
    _tell_left_over(job)


def _tell_left_over(job: _Job) -> None:
    """Say that an SQLite file does not shrink, and how it can be made to."""
    from bot.backend import index_sizes

    path = _file(job.database)
    try:
        room = index_sizes.free_room(job.database)
    except BotError:  # what was to be done is done
        return
    if path is None or not room:
        return
    command = shlex.join(["sqlite3", str(path.absolute()), "VACUUM"])
    say(
        f"{job.tenant.id}: the file keeps its size, and {_megabytes(room)} of it are free for"
        f" new rows. To shrink it, stop the backend and run: {command}"
    )
