"""The tables of a tenant's database, in the newest form the backend writes.

Used to build selects and to create databases for tests, the demo and the
benchmarks. What a real database has of it is a question for its
`bot.backend.shape.Shape`.

Foreign keys are left out. SQLite does not enforce the backend's, so rows that
point nowhere do occur, and old influence rows point to events with a column
that the newest declaration points elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    column,
    table,
)

if TYPE_CHECKING:
    from sqlalchemy import TableClause

metadata = MetaData()


def _rows(name: str, *columns: Column[Any]) -> Table:
    return Table(name, metadata, Column("id", Integer, primary_key=True), *columns)


def _details(name: str, *columns: Column[Any]) -> Table:
    return _rows(name, Column("event_id", Integer, nullable=False), *columns)


def _numbers(*names: str) -> list[Column[Any]]:
    return [Column(name, Integer) for name in names]


def _texts(length: int, *names: str) -> list[Column[Any]]:
    return [Column(name, String(length)) for name in names]


def _place() -> list[Column[Any]]:
    return [*_texts(128, "station_faction", "starsystem"), Column("systemaddress", BigInteger)]


event = _rows(
    "event",
    Column("event", String(64), nullable=False),
    Column("timestamp", String(64), nullable=False),
    Column("tickid", String(24), nullable=False),
    Column("ticktime", String(64), nullable=False),
    Column("cmdr", String(64)),
    Column("starsystem", String(128)),
    Column("systemaddress", BigInteger),
    Column("raw_json", Text),
)

market_buy_event = _details(
    "market_buy_event",
    *_numbers("stock", "stock_bracket", "value", "count"),
    Column("market_id", BigInteger),
    Column("commodity", String(128)),
    Column("buy_price", Integer),
    Column("total_cost", BigInteger),
    *_place(),
)

market_sell_event = _details(
    "market_sell_event",
    *_numbers("demand", "demand_bracket", "profit", "value", "count"),
    Column("market_id", BigInteger),
    Column("commodity", String(128)),
    Column("sell_price", Integer),
    Column("total_sale", BigInteger),
    Column("avg_price_paid", Integer),
    *_place(),
)

mission_completed_event = _details(
    "mission_completed_event",
    Column("mission_id", Integer),
    *_texts(128, "name", "faction", "donor", "target_faction", "target_type", "target"),
    Column("kill_count", Integer),
    *_texts(128, "awarding_faction", "mission_name"),
    Column("reward", Integer),
)

mission_completed_influence = _rows(
    "mission_completed_influence",
    Column("mission_id", Integer, nullable=False),
    Column("event_id", Integer),
    Column("system", String(128)),
    Column("influence", String(8)),
    Column("trend", String(32)),
    Column("faction_name", String(128)),
    Column("reputation", String(8)),
    Column("reputation_trend", String(32)),
    Column("effect", String(128)),
    Column("effect_trend", String(32)),
)
for _link in ("mission_id", "event_id"):
    Index(f"ix_mission_completed_influence_{_link}", mission_completed_influence.c[_link])

mission_failed_event = _details(
    "mission_failed_event",
    Column("mission_id", Integer),
    *_texts(128, "name", "faction", "mission_name", "awarding_faction"),
    Column("fine", Integer),
)

redeem_voucher_event = _details(
    "redeem_voucher_event",
    Column("amount", Integer),
    *_texts(128, "faction", "type"),
    Column("factions", Text),
    *_place(),
)

faction_kill_bond_event = _details(
    "faction_kill_bond_event",
    Column("killer_ship", String(64)),
    *_texts(128, "awarding_faction", "victim_faction"),
    Column("reward", Integer),
)

sell_exploration_data_event = _details(
    "sell_exploration_data_event",
    Column("earnings", Integer),
    Column("systems", Text),
    Column("discovered", Text),
    *_numbers("base_value", "bonus"),
    *_place(),
)

multi_sell_exploration_data_event = _details(
    "multi_sell_exploration_data_event",
    Column("total_earnings", Integer),
    Column("discovered", Text),
    *_numbers("base_value", "bonus"),
    *_place(),
)

commit_crime_event = _details(
    "commit_crime_event",
    *_texts(128, "crime_type", "faction", "victim"),
    Column("bounty", Integer),
)

oldest_commit_crime_event: TableClause = table(
    "commit_crime_event",
    column("id", Integer),
    column("event_id", Integer),
    *(column(name, String(128)) for name in ("crime_type", "faction", "victim")),
    column("fine", Integer),
)
"""`commit_crime_event` as the oldest databases have it: ``fine`` for ``bounty``."""

synthetic_cz = _details(
    "synthetic_cz",
    *_texts(64, "cz_type"),
    *_texts(128, "faction"),
    *_texts(64, "cmdr"),
    *_texts(128, "station_faction_name"),
)

synthetic_ground_cz = _details(
    "synthetic_ground_cz",
    *_texts(64, "cz_type"),
    *_texts(128, "settlement", "faction"),
    *_texts(64, "cmdr"),
    *_texts(128, "station_faction_name"),
)

cmdr = _rows(
    "cmdr",
    Column("name", String(64), unique=True, nullable=False),
    *_texts(64, "rank_combat", "rank_trade", "rank_explore", "rank_cqc"),
    *_texts(64, "rank_empire", "rank_federation", "rank_power"),
    Column("credits", BigInteger),
    Column("assets", BigInteger),
    Column("inara_url", String(256)),
    Column("squadron_name", String(128)),
    Column("squadron_rank", String(64)),
)

activity = _rows(
    "activity",
    Column("tickid", String(24), nullable=False),
    Column("ticktime", String(64), nullable=False),
    Column("timestamp", String(64), nullable=False),
    Column("cmdr", String(64)),
)

system = _rows(
    "system",
    Column("name", String(128), nullable=False),
    Column("address", BigInteger, nullable=False),
    Column("activity_id", Integer, nullable=False),
)

faction = _rows(
    "faction",
    Column("name", String(128), nullable=False),
    Column("state", String(64), nullable=False),
    *_numbers("bvs", "cbs", "exobiology", "exploration", "scenarios"),
    *_numbers("infprimary", "infsecondary", "missionfails"),
    *_numbers("murdersground", "murdersspace", "tradebm"),
    Column("system_id", Integer, nullable=False),
)

objective = _rows(
    "objective",
    Column("title", String(255)),
    Column("priority", Integer),
    *_texts(255, "type", "system", "faction"),
    Column("description", Text),
    Column("startdate", DateTime),
    Column("enddate", DateTime),
)

objective_target = _rows(
    "objective_target",
    Column("objective_id", Integer, nullable=False),
    *_texts(255, "type", "station", "system", "faction"),
    *_numbers("progress", "targetindividual", "targetoverall"),
)

objective_target_settlement = _rows(
    "objective_target_settlement",
    Column("target_id", Integer, nullable=False),
    Column("name", String(255)),
    *_numbers("targetindividual", "targetoverall", "progress"),
)

REPORT_COLUMNS: dict[str, tuple[str, ...]] = {
    "event": ("id", "timestamp", "tickid", "ticktime", "cmdr", "starsystem", "raw_json"),
    "market_buy_event": ("event_id", "value", "count"),
    "market_sell_event": ("event_id", "value", "count"),
    "mission_completed_event": ("id", "event_id", "awarding_faction"),
    "mission_completed_influence": (
        *("mission_id", "event_id"),
        *("influence", "trend", "faction_name"),
    ),
    "redeem_voucher_event": ("event_id", "amount", "faction", "type"),
    "sell_exploration_data_event": ("event_id", "earnings"),
    "multi_sell_exploration_data_event": ("event_id", "total_earnings"),
    "commit_crime_event": ("event_id", "bounty", "faction"),
    "synthetic_cz": ("event_id", "cz_type", "faction"),
    "synthetic_ground_cz": ("event_id", "cz_type", "settlement", "faction"),
}
"""What the three reports read of each table, filters included."""
