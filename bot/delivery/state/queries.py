"""Conditions and conversions that the ledger's statements share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.delivery.state.columns import StateText, UtcDateTime
from bot.delivery.state.model import UNSETTLED, DeliveryKey, Part, storable
from bot.delivery.state.tables import part

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Column, ColumnElement, Connection, RowMapping, Table

    from bot.delivery.state.model import PartState

_KEY_COLUMNS = {
    "tenant": "tenant",
    "report": "report",
    "window": "window_key",
    "occasion": "occasion",
    "channel": "channel",
}


def key_values(key: DeliveryKey) -> dict[str, str]:
    """Return a key as column values."""
    return {column: getattr(key, field) for field, column in _KEY_COLUMNS.items()}


def key_columns() -> list[Column[str]]:
    """Return the columns of a key, in the order of its fields."""
    return [part.c[column] for column in _KEY_COLUMNS.values()]


def has_key(key: DeliveryKey, *, any_channel: bool = False) -> ColumnElement[bool]:
    """Rows of one delivery, or of the same one to any channel."""
    return and_(
        *(
            part.c[column] == value
            for column, value in key_values(key).items()
            if not (any_channel and column == "channel")
        )
    )


def is_unsettled() -> ColumnElement[bool]:
    """Rows on which work is left."""
    return part.c.state.in_(sorted(UNSETTLED))


def is_unclaimed(now: datetime) -> ColumnElement[bool]:
    """Rows that nobody holds; a lease still holds at its last instant."""
    return or_(part.c.lease_until.is_(None), part.c.lease_until < now)


def is_due(now: datetime) -> ColumnElement[bool]:
    """Rows whose time to be tried has come."""
    return or_(part.c.next_attempt_at.is_(None), part.c.next_attempt_at <= now)


def waits_for_lower() -> ColumnElement[bool]:
    """Rows of which an earlier part of the same delivery is unsettled."""
    lower = part.alias("lower")
    return exists().where(
        *(lower.c[column] == part.c[column] for column in _KEY_COLUMNS.values()),
        lower.c.part < part.c.part,
        lower.c.state.in_(sorted(UNSETTLED)),
    )


def claimable(now: datetime) -> ColumnElement[bool]:
    """Rows that may be claimed."""
    return and_(is_unsettled(), is_unclaimed(now), ~waits_for_lower())


def insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that knows ``ON CONFLICT``, which Core's own lacks."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row; False, and nothing is done, if one with its key is there."""
    statement = insert(connection, table).values(values).on_conflict_do_nothing()
    counted = statement.execution_options(preserve_rowcount=True)
    return connection.execute(counted).rowcount == 1


def message_name(channel: str, message_id: str) -> str:
    """Return what names a message in the ledger.

    Discord's ids are unique by themselves; other servers count anew for each
    webhook, so the webhook belongs to the name. A thread does not: a message
    that opened one is known by the forum's channel, too.
    """
    kind, _, place = channel.partition(":")
    webhook = re.split("[:#]", place, maxsplit=1)[0]
    return storable(f"{kind}:{webhook}/{message_id}")


def to_part(row: RowMapping) -> Part:
    """Return a row of the part table as a value."""
    rest: dict[str, Any] = {
        str(name): value for name, value in row.items() if name not in _KEY_COLUMNS.values()
    }
    key = DeliveryKey(**{field: row[column] for field, column in _KEY_COLUMNS.items()})
    return Part(key=key, **rest)


def part_by_id(connection: Connection, part_id: int) -> Part | None:
    """Return one part; None if there is no such id."""
    row = connection.execute(select(part).where(part.c.id == part_id)).mappings().first()
    return None if row is None else to_part(row)


def lock(connection: Connection, part_id: int) -> None:
    """Wait for other changes of a part to be done, and keep them out.

    SQLite's write lock does that already.
    """
    connection.execute(select(part.c.id).where(part.c.id == part_id).with_for_update())


def parts_of(connection: Connection, key: DeliveryKey) -> list[Part]:
    """Return a delivery's parts in order."""
    query = select(part).where(has_key(key)).order_by(part.c.part)
    return [to_part(row) for row in connection.execute(query).mappings()]


def is_held(claimed: Part) -> ColumnElement[bool]:
    """The row of a part, as long as its claim is in force."""
    return and_(part.c.id == claimed.id, part.c.claim == (claimed.claim or ""))


def changed(connection: Connection, condition: ColumnElement[bool], **values: Any) -> bool:
    """Change the row that meets a condition; False if there is none."""
    return connection.execute(update(part).where(condition).values(**values)).rowcount == 1


def state(value: PartState) -> ColumnElement[PartState]:
    """Return a state as an expression, where no column tells its type."""
    return literal(value, StateText())


def moment(value: datetime) -> ColumnElement[datetime]:
    """Return a moment as an expression, where no column tells its type."""
    return literal(value, UtcDateTime())


def into_doubt(when: ColumnElement[bool]) -> dict[str, Any]:
    """Return the changes that put a row in doubt where a condition holds."""
    begun = func.coalesce(part.c.in_doubt_since, part.c.last_sent_at)
    return {
        "in_doubt_count": part.c.in_doubt_count + case((when, 1), else_=0),
        "in_doubt_since": case((when, begun), else_=part.c.in_doubt_since),
    }
