"""A squadron's rows, made by hand and put into databases of any age.

Nothing here belongs to the bot: tables are made from their names and types, so
that a database lacks exactly what a test takes away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tests.servers import writable_engine

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]

_TEXT, _LONG, _WHOLE, _BIG = sa.String(128), sa.Text(), sa.Integer(), sa.BigInteger()

COLUMNS: dict[str, dict[str, Any]] = {
    "event": {
        "id": _WHOLE,
        "event": sa.String(64),
        "timestamp": sa.String(64),
        "tickid": sa.String(24),
        "ticktime": sa.String(64),
        "cmdr": sa.String(64),
        "starsystem": _TEXT,
        "systemaddress": _BIG,
        "raw_json": _LONG,
    },
    "market_buy_event": {
        "id": _WHOLE,
        "event_id": _WHOLE,
        "value": _WHOLE,
        "count": _WHOLE,
        "station_faction": _TEXT,
    },
    "market_sell_event": {
        "id": _WHOLE,
        "event_id": _WHOLE,
        "value": _WHOLE,
        "count": _WHOLE,
        "station_faction": _TEXT,
    },
    "mission_completed_event": {"id": _WHOLE, "event_id": _WHOLE, "awarding_faction": _TEXT},
    "mission_completed_influence": {
        "id": _WHOLE,
        "mission_id": _WHOLE,
        "event_id": _WHOLE,
        "influence": sa.String(8),
        "trend": sa.String(32),
        "faction_name": _TEXT,
    },
    "redeem_voucher_event": {
        "id": _WHOLE,
        "event_id": _WHOLE,
        "amount": _WHOLE,
        "faction": _TEXT,
        "type": _TEXT,
        "factions": _LONG,
    },
    "sell_exploration_data_event": {"id": _WHOLE, "event_id": _WHOLE, "earnings": _WHOLE},
    "multi_sell_exploration_data_event": {
        "id": _WHOLE,
        "event_id": _WHOLE,
        "total_earnings": _WHOLE,
    },
    "commit_crime_event": {
        "id": _WHOLE,
        "event_id": _WHOLE,
        "faction": _TEXT,
        "bounty": _WHOLE,
        "fine": _WHOLE,
    },
    "synthetic_cz": {
        "id": _WHOLE,
        "event_id": _WHOLE,
        "cz_type": sa.String(64),
        "faction": _TEXT,
    },
    "synthetic_ground_cz": {
        "id": _WHOLE,
        "event_id": _WHOLE,
        "cz_type": sa.String(64),
        "settlement": _TEXT,
        "faction": _TEXT,
    },
}
"""The tables that reports read; ``fine`` is what the oldest databases have for ``bounty``."""

NEWEST_LACKS = frozenset({"commit_crime_event.fine"})


@dataclass
class Squadron:
    """Rows of a tenant's database, to be inserted and to be read by `tests.truth`.

    Attributes
    ----------
    lacks
        Tables and columns (``table.column``) that its database does not have.
    """

    lacks: frozenset[str] = NEWEST_LACKS
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in COLUMNS})

    @property
    def tables(self) -> dict[str, frozenset[str]]:
        """The tables and columns that the database has."""
        return {
            table: frozenset(name for name in columns if f"{table}.{name}" not in self.lacks)
            for table, columns in COLUMNS.items()
            if table not in self.lacks
        }

    def add(self, table: str, **values: Any) -> int:
        """Add a row and return its id."""
        row = {"id": len(self.rows[table]) + 1, **values}
        self.rows[table].append(row)
        return int(row["id"])

    def event(self, at: str = "2025-09-12T12:00:00Z", cmdr: str | None = "Ada", **more: Any) -> int:
        """Add an event and return its id."""
        row = {"event": "X", "timestamp": at, "tickid": "", "ticktime": "", "starsystem": "Sol"}
        return self.add("event", **{**row, "cmdr": cmdr, **more})

    def buy(
        self, value: int | None, count: int | None, event: int | None = None, **more: Any
    ) -> int:
        """Add a purchase."""
        return self._detail("market_buy_event", event, value=value, count=count, **more)

    def sell(
        self, value: int | None, count: int | None, event: int | None = None, **more: Any
    ) -> int:
        """Add a sale."""
        return self._detail("market_sell_event", event, value=value, count=count, **more)

    def mission(self, event: int | None = None, **more: Any) -> int:
        """Add a completed mission and return its own id."""
        return self._detail("mission_completed_event", event, **more)

    def influence(self, worth: str | None, mission: int, **more: Any) -> int:
        """Add influence that points to its mission."""
        event = self._row("mission_completed_event", mission)["event_id"]
        return self._influence(worth, mission_id=mission, event_id=event, **more)

    def old_influence(self, worth: str | None, event: int, **more: Any) -> int:
        """Add influence that points to the event of its mission."""
        return self._influence(worth, mission_id=event, event_id=None, **more)

    def voucher(
        self, kind: str | None, amount: int | None, event: int | None = None, **more: Any
    ) -> int:
        """Add a redeemed voucher."""
        return self._detail("redeem_voucher_event", event, type=kind, amount=amount, **more)

    def sale(self, earnings: int | None, event: int | None = None) -> int:
        """Add exploration data sold by system."""
        return self._detail("sell_exploration_data_event", event, earnings=earnings)

    def multi_sale(self, earnings: int | None, event: int | None = None) -> int:
        """Add exploration data sold by page."""
        return self._detail("multi_sell_exploration_data_event", event, total_earnings=earnings)

    def crime(self, bounty: int | None, event: int | None = None, **more: Any) -> int:
        """Add a crime; the oldest databases get the amount as ``fine``."""
        return self._detail("commit_crime_event", event, bounty=bounty, fine=bounty, **more)

    def cz(
        self, cz_type: str | None, raw: object = None, event: int | None = None, **more: Any
    ) -> int:
        """Add a space conflict zone; ``raw`` is the event's raw_json."""
        event = event or self.event(raw_json=None if raw is None else str(raw))
        return self._detail("synthetic_cz", event, cz_type=cz_type, **more)

    def ground_cz(
        self, cz_type: str | None, raw: object = None, event: int | None = None, **more: Any
    ) -> int:
        """Add a ground conflict zone; ``raw`` is the event's raw_json."""
        event = event or self.event(raw_json=None if raw is None else str(raw))
        return self._detail("synthetic_ground_cz", event, cz_type=cz_type, **more)

    def without(self, *names: str) -> Squadron:
        """Return the same rows in a database that also lacks these."""
        return Squadron(self.lacks | set(names), self.rows)

    def store(self, uri: str, metadata: sa.MetaData | None = None) -> None:
        """Create the tables that there are, or others like them, and insert all rows."""
        metadata = self.metadata() if metadata is None else metadata
        with writable_engine(uri).begin() as connection:
            metadata.create_all(connection)
            self._insert(connection, metadata)

    def replace(self, uri: str) -> None:
        """Put these rows in the place of all rows of the same tables."""
        metadata = self.metadata()
        with writable_engine(uri).begin() as connection:
            for table in metadata.sorted_tables:
                connection.execute(table.delete())
            self._insert(connection, metadata)

    def metadata(self) -> sa.MetaData:
        """Return the tables that the database has."""
        metadata = sa.MetaData()
        for table, names in self.tables.items():
            ordered = [name for name in COLUMNS[table] if name in names]
            columns = [
                sa.Column(name, COLUMNS[table][name], primary_key=name == "id", autoincrement=False)
                for name in ordered
            ]
            sa.Table(table, metadata, *columns)
        return metadata

    def _insert(self, connection: sa.Connection, metadata: sa.MetaData) -> None:
        for table in metadata.sorted_tables:
            names = [column.name for column in table.columns]
            rows = [{name: row.get(name) for name in names} for row in self.rows[table.name]]
            for chunk in _chunks(rows, 500):
                connection.execute(table.insert(), chunk)

    def _influence(self, worth: str | None, **more: Any) -> int:
        values = {"influence": worth, "trend": "UpGood", "faction_name": "Wolves", **more}
        return self.add("mission_completed_influence", **values)

    def _detail(self, table: str, event: int | None, **values: Any) -> int:
        return self.add(table, event_id=self.event() if event is None else event, **values)

    def _row(self, table: str, key: int) -> Row:
        return next(row for row in self.rows[table] if row["id"] == key)


def _chunks(rows: list[Row], size: int) -> Iterable[list[Row]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
