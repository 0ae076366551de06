"""When invented things happen: evenings busier than mornings, a tick a day.

Moments are whole seconds since the start of the span, so that a million of
them stay cheap.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from random import Random

DAY = 86_400
HOUR = 3_600

_HOUR_WEIGHTS = (4, 3, 2, 1, 1, 1, 1, 2, 2, 3, 3, 3, 4, 4, 4, 5, 6, 8, 10, 12, 12, 11, 9, 6)
_HOURS = tuple(hour for hour, weight in enumerate(_HOUR_WEIGHTS) for _ in range(weight))
_WEEKDAY_WEIGHTS = (9, 9, 9, 10, 12, 15, 14)
_CLOCK = tuple(
    f"T{second // HOUR:02}:{second // 60 % 60:02}:{second % 60:02}" for second in range(DAY)
)


class Timeline:
    """The days of a span, and its seconds as the journal writes them.

    Parameters
    ----------
    start
        Midnight UTC of the first day.
    days
        Length of the span.
    """

    def __init__(self, start: datetime, days: int) -> None:
        self.start = start
        self.days = days
        self._dates = tuple((start + timedelta(days=day)).date().isoformat() for day in range(days))
        self._before = (start - timedelta(days=1)).date().isoformat()

    def text(self, second: int, millisecond: int | None = None) -> str:
        """Return a moment as ISO-8601 UTC text, with milliseconds if given."""
        day, second = divmod(second, DAY)
        date = self._dates[day] if day >= 0 else self._before
        if millisecond is None:
            return f"{date}{_CLOCK[second]}Z"
        return f"{date}{_CLOCK[second]}.{millisecond:03}Z"

    def arrivals(self, rng: Random, count: int) -> Iterator[int]:
        """Yield ``count`` growing moments at which events reach the backend."""
        weekday = self.start.weekday()
        weights = [_WEEKDAY_WEIGHTS[(weekday + day) % 7] for day in range(self.days)]
        random = rng.random
        done, passed, whole = 0, 0, sum(weights)
        for day, weight in enumerate(weights):
            passed += weight
            today = count * passed // whole - done
            done += today
            hours = len(_HOURS)
            yield from sorted(
                day * DAY + _HOURS[int(random() * hours)] * HOUR + int(random() * HOUR)
                for _ in range(today)
            )


@dataclass(frozen=True, slots=True)
class TickMark:
    """A tick as clients report it from some moment on."""

    second: int
    id: str
    time: str


class Ticks:
    """The ticks of a span, the newest of each moment.

    About one a day at a wandering hour; now and then two a day, a second id
    for the same tick, a corrected time for the same id, or one forced by hand.
    """

    def __init__(self, rng: Random, timeline: Timeline) -> None:
        self._marks = sorted(_make_ticks(rng, timeline), key=lambda mark: mark.second)
        self._seconds = [mark.second for mark in self._marks]

    def at(self, second: int, lag: int = 0) -> TickMark:
        """Return the newest tick at a moment, for a client ``lag`` ticks behind."""
        return self._marks[max(bisect_right(self._seconds, second) - 1 - lag, 0)]


def _make_ticks(rng: Random, timeline: Timeline) -> Iterator[TickMark]:
    hour = 15.0
    for day in range(-1, timeline.days):
        hour = min(max(hour + rng.random() * 1.2 - 0.6, 11.0), 20.0)
        second = int((day + hour / 24) * DAY)
        yield from _ticks_of(rng, timeline, second, old=day < timeline.days * 0.4)
        if rng.random() < 0.06:
            yield _mark(rng, timeline, second - 10 * HOUR, old=day < timeline.days * 0.4)


def _ticks_of(rng: Random, timeline: Timeline, second: int, *, old: bool) -> Iterator[TickMark]:
    first = _mark(rng, timeline, second, old=old)
    yield first
    chance = rng.random()
    later = second + 600 + int(rng.random() * 6_000)
    if chance < 0.10:
        yield _mark(rng, timeline, later, old=old)
    elif chance < 0.16:
        yield TickMark(later, first.id, timeline.text(later))
    elif chance < 0.20:
        yield TickMark(later, f"frc-{rng.getrandbits(80):020x}", timeline.text(later))


def _mark(rng: Random, timeline: Timeline, second: int, *, old: bool) -> TickMark:
    second = max(second, -DAY)
    name = f"{rng.getrandbits(96):024x}" if old else f"zoy-{rng.getrandbits(80):020x}"
    millisecond = int(rng.random() * 1_000) if rng.random() < 0.5 else None
    return TickMark(second, name, timeline.text(second, millisecond))
