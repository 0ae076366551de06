"""A day of an ordinary squadron, as the query layer would report it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.periods import Period, window_for
from bot.rendering import RenderContext
from bot.reports.results import (
    CzCmdr,
    CzCounts,
    CzResult,
    CzSettlement,
    CzSystem,
    DailyResult,
    Row,
    Section,
    SectionKey,
)

YESTERDAY = window_for(Period.YESTERDAY, datetime(2025, 9, 13, 0, 0, 5, tzinfo=UTC))
THIS_WEEK = window_for(Period.THIS_WEEK, datetime(2026, 11, 25, tzinfo=UTC))
WOLVES = RenderContext("Demo Wolves", "https://example.org/wolves.png")
KESTREL = RenderContext("Kestrel")


def _money(key: SectionKey, title: str, more: int, *rows: tuple[str, int]) -> Section:
    total = sum(amount for _, amount in rows) + more * 1_000_000
    listed = tuple(Row(rank, name, amount) for rank, (name, amount) in enumerate(rows, start=1))
    return Section(key, title, len(rows) + more, len(rows) + more, total, listed)


DAILY = DailyResult(
    YESTERDAY,
    (
        Section(
            SectionKey.MARKET,
            "Market Events",
            14,
            14,
            2_345_678_901,
            (
                Row(1, "Ada", 1_234_567_890, 89_000),
                Row(2, "Brann O'Neil", 987_654_321, 54_321),
                Row(3, "Kestrel_Prime", 45_678_901, 4_321),
                Row(4, "A very long name indeed", 1_234_567, 890),
                Row(5, "猫耳船長", 98_765, 12),
            ),
            151_234,
        ),
        Section(
            SectionKey.MISSIONS,
            "Missions Completed",
            2,
            2,
            57,
            (Row(1, "Ada", 45), Row(2, "*Zoë*", 12)),
        ),
        Section(
            SectionKey.INFLUENCE,
            "Influence by Faction",
            3,
            4,
            120,
            (
                Row(1, "Ada", 131, faction="Wolves of Jonai"),
                Row(2, "Ada", 12, faction="Kamadhenu Advanced Limited Group"),
                Row(3, "Zoë", 4, faction=""),
                Row(4, "Old Hand", -27, faction="Crimson Posse"),
            ),
        ),
        Section(
            SectionKey.OWN_INFLUENCE,
            "Influence Wolves",
            2,
            2,
            128,
            (Row(1, "Ada", 131), Row(2, "Old Hand", -3)),
        ),
        _money(SectionKey.BOUNTIES, "Bounty Vouchers", 0, ("Ada", 50_000_000), ("Zoë", 999_999)),
        _money(SectionKey.BONDS, "Combat Bonds", 0, ("Old Hand", 12_500_000)),
        _money(SectionKey.EXPLORATION, "Exploration Sales", 3, ("Deep Black", 1_234_000_000)),
        _money(SectionKey.FINES, "Bounty Fines", 0, ("@everyone", 4_500)),
    ),
    ("commit_crime_event.bounty",),
    "2025-09-12T23:58:12.512Z",
)

KAMADHENU = CzSystem(
    "Kamadhenu",
    CzCounts(1, 2, 2),
    (
        CzCmdr("Brann O'Neil", CzCounts(0, 2, 1)),
        CzCmdr("Ada", CzCounts(1, 0, 1)),
    ),
    (CzSettlement("Grant Base", 3), CzSettlement("Ashby Yard", 2)),
)
GROUND_ONE = CzResult("groundcz", THIS_WEEK, (KAMADHENU,), (), "2026-11-24T20:15:00Z")
GROUND = CzResult(
    "groundcz",
    THIS_WEEK,
    (
        KAMADHENU,
        CzSystem(
            "HIP 20277",
            CzCounts(0, 0, 2, 1),
            (
                CzCmdr("A very long name indeed", CzCounts(0, 0, 2)),
                CzCmdr("Unknown", CzCounts(0, 0, 0, 1)),
            ),
            (CzSettlement("Martinez Horticultural Exchange and Sons", 3),),
        ),
        CzSystem(
            "Sol",
            CzCounts(2, -1),
            (CzCmdr("猫耳船長", CzCounts(2, -1)),),
            (CzSettlement("Unknown", 1),),
        ),
    ),
    (),
    "2026-11-24T20:15:00Z",
)
SPACE = CzResult(
    "spacecz",
    YESTERDAY,
    tuple(
        CzSystem(
            f"Col 285 Sector AB-{index}",
            CzCounts(2, 1, index),
            (CzCmdr("Ada", CzCounts(1, 1, index)), CzCmdr("Zoë", CzCounts(1))),
        )
        for index in range(6, 0, -1)
    ),
    ("synthetic_cz.cz_type",),
    "2025-09-12T22:00:00Z",
)
EMPTY_DAILY = DailyResult(YESTERDAY, ())
EMPTY_SPACE = CzResult("spacecz", YESTERDAY, ())
EMPTY_GROUND = CzResult("groundcz", YESTERDAY, (), ("synthetic_ground_cz",))
