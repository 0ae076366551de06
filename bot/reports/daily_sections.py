"""From sums per CMDR to the sections of the daily summary."""

from __future__ import annotations

from collections import defaultdict
from heapq import nsmallest
from operator import itemgetter
from typing import TYPE_CHECKING

from bot.reports.results import Row, Section, SectionKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Sums = dict[tuple[str, str], tuple[int, int]]
"""First and second figure by CMDR and faction ('' where a section knows none)."""

_Line = tuple[int, str, str, int, int]

_TITLES = {
    SectionKey.MARKET: "Market Events",
    SectionKey.MISSIONS: "Missions Completed",
    SectionKey.INFLUENCE: "Influence by Faction",
    SectionKey.BOUNTIES: "Bounty Vouchers",
    SectionKey.BONDS: "Combat Bonds",
    SectionKey.EXPLORATION: "Exploration Sales",
    SectionKey.FINES: "Bounty Fines",
}


def sections_of(
    sums: Mapping[SectionKey, Sums], own_faction: str | None, top: int | None
) -> Iterator[Section]:
    """Yield the sections that have rows, in their order.

    Parameters
    ----------
    own_faction
        Part of the own faction's name; None leaves that section out.
    top
        Rows per section; None for all.
    """
    for key in SectionKey:
        if key is not SectionKey.OWN_INFLUENCE:
            title, figures = _TITLES[key], sums.get(key, {})
        elif own_faction is not None:
            title = f"Influence {own_faction}"
            figures = _own_sums(sums.get(SectionKey.INFLUENCE, {}), own_faction)
        else:
            continue
        lines = _lines(key, figures)
        if lines:
            yield _section(key, title, lines, top)


def _own_sums(sums: Sums, own_faction: str) -> Sums:
    wanted = own_faction.casefold()
    known = {faction for _, faction in sums}
    own = {faction for faction in known if wanted in faction.casefold()}
    total: dict[str, int] = defaultdict(int)
    for (cmdr, faction), (worth, _) in sums.items():
        if faction in own:
            total[cmdr] += worth
    return {(cmdr, ""): (worth, 0) for cmdr, worth in total.items()}


def _lines(key: SectionKey, sums: Sums) -> list[_Line]:
    """Each row worth something, beginning with what rows are sorted by."""
    if key is SectionKey.MARKET:
        return [
            (-tonnes, cmdr, faction, value, tonnes)
            for (cmdr, faction), (value, tonnes) in sums.items()
            if value > 0
        ]
    return [
        (-value, cmdr, faction, value, 0) for (cmdr, faction), (value, _) in sums.items() if value
    ]


def _section(key: SectionKey, title: str, lines: list[_Line], top: int | None) -> Section:
    is_market, by_faction = key is SectionKey.MARKET, key is SectionKey.INFLUENCE
    shown = sorted(lines) if top is None else nsmallest(top, lines)
    rows = tuple(
        Row(rank, cmdr, value, tonnes if is_market else None, faction if by_faction else None)
        for rank, (_, cmdr, faction, value, tonnes) in enumerate(shown, 1)
    )
    return Section(
        key,
        title,
        cmdrs=len(set(map(itemgetter(1), lines))),
        rows_in_all=len(lines),
        total=sum(map(itemgetter(3), lines)),
        rows=rows,
        tonnes=sum(map(itemgetter(4), lines)) if is_market else None,
    )
