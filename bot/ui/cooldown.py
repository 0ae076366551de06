"""How often somebody may ask, counted in memory."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

from bot.ui.errors import Refusal, wait_text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import discord

_MOST_KEPT = 10_000


class Cooldown:
    """Lets each asker through so many times within a span.

    Parameters
    ----------
    limit
        How many times within the span.
    seconds
        The span.
    clock
        Seconds that only grow, such as `time.monotonic`.
    most
        How many askers are remembered; beyond it, the one who asked longest ago is forgotten.
    """

    def __init__(
        self, limit: int, seconds: float, clock: Callable[[], float], *, most: int = _MOST_KEPT
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._clock = clock
        self._most = most
        self._asked: OrderedDict[Hashable, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._asked)

    def wait(self, asker: Hashable) -> float:
        """Count a question and return 0, or return how many seconds are left to wait.

        A question that has to wait is not counted.
        """
        now = self._clock()
        moments = self._asked.get(asker)
        if moments is None:
            moments = self._asked[asker] = deque(maxlen=self._limit)
        if len(moments) == self._limit:
            left = moments[0] + self._seconds - now
            if left > 0:
                return left
        moments.append(now)
        self._asked.move_to_end(asker)
        self._forget(now)
        return 0.0

    def check(self, interaction: discord.Interaction[Any]) -> None:
        """Count a question of a member of a guild.

        Raises
        ------
        Refusal
            If they have to wait.
        """
        seconds = self.wait((interaction.guild_id, interaction.user.id))
        if seconds > 0:
            raise Refusal(wait_text(seconds))

    def _forget(self, now: float) -> None:
        """Drop those whose questions count no more, and the oldest beyond the bound."""
        while self._asked:
            asker, moments = next(iter(self._asked.items()))
            if len(self._asked) <= self._most and moments[-1] + self._seconds > now:
                return
            del self._asked[asker]
