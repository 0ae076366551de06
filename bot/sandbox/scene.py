"""One event while it is being invented, and the rows it leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.galaxy import StarSystem

if TYPE_CHECKING:
    from random import Random

    from bot.sandbox.galaxy import Squadron

Value = int | str | None
Batch = dict[str, list[tuple[Value, ...]]]
"""Rows by table, each row in the order of `COLUMNS`."""

_PLACE = ("station_faction", "starsystem", "systemaddress")
COLUMNS: dict[str, tuple[str, ...]] = {
    "event": (
        *("id", "event", "timestamp", "tickid", "ticktime"),
        *("cmdr", "starsystem", "systemaddress", "raw_json"),
    ),
    "market_buy_event": (
        *("id", "event_id", "stock", "stock_bracket", "value", "count"),
        *("market_id", "commodity", "buy_price", "total_cost", *_PLACE),
    ),
    "market_sell_event": (
        *("id", "event_id", "demand", "demand_bracket", "profit", "value", "count"),
        *("market_id", "commodity", "sell_price", "total_sale", "avg_price_paid", *_PLACE),
    ),
    "mission_completed_event": (
        *("id", "event_id", "awarding_faction", "mission_name", "reward", "mission_id", "name"),
        *("faction", "donor", "target_faction", "target_type", "target", "kill_count"),
    ),
    "mission_completed_influence": (
        *("id", "event_id", "mission_id", "system", "influence", "trend", "faction_name"),
        *("reputation", "reputation_trend", "effect", "effect_trend"),
    ),
    "mission_failed_event": ("id", "event_id", "mission_name", "awarding_faction", "fine"),
    "redeem_voucher_event": ("id", "event_id", "amount", "faction", "type", "factions", *_PLACE),
    "faction_kill_bond_event": (
        *("id", "event_id", "killer_ship", "awarding_faction", "victim_faction", "reward"),
    ),
    "sell_exploration_data_event": ("id", "event_id", "earnings"),
    "multi_sell_exploration_data_event": ("id", "event_id", "total_earnings"),
    "commit_crime_event": ("id", "event_id", "crime_type", "faction", "victim", "bounty"),
    "synthetic_cz": ("id", "event_id", "cz_type", "faction", "cmdr", "station_faction_name"),
    "synthetic_ground_cz": (
        *("id", "event_id", "cz_type", "settlement", "faction", "cmdr", "station_faction_name"),
    ),
}
"""The tables the demo fills, with their columns."""

DEEP_SPACE = StarSystem("Unnamed Reach", 0, ("Independent Pilots",), ("Nowhere Base",))


class Scene:
    """The event being written: who, where, when, and what follows from it.

    Attributes
    ----------
    event_id
        Id of the event's row.
    day
        Days since the start of the span.
    old_format
        Whether the backend of that day was the older one.
    extra
        The event's own facts, for raw_json; None stores no text at all.
    """

    __slots__ = (
        "_ids",
        "batch",
        "cmdr",
        "day",
        "event_id",
        "extra",
        "old_format",
        "random",
        "second",
        "squadron",
        "system",
        "system_name",
    )

    def __init__(self, squadron: Squadron, rng: Random) -> None:
        self._ids = dict.fromkeys(COLUMNS, 0)
        self.squadron = squadron
        self.random = rng.random
        self.batch: Batch = {table: [] for table in COLUMNS}
        self.event_id = 0
        self.second = 0
        self.day = 0
        self.old_format = True
        self.cmdr: str | None = None
        self.system = DEEP_SPACE
        self.system_name: str | None = None
        self.extra: dict[str, object] | None = {}

    def next_id(self, table: str) -> int:
        """Return the table's next primary key."""
        self._ids[table] += 1
        return self._ids[table]

    def add(self, table: str, *values: Value) -> int:
        """Append a detail row of this event and return its id."""
        row_id = self.next_id(table)
        self.batch[table].append((row_id, self.event_id, *values))
        return row_id

    def move_to(self, system: StarSystem) -> None:
        """Let the event happen in another system."""
        self.system = system
        self.system_name = system.name

    def faction(self) -> str:
        """Return a faction of the system; the first ones are the busiest."""
        names = self.system.factions
        chance = self.random()
        return names[int(chance * chance * len(names))]

    def upto(self, limit: int) -> int:
        """Return a whole number from 1 to ``limit``."""
        return 1 + int(self.random() * limit)

    def take_batch(self) -> Batch:
        """Hand over the rows gathered so far and begin anew."""
        done, self.batch = self.batch, {table: [] for table in COLUMNS}
        return done
