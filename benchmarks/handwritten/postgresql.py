"""The reports in PostgreSQL's own SQL.

One statement for the daily summary: all detail rows of the window's ids,
joined to `event` once. The test of the time stands in a coalesce, because the
planner takes a range of texts for one row and then loops a million times.
"""

from __future__ import annotations

from typing import Any

import psycopg

from benchmarks.handwritten.answers import Answer, Groups, conflict_zones, daily

_BOUNDS = """
SELECT min(id + 0), max(id + 0) FROM event
WHERE timestamp COLLATE "C" >= %(start)s AND timestamp COLLATE "C" < %(end)s
"""
_DAILY = """
SELECT d.work, e.cmdr, d.faction, sum(d.value)::bigint, sum(d.count)
FROM (
  SELECT 1 AS work, event_id, '' AS faction, value::bigint, count
  FROM market_buy_event WHERE {ids}
  UNION ALL SELECT 1, event_id, '', value, count FROM market_sell_event WHERE {ids}
  UNION ALL SELECT 2, event_id, '', 1, 0 FROM mission_completed_event WHERE {ids}
  UNION ALL SELECT 3, m.event_id, i.faction_name, {worth}, 0
  FROM mission_completed_influence i
  JOIN mission_completed_event m ON m.id = i.mission_id
  WHERE i.event_id IS NOT NULL AND m.{ids}
  UNION ALL SELECT 3, m.event_id, i.faction_name, {worth}, 0
  FROM mission_completed_influence i
  JOIN mission_completed_event m ON m.event_id = i.mission_id
  WHERE i.event_id IS NULL AND m.{ids} AND i.{linked}
  UNION ALL SELECT CASE type WHEN 'bounty' THEN 4 ELSE 5 END, event_id, '', amount, 0
  FROM redeem_voucher_event WHERE type IN ('bounty', 'CombatBond') AND {ids}
  UNION ALL SELECT 6, event_id, '', earnings, 0 FROM sell_exploration_data_event WHERE {ids}
  UNION ALL SELECT 6, event_id, '', total_earnings, 0
  FROM multi_sell_exploration_data_event WHERE {ids}
  UNION ALL SELECT 7, event_id, '', bounty, 0 FROM commit_crime_event WHERE {ids}
) d JOIN event e ON e.id = d.event_id
WHERE e.cmdr <> '' {time} GROUP BY 1, 2, 3
"""
_WORTH = """
CASE WHEN i.influence = '' OR i.influence IS NULL THEN 0
     WHEN ltrim(i.influence, '+') = '' THEN
       CASE WHEN coalesce(i.trend, '') IN ('UpGood', 'DownGood', '')
            THEN length(i.influence) ELSE -length(i.influence) END
     WHEN ltrim(i.influence, '-') = '' THEN -length(i.influence)
     ELSE 0 END
"""
_IDS = "event_id BETWEEN %(low)s AND %(high)s"
_LINKED = "mission_id BETWEEN %(low)s AND %(high)s"
_ANY_ID = "event_id IS NOT NULL"
_ANY_LINK = "mission_id IS NOT NULL"
_IN_TIME = """
AND coalesce(e.timestamp COLLATE "C" >= %(start)s AND e.timestamp COLLATE "C" < %(end)s, false)
"""
_EVENT_IDS = "AND e.id BETWEEN %(low)s AND %(high)s"
_SPACE = """
SELECT e.starsystem, e.cmdr, d.cz_type, e.raw_json FROM synthetic_cz d
JOIN event e ON e.id = d.event_id WHERE d.{ids} {time}
"""
_GROUND = """
SELECT e.starsystem, e.cmdr, d.cz_type, e.raw_json, d.settlement FROM synthetic_ground_cz d
JOIN event e ON e.id = d.event_id WHERE d.{ids} {time}
"""


class PostgresByHand:
    """The hand-written reports on one PostgreSQL database.

    Nothing is prepared on the server, here as in the product: behind a pooler
    a prepared statement is not there the next time.

    Parameters
    ----------
    indexed
        Whether the product's indexes are there; chooses the better statements.
    """

    def __init__(self, uri: str, *, indexed: bool) -> None:
        self._connection = psycopg.connect(uri, autocommit=True, prepare_threshold=None)
        self._connection.execute("SET jit = off")
        self._indexed = indexed

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def daily(self, window: tuple[str, str] | None, faction_name: str, top: int) -> Answer:
        """Return the sections of the daily summary; a window of None is all time."""
        market, influence = [], []
        amounts: dict[int, list[tuple[str, int]]] = {work: [] for work in (2, 4, 5, 6, 7)}
        for work, cmdr, faction, value, count in self._daily_rows(window):
            if work == 1:
                market.append((cmdr, value, count))
            elif work == 3:
                influence.append((cmdr, faction or "", value))
            else:
                amounts[work].append((cmdr, value or 0))
        groups = Groups(
            market=market,
            missions=amounts[2],
            influence=influence,
            bounties=amounts[4],
            bonds=amounts[5],
            exploration=amounts[6],
            fines=amounts[7],
        )
        return daily(groups, faction_name, top)

    def conflict_zones(self, window: tuple[str, str] | None, *, on_ground: bool) -> Answer:
        """Return the systems of a CZ report; a window of None is all time."""
        sql = _GROUND if on_ground else _SPACE
        if window is None:
            rows = self._rows(sql.format(ids=_ANY_ID, time=""), {})
        elif self._indexed:
            ids = self._bounded(window)
            rows = self._rows(sql.format(ids=_IDS, time=_IN_TIME + _EVENT_IDS), ids)
        else:
            binds = {"start": window[0], "end": window[1]}
            rows = self._rows(sql.format(ids=_ANY_ID, time=_IN_TIME), binds)
        return conflict_zones(rows, on_ground=on_ground)

    def _daily_rows(self, window: tuple[str, str] | None) -> list[tuple[Any, ...]]:
        if window is None:
            parts = {"ids": _ANY_ID, "linked": _ANY_LINK, "time": ""}
            return self._rows(_DAILY.format(worth=_WORTH, **parts), {})
        parts = {"ids": _IDS, "linked": _LINKED, "time": _IN_TIME + _EVENT_IDS}
        return self._rows(_DAILY.format(worth=_WORTH, **parts), self._bounded(window))

    def _bounded(self, window: tuple[str, str]) -> dict[str, Any]:
        binds: dict[str, Any] = {"start": window[0], "end": window[1]}
        ((low, high),) = self._rows(_BOUNDS, binds)
        return {**binds, "low": low, "high": high}

    def _rows(self, sql: str, binds: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql.encode(), binds).fetchall()
