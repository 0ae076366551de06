"""Conflict zones of the demo: wars, wrong guesses, corrections by hand."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from bot.sandbox.galaxy import Squadron, StarSystem
    from bot.sandbox.scene import Scene

SPACE = "SyntheticCZ"
GROUND = "SyntheticGroundCZ"
SIZES = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class War:
    """A conflict of two factions in one system."""

    system: StarSystem
    sides: tuple[str, str]


@dataclass(frozen=True, slots=True, order=True)
class _NewGuess:
    due: int
    number: int
    cmdr: str | None
    war: War
    settlement: str
    size: int


class Wars:
    """All conflicts of a span, and the ground zones whose size is not settled."""

    def __init__(self, rng: Random, squadron: Squadron, days: int) -> None:
        self._by_day = _schedule(rng, squadron, days)
        self._guesses: list[_NewGuess] = []

    def is_due(self, second: int) -> bool:
        """Whether a client has guessed a zone's size anew by then."""
        return bool(self._guesses) and self._guesses[0].due <= second

    def guess_again(self, scene: Scene) -> str:
        """Write the corrected guess that is due; return the event's name."""
        guess = heappop(self._guesses)
        scene.cmdr = guess.cmdr
        scene.move_to(guess.war.system)
        extra: dict[str, object] = {SIZES[guess.size]: 1, SIZES[guess.size - 1]: -1}
        _ground_row(scene, guess.war, guess.settlement, extra)
        if guess.size == 1 and scene.random() < 0.5:
            self._push(scene, guess.war, guess.settlement, 2)
        return GROUND

    def space(self, scene: Scene) -> None:
        """Write a space conflict zone that a CMDR dropped into."""
        war = self._visit(scene)
        extra = _counts(scene)
        scene.add("synthetic_cz", _cz_type(extra), war.sides[0], scene.cmdr, war.sides[0])
        _tell(scene, extra, war)

    def ground(self, scene: Scene) -> None:
        """Write a ground conflict zone; its size may be guessed anew later."""
        war = self._visit(scene)
        names = war.system.settlements
        settlement = names[int(scene.random() * len(names))]
        if scene.random() < 0.3:
            _ground_row(scene, war, settlement, {"low": 1})
            self._push(scene, war, settlement, 1)
        else:
            _ground_row(scene, war, settlement, _counts(scene))

    def correct(self, scene: Scene, kind: str) -> None:
        """Write a player's correction by hand, from wherever the player is."""
        size = SIZES[int(scene.random() * 3)]
        number = scene.upto(3) * (-1 if scene.random() < 0.8 else 1)
        extra: dict[str, object] = {size: number}
        if kind == SPACE:
            scene.add("synthetic_cz", _cz_type(extra), None, scene.cmdr, "")
        else:
            scene.add("synthetic_ground_cz", _cz_type(extra), None, "", scene.cmdr, None)
        scene.extra = extra

    def _visit(self, scene: Scene) -> War:
        wars = self._by_day[scene.day]
        chance = scene.random()
        war = wars[int(chance * chance * len(wars))]
        scene.move_to(war.system)
        return war

    def _push(self, scene: Scene, war: War, settlement: str, size: int) -> None:
        due = scene.second + 120 + scene.upto(600)
        heappush(self._guesses, _NewGuess(due, scene.event_id, scene.cmdr, war, settlement, size))


def _schedule(rng: Random, squadron: Squadron, days: int) -> list[list[War]]:
    by_day: list[list[War]] = [[] for _ in range(days)]
    for day in range(days):
        while len(by_day[day]) < 2 + (day % 5 == 0):
            system = squadron.systems[int(rng.random() * len(squadron.systems))]
            war = War(system, (system.factions[0], system.factions[1]))
            for fought in by_day[day : day + 4 + int(rng.random() * 4)]:
                fought.append(war)
    return by_day


def _counts(scene: Scene) -> dict[str, object]:
    chance = scene.random()
    size = SIZES[int(scene.random() * 3)]
    if chance < 0.90:
        return {size: 1}
    if chance < 0.94:
        return {size: scene.upto(4)}
    if chance < 0.96:
        return {"low": 1, "high": 1}
    if chance < 0.97:
        return {"low": 0, "medium": 1, "high": 0}
    if chance < 0.98:
        return {size: "1"}
    return {}


def _cz_type(extra: dict[str, object]) -> str | None:
    return next((size for size in SIZES if extra.get(size) == 1), None)


def _ground_row(scene: Scene, war: War, settlement: str, extra: dict[str, object]) -> None:
    side = war.sides[0]
    name = settlement if scene.random() > 0.01 else ""
    scene.add("synthetic_ground_cz", _cz_type(extra), name, side, scene.cmdr, side)
    _tell(scene, {**extra, "settlement": settlement}, war)


def _tell(scene: Scene, extra: dict[str, object], war: War) -> None:
    if scene.random() < 0.01:
        scene.extra = None
    else:
        scene.extra = {**extra, "faction": war.sides[0]}
