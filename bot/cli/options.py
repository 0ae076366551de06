"""Arguments and options that several commands share, and their checks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.cli.session import Session
from bot.periods import Period

if TYPE_CHECKING:
    from collections.abc import Callable

    PeriodParam = click.ParamType[Period]
    MomentParam = click.ParamType[datetime]
    ReportParam = click.ParamType[str]
else:  # generic since click 8.4 only
    PeriodParam = MomentParam = ReportParam = click.ParamType

F = TypeVar("F", bound="Callable[..., Any]")

_YEARS = range(1970, 9998)
_LISTED_REPORTS = 8


class PeriodType(PeriodParam):
    """A period's code; an unknown one is answered with all codes and names."""

    name = "code"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Period:
        """Return the period of a code."""
        try:
            return Period.parse(str(value).strip().lower())
        except ValueError as error:
            self.fail(str(error), param, ctx)


class MomentType(MomentParam):
    """A moment as ISO-8601 text; without an offset it is UTC."""

    name = "iso"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment, aware, in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value).strip().upper())
        except ValueError:
            self.fail(
                f"{value!r} is no moment; write it like 2025-09-13, 2025-09-13T00:00:30Z"
                " or 2025-09-13T02:00+02:00",
                param,
                ctx,
            )
        if moment.year not in _YEARS:
            self.fail(
                f"{value!r} is out of reach; the year must be {_YEARS[0]} to {_YEARS[-1]}",
                param,
                ctx,
            )
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class ReportType(ReportParam):
    """The key of a registered report."""

    name = "report"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str | None:
        """Return the keys there are; where they are many, the bare word."""
        from bot.catalogue import keys

        known = keys()
        return "|".join(known) if len(known) <= _LISTED_REPORTS else None

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the key of the report."""
        from bot.catalogue import keys

        known = keys()
        if value not in known:
            self.fail(f"there is no report {value!r}; use one of: {', '.join(known)}", param, ctx)
        return str(value)


def examples(*lines: str) -> str:
    """Return the examples that end a command's help, one a line."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def report_argument(function: F) -> F:
    """Add the argument that names the report."""
    return click.argument("report", type=ReportType())(function)


def period_option(function: F) -> F:
    """Add ``--period``."""
    return click.option(
        "--period",
        type=PeriodType(),
        default=Period.YESTERDAY.value,
        metavar="CODE",
        help="Which days: "
        + ", ".join(f"{period.value} {period.title.lower()}" for period in Period)
        + ". Without it: ld, yesterday.",
    )(function)


def now_option(function: F) -> F:
    """Add ``--now``."""
    return click.option(
        "--now",
        type=MomentType(),
        metavar="ISO",
        help="Pretend that it is this moment, such as 2025-09-13 or 2025-09-13T00:00:30Z "
        "(UTC where it names no offset). Only what is reported depends on it; waits and "
        "retries run on real time.",
    )(function)


def tenant_option(function: F) -> F:
    """Add ``--tenant``."""
    return click.option(
        "--tenant", metavar="ID", help="Only this squadron, by its id or its name."
    )(function)


def tenant_file_option(function: F) -> F:
    """Add ``--tenant-file``, which goes to the session and not to the command."""

    def remember(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
        if value is not None:
            ctx.ensure_object(Session).tenant_file = value

    return click.option(
        "--tenant-file",
        type=click.Path(path_type=Path),
        metavar="PATH",
        expose_value=False,
        is_eager=True,
        callback=remember,
        help="The tenant file to use in place of TENANT_FILE.",
    )(function)
