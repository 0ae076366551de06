"""How long to wait before a failed part is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

_FIRST = 1.0
_LONGEST = 300.0


def backoff(attempts: int, *, rng: random.Random | None = None) -> timedelta:
    """Return the pause after ``attempts`` failed attempts, with jitter.

    The pause doubles from one second to five minutes; jitter takes away up to
    half of it, so that many webhooks do not come back in one instant.

    Parameters
    ----------
    attempts
        Attempts made so far, at least 1.
    rng
        Source of the jitter.
    """
    exponent = min(max(attempts, 1) - 1, 16)
    longest = min(_LONGEST, _FIRST * 2.0**exponent)
    share = (rng or random).uniform(0.5, 1.0)
    return timedelta(seconds=longest * share)
