"""Figures as players read them: exact, short, with a sign."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EXACT_DIGITS = 36
"""Digits up to which a figure is written out; a line has to fit into a message."""

_SHORT_FROM = 100_000
_STEPS = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K"))
_LARGEST_STEP = 10**15


def exact(figure: int, *, grouped: bool = True) -> str:
    """Return a figure in full, with thousands separators unless told otherwise.

    A figure of more than `EXACT_DIGITS` digits, which no player can earn but
    a database can hold, is written in powers of ten.
    """
    if abs(figure) >= 10**EXACT_DIGITS:
        return _powers_of_ten(figure)
    return f"{figure:,}" if grouped else str(figure)


def signed(figure: int, *, grouped: bool = False, width: int = 0) -> str:
    """Return a figure after its sign, padded between the two to ``width``."""
    number = exact(abs(figure), grouped=grouped)
    return f"{'-' if figure < 0 else '+'}{number:>{width}}"


def short(figure: int) -> str:
    """Return a figure in at most three significant digits where it is large.

    ``1234567890`` is ``1.23 B``; below 100,000 the figure is exact.
    """
    size = abs(figure)
    if size < _SHORT_FROM:
        return f"{figure:,}"
    sign = "-" if figure < 0 else ""
    if size >= _LARGEST_STEP:
        return _powers_of_ten(figure)
    rounded = _three_digits(size)
    step, letter = next(known for known in _STEPS if rounded >= known[0])
    whole, rest = divmod(rounded, step)
    decimals = f"{rest * 100 // step:02d}"[: max(0, 3 - len(str(whole)))].rstrip("0")
    return f"{sign}{whole:,}{'.' + decimals if decimals else ''} {letter}"


def counted(number: int, noun: str, figure: Callable[[int], str] = short) -> str:
    """Return a number with its noun, such as ``1 mission`` or ``57 missions``."""
    return f"{figure(number)} {noun}{'' if number == 1 else 's'}"


def _three_digits(size: int) -> int:
    unit: int = 10 ** (len(str(size)) - 3)
    return (size + unit // 2) // unit * unit


def _powers_of_ten(figure: int) -> str:
    size = abs(figure)
    # int() of the logarithm may be one off at the powers themselves.
    power = int(math.log10(size))
    if size < 10**power:
        power -= 1
    elif size >= 10 ** (power + 1):
        power += 1
    unit = 10 ** (power - 2)
    digits = (size + unit // 2) // unit
    if digits == 1000:
        digits, power = 100, power + 1
    return f"{'-' if figure < 0 else ''}{digits // 100}.{digits % 100:02d}e+{power}"
