"""Who asks too often waits, and nobody else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.ui.cooldown import Cooldown


class Ticks:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_sixth_question_waits_until_the_first_is_a_span_old() -> None:
    clock = Ticks()
    cooldown = Cooldown(5, 20.0, clock)
    for _ in range(5):
        assert cooldown.wait("ada") == 0
        clock.now += 1

    assert cooldown.wait("ada") == 15
    clock.now += 14.5
    assert cooldown.wait("ada") == 0.5
    clock.now += 0.5
    assert cooldown.wait("ada") == 0
    assert cooldown.wait("ada") > 0


def test_one_asker_does_not_slow_another() -> None:
    cooldown = Cooldown(1, 20.0, Ticks())

    assert cooldown.wait((1, 7)) == 0
    assert cooldown.wait((1, 7)) == 20
    assert cooldown.wait((1, 8)) == 0
    assert cooldown.wait((2, 7)) == 0


def test_a_refused_question_does_not_lengthen_the_wait() -> None:
    clock = Ticks()
    cooldown = Cooldown(2, 20.0, clock)
    cooldown.wait("ada")
    cooldown.wait("ada")
    clock.now += 19
    for _ in range(50):
        assert cooldown.wait("ada") == 1
    clock.now += 1

    assert cooldown.wait("ada") == 0


def test_those_who_asked_long_ago_are_forgotten() -> None:
    clock = Ticks()
    cooldown = Cooldown(5, 20.0, clock)
    for user in range(100):
        cooldown.wait(user)
    clock.now += 20
    cooldown.wait("ada")

    assert len(cooldown) == 1


def test_a_crowd_takes_a_bounded_place() -> None:
    cooldown = Cooldown(1, 20.0, Ticks(), most=10)
    for user in range(1000):
        cooldown.wait(user)

    assert len(cooldown) == 10
    assert cooldown.wait(999) == 20


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 30)), max_size=80),
    st.integers(1, 5),
)
def test_no_span_ever_holds_more_than_the_limit(steps: list[tuple[int, float]], limit: int) -> None:
    clock = Ticks()
    cooldown = Cooldown(limit, 20.0, clock)
    passed: dict[int, list[float]] = {}
    for user, pause in steps:
        clock.now += pause
        before = [at for at in passed.get(user, []) if at + 20.0 > clock.now]
        wait = cooldown.wait(user)
        assert (wait > 0) == (len(before) == limit)
        if wait == 0:
            passed.setdefault(user, []).append(clock.now)
