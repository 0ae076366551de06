"""The events of an invented squadron, row by row, as the backend stores them.

Independent of where the rows go: the demo writes them into SQLite, the
benchmark also into PostgreSQL.
"""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

from bot.sandbox.deeds import DEEDS
from bot.sandbox.scene import Batch, Scene
from bot.sandbox.timeline import DAY, HOUR, TickMark, Ticks, Timeline
from bot.sandbox.wars import GROUND, SPACE, Wars

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.sandbox.galaxy import Squadron

_WEIGHTS = {
    "FSDJump": 240,
    "Docked": 185,
    "Location": 35,
    "ApproachSettlement": 35,
    "StartUp": 20,
    "MissionAccepted": 125,
    "MissionRedirected": 30,
    "MissionCompleted": 150,
    "MissionFailed": 8,
    "MarketBuy": 28,
    "MarketSell": 34,
    "RedeemVoucher": 42,
    "FactionKillBond": 18,
    "SellExplorationData": 5,
    "MultiSellExplorationData": 12,
    "CommitCrime": 12,
    SPACE: 9,
    GROUND: 5,
    "SyntheticCZObjective": 4,
    "SyntheticScenario": 3,
}
_KINDS = tuple(kind for kind, weight in _WEIGHTS.items() for _ in range(weight))
_OP_AT = 19 * HOUR  # of each day: the squadron goes to war together
_UPDATED_AT = 0.4  # of the span: from then on the newest backend writes


def generate_rows(
    squadron: Squadron,
    *,
    start: datetime,
    days: int,
    events: int,
    seed: int,
    batch_size: int = 20_000,
) -> Iterator[Batch]:
    """Yield the rows of all tables, in order of arrival, in batches of events.

    The same arguments give the same rows. About 15 in 100 events are missions
    and 2 are conflict zones; most have no detail row at all.

    Parameters
    ----------
    start
        Midnight UTC of the first day.
    days
        Length of the span; nothing happens at or after its end.
    events
        How many rows `event` gets.

    Raises
    ------
    ValueError
        If ``days`` is less than one.
    """
    if days < 1:
        raise ValueError("a span has at least one day")
    rng = Random(f"{seed}:{squadron.id}")  # noqa: S311  # play data, not a secret
    return _Writer(squadron, rng, Timeline(start, days)).batches(events, batch_size)


class _Writer:
    def __init__(self, squadron: Squadron, rng: Random, timeline: Timeline) -> None:
        self._rng = rng
        self._timeline = timeline
        self._ticks = Ticks(rng, timeline)
        self._wars = Wars(rng, squadron, timeline.days)
        self._scene = Scene(squadron, rng)
        self._deeds: dict[str, Callable[[Scene], None]] = {
            **DEEDS,
            SPACE: self._wars.space,
            GROUND: self._wars.ground,
        }
        self._with_milliseconds = frozenset(name for name in squadron.cmdrs if rng.random() < 0.2)
        self._op_day = -1
        self._op_left = 0
        self._updated = int(timeline.days * DAY * _UPDATED_AT)

    def batches(self, events: int, size: int) -> Iterator[Batch]:
        scene = self._scene
        for event_id, arrival in enumerate(self._timeline.arrivals(self._rng, events), 1):
            scene.event_id = event_id
            self._set(arrival)
            scene.batch["event"].append(self._event(self._act(arrival)))
            if event_id % size == 0:
                yield scene.take_batch()
        if events % size:
            yield scene.take_batch()

    def _set(self, arrival: int) -> None:
        """Choose who acts, where, and how late the backend hears of it."""
        scene, random = self._scene, self._scene.random
        squadron = scene.squadron
        chance = random()
        second = arrival
        if chance < 0.02:
            second = max(arrival - int(random() * random() * 40 * HOUR), 0)
        scene.second = second
        scene.day = second // DAY
        scene.old_format = arrival < self._updated
        rank = random()
        scene.cmdr = squadron.cmdrs[int(rank * rank * len(squadron.cmdrs))]
        place = random()
        scene.move_to(squadron.systems[int(place * place * len(squadron.systems))])
        if chance > 0.992:
            scene.cmdr = None if chance > 0.996 else ""
        elif chance > 0.984:
            scene.system_name = None if chance > 0.988 else ""
        scene.extra = {}

    def _act(self, arrival: int) -> str:
        scene = self._scene
        if self._wars.is_due(arrival):
            return self._wars.guess_again(scene)
        kind = self._kind(arrival)
        deed = self._deeds.get(kind)
        if deed is None:
            return kind
        if kind in (SPACE, GROUND) and scene.random() < 0.03:
            self._wars.correct(scene, kind)
        else:
            deed(scene)
        return kind

    def _kind(self, arrival: int) -> str:
        day, second = divmod(arrival, DAY)
        if second >= _OP_AT and day != self._op_day:
            self._op_day = day
            self._op_left = 3 + self._scene.upto(6)
        if self._op_left:
            self._op_left -= 1
            return SPACE if self._op_left % 3 else GROUND
        return _KINDS[int(self._scene.random() * len(_KINDS))]

    def _tick(self) -> TickMark:
        scene = self._scene
        chance = scene.random()
        if chance < 0.004:
            return TickMark(scene.second, "unknown_tickid", "")
        mark = self._ticks.at(scene.second, lag=1 if chance > 0.985 else 0)
        return mark if chance > 0.006 else TickMark(mark.second, mark.id, "")

    def _event(self, kind: str) -> tuple[int | str | None, ...]:
        scene = self._scene
        tick = self._tick()
        precise = scene.cmdr in self._with_milliseconds
        timestamp = self._timeline.text(
            scene.second, int(scene.random() * 1_000) if precise else None
        )
        raw: str | None = None
        if scene.extra is not None:
            facts = {
                "event": kind,
                "timestamp": timestamp,
                "tickid": tick.id,
                "ticktime": tick.time,
                "StarSystem": scene.system.name,
                "SystemAddress": scene.system.address,
                **scene.extra,
            }
            raw = repr(facts) if scene.old_format else json.dumps(facts)
        return (
            *(scene.event_id, kind, timestamp, tick.id, tick.time),
            *(scene.cmdr, scene.system_name, scene.system.address, raw),
        )
