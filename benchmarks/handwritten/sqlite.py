"""The reports in SQLite's own SQL.

CROSS JOIN fixes the order of the loops: detail rows first, each looked up in
`event` by its primary key, in a narrow index where there is one (the table's
rows are wide, and SQLite takes the index only if told). The smallest and the
largest id of the window keep the detail rows few, although the window itself
is one of time.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from benchmarks.handwritten.answers import Answer, Groups, conflict_zones, daily

if TYPE_CHECKING:
    from pathlib import Path

_BOUNDS = """
SELECT min(id), max(id) FROM event WHERE timestamp >= :start AND timestamp < :end
"""
_IN_TIME = "AND e.timestamp >= :start AND e.timestamp < :end"
_IN_IDS = "AND d.event_id BETWEEN :low AND :high"
_LINKED_IDS = "AND i.mission_id BETWEEN :low AND :high"

_WORTH = """
CASE WHEN i.influence = '' OR i.influence IS NULL THEN 0
     WHEN ltrim(i.influence, '+') = '' THEN
       CASE WHEN i.trend IN ('UpGood', 'DownGood', '') OR i.trend IS NULL
            THEN length(i.influence) ELSE -length(i.influence) END
     WHEN ltrim(i.influence, '-') = '' THEN -length(i.influence)
     ELSE 0 END
"""
_MARKET = """
SELECT cmdr, sum(value), sum(count) FROM (
  SELECT e.cmdr, d.value, d.count FROM market_buy_event d
  CROSS JOIN event e {lookup} ON e.id = d.event_id WHERE e.cmdr <> '' {time} {ids}
  UNION ALL
  SELECT e.cmdr, d.value, d.count FROM market_sell_event d
  CROSS JOIN event e {lookup} ON e.id = d.event_id WHERE e.cmdr <> '' {time} {ids}
) GROUP BY cmdr
"""
_MISSIONS = """
SELECT e.cmdr, count(*) FROM mission_completed_event d
CROSS JOIN event e {lookup} ON e.id = d.event_id WHERE e.cmdr <> '' {time} {ids} GROUP BY e.cmdr
"""
_NEW_BY_MISSION = """
SELECT e.cmdr, coalesce(i.faction_name, ''), sum({worth}) FROM mission_completed_event d
CROSS JOIN event e {lookup} ON e.id = d.event_id
CROSS JOIN mission_completed_influence i ON i.mission_id = d.id
WHERE i.event_id IS NOT NULL AND e.cmdr <> '' {time} {ids} GROUP BY 1, 2
"""
_NEW_BY_INFLUENCE = """
SELECT e.cmdr, coalesce(i.faction_name, ''), sum({worth}) FROM mission_completed_influence i
CROSS JOIN mission_completed_event d ON d.id = i.mission_id
CROSS JOIN event e {lookup} ON e.id = d.event_id
WHERE i.event_id IS NOT NULL AND e.cmdr <> '' {time} {ids} GROUP BY 1, 2
"""
_OLD = """
SELECT e.cmdr, coalesce(i.faction_name, ''), sum({worth}) FROM mission_completed_influence i
CROSS JOIN event e {lookup} ON e.id = i.mission_id
CROSS JOIN (SELECT event_id FROM mission_completed_event d WHERE 1 {ids}) m
  ON m.event_id = i.mission_id
WHERE i.event_id IS NULL AND e.cmdr <> '' {time} {linked} GROUP BY 1, 2
"""
_VOUCHERS = """
SELECT e.cmdr, coalesce(sum(CASE d.type WHEN 'bounty' THEN d.amount END), 0),
       coalesce(sum(CASE d.type WHEN 'CombatBond' THEN d.amount END), 0)
FROM redeem_voucher_event d CROSS JOIN event e {lookup} ON e.id = d.event_id
WHERE d.type IN ('bounty', 'CombatBond') AND e.cmdr <> '' {time} {ids} GROUP BY e.cmdr
"""
_EXPLORATION = """
SELECT cmdr, sum(amount) FROM (
  SELECT e.cmdr, d.earnings AS amount FROM sell_exploration_data_event d
  CROSS JOIN event e {lookup} ON e.id = d.event_id WHERE e.cmdr <> '' {time} {ids}
  UNION ALL
  SELECT e.cmdr, d.total_earnings FROM multi_sell_exploration_data_event d
  CROSS JOIN event e {lookup} ON e.id = d.event_id WHERE e.cmdr <> '' {time} {ids}
) GROUP BY cmdr
"""
_FINES = """
SELECT e.cmdr, coalesce(sum(d.bounty), 0) FROM commit_crime_event d
CROSS JOIN event e {lookup} ON e.id = d.event_id WHERE e.cmdr <> '' {time} {ids} GROUP BY e.cmdr
"""
_SPACE = """
SELECT e.starsystem, e.cmdr, d.cz_type, e.raw_json FROM synthetic_cz d
CROSS JOIN event e ON e.id = d.event_id WHERE 1 {time} {ids}
"""
_GROUND = """
SELECT e.starsystem, e.cmdr, d.cz_type, e.raw_json, d.settlement FROM synthetic_ground_cz d
CROSS JOIN event e ON e.id = d.event_id WHERE 1 {time} {ids}
"""


class SqliteByHand:
    """The hand-written reports on one SQLite file.

    Parameters
    ----------
    indexed
        Whether the product's indexes are there; chooses the better statements.
    """

    def __init__(self, database: Path, *, indexed: bool) -> None:
        self._connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self._indexed = indexed
        self._lookup = "INDEXED BY ix_bgsbot_event_lookup" if indexed else ""

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def daily(self, window: tuple[str, str] | None, faction_name: str, top: int) -> Answer:
        """Return the sections of the daily summary; a window of None is all time."""
        binds = self._bounded(window)
        parts = {**self._parts(window), "lookup": self._lookup, "worth": _WORTH}

        def rows(sql: str) -> list[Any]:
            return self._connection.execute(sql.format(**parts), binds).fetchall()

        new = _NEW_BY_MISSION if self._indexed and window else _NEW_BY_INFLUENCE
        worth: dict[tuple[str, str], int] = {}
        for cmdr, faction, value in rows(new) + rows(_OLD):
            worth[cmdr, faction] = worth.get((cmdr, faction), 0) + value
        vouchers = rows(_VOUCHERS)
        groups = Groups(
            market=rows(_MARKET),
            missions=rows(_MISSIONS),
            influence=[(*key, value) for key, value in worth.items()],
            bounties=[(cmdr, bounty) for cmdr, bounty, _ in vouchers],
            bonds=[(cmdr, bond) for cmdr, _, bond in vouchers],
            exploration=rows(_EXPLORATION),
            fines=rows(_FINES),
        )
        return daily(groups, faction_name, top)

    def conflict_zones(self, window: tuple[str, str] | None, *, on_ground: bool) -> Answer:
        """Return the systems of a CZ report; a window of None is all time."""
        sql = _GROUND if on_ground else _SPACE
        if window is None:
            rows = self._connection.execute(sql.format(time="", ids=""))
        elif self._indexed:
            rows = self._connection.execute(
                sql.format(time=_IN_TIME, ids=_IN_IDS), self._bounded(window)
            )
        else:
            binds = {"start": window[0], "end": window[1]}
            rows = self._connection.execute(sql.format(time=_IN_TIME, ids=""), binds)
        return conflict_zones(rows, on_ground=on_ground)

    def _bounded(self, window: tuple[str, str] | None) -> dict[str, Any]:
        if window is None:
            return {}
        binds: dict[str, Any] = {"start": window[0], "end": window[1]}
        low, high = self._connection.execute(_BOUNDS, binds).fetchone()
        return {**binds, "low": low, "high": high}

    @staticmethod
    def _parts(window: tuple[str, str] | None) -> dict[str, str]:
        if window is None:
            return {"time": "", "ids": "", "linked": ""}
        return {"time": _IN_TIME, "ids": _IN_IDS, "linked": _LINKED_IDS}
