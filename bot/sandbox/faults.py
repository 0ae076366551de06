"""Things that go wrong between a sender and Discord, on demand."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class FaultKind(StrEnum):
    """What goes wrong.

    Attributes
    ----------
    LATENCY
        The answer comes late.
    STATUS
        An error status is answered.
    RATE_LIMIT
        429 is answered, though no limit is reached.
    RESET
        The connection is reset (RST) without an answer.
    HANG
        Nothing is answered until the sender gives up.
    TRUNCATE
        The answer breaks off in its middle.
    """

    LATENCY = "latency"
    STATUS = "status"
    RATE_LIMIT = "rate_limit"
    RESET = "reset"
    HANG = "hang"
    TRUNCATE = "truncate"


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request.

    Attributes
    ----------
    accepted
        Whether the message is stored before it goes wrong.
    status
        Status of STATUS.
    seconds
        How long LATENCY delays, HANG hangs, and RATE_LIMIT asks to wait.
    via
        Whether a RATE_LIMIT comes from Discord itself; without it, it reads
        as a ban of the address.
    scope
        Scope of a RATE_LIMIT as Discord names it: user, shared or global.
    """

    kind: FaultKind
    accepted: bool = False
    status: int = 502
    seconds: float = 0.0
    via: bool = True
    scope: str = "user"

    @classmethod
    def from_mapping(cls, raw: Mapping[str, Any]) -> Fault:
        """Return the fault that a JSON object describes.

        Raises
        ------
        ValueError
            If it names an unknown kind or field.
        """
        try:
            return cls(**{**raw, "kind": FaultKind(raw.get("kind", ""))})
        except TypeError as error:
            raise ValueError(f"unknown field of a fault: {sorted(raw)}") from error


ANY_FAULT = (
    Fault(FaultKind.LATENCY, seconds=0.05),
    Fault(FaultKind.RATE_LIMIT, seconds=0.1),
    Fault(FaultKind.RATE_LIMIT, seconds=0.1, scope="shared"),
    Fault(FaultKind.RATE_LIMIT, seconds=0.1, scope="global"),
    Fault(FaultKind.RATE_LIMIT, seconds=0.1, via=False),
    *(
        Fault(FaultKind.STATUS, status=status, accepted=accepted)
        for status in (500, 502, 503)
        for accepted in (False, True)
    ),
    *(
        Fault(kind, accepted=accepted, seconds=60.0)
        for kind in (FaultKind.RESET, FaultKind.HANG)
        for accepted in (False, True)
    ),
    Fault(FaultKind.TRUNCATE, accepted=True),
)


class FaultPlan:
    """Says for each request what goes wrong with it.

    A script comes first, one entry per request (None: nothing goes wrong);
    after it, faults are drawn at random if that was asked for.
    """

    def __init__(self) -> None:
        self._script: deque[Fault | None] = deque()
        self._random: Random | None = None
        self._rate = 0.0
        self._choice: tuple[Fault, ...] = ANY_FAULT

    def script(self, faults: Iterable[Fault | None]) -> None:
        """Append to the script."""
        self._script.extend(faults)

    def draw(self, seed: int, rate: float, choice: Iterable[Fault] = ANY_FAULT) -> None:
        """Draw faults from now on, the same for the same seed.

        Parameters
        ----------
        rate
            The share of requests with which something goes wrong, 0 to 1.
        choice
            What may go wrong.
        """
        self._random, self._rate, self._choice = Random(seed), rate, tuple(choice)  # noqa: S311

    def clear(self) -> None:
        """Let everything go well from now on."""
        self._script.clear()
        self._random = None

    def next(self) -> Fault | None:
        """Return what goes wrong with the next request."""
        if self._script:
            return self._script.popleft()
        if self._random is None or self._random.random() >= self._rate:
            return None
        return self._random.choice(self._choice)

    def apply(self, raw: Mapping[str, Any]) -> None:
        """Change the plan as a JSON object says.

        It may hold ``clear`` (true), ``script`` (a list of faults and nulls)
        and ``random`` (``seed``, ``rate``, ``kinds`` and ``hang_seconds``).

        Raises
        ------
        ValueError
            If it names an unknown kind or field.
        """
        if raw.get("clear"):
            self.clear()
        self.script(entry and Fault.from_mapping(entry) for entry in raw.get("script", ()))
        drawn = raw.get("random")
        if drawn:
            kinds = {FaultKind(kind) for kind in drawn.get("kinds", FaultKind)}
            hang = float(drawn.get("hang_seconds", 60.0))
            choice = (
                replace(fault, seconds=hang) if fault.kind is FaultKind.HANG else fault
                for fault in ANY_FAULT
                if fault.kind in kinds
            )
            self.draw(int(drawn.get("seed", 0)), float(drawn.get("rate", 0.5)), choice)
