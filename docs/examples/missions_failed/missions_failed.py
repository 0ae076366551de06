"""Missions failed: who failed how many, what they were fined, and who was let down."""

from __future__ import annotations

from collections import Counter

from bot.reports.api import ListResult, Need, Source, event_rows, ranked, report

FAILED = Need(
    "mission_failed_event",
    required=("event_id",),
    optional=("fine", "awarding_faction"),
    for_factions=("awarding_faction",),
)


@report("missionsfailed", title="Missions Failed", sign="❌", colour=0xD83C3E)
def missions_failed(source: Source) -> ListResult:
    """Return the failed missions of a window."""
    missions, fines, factions = Counter[str](), Counter[str](), Counter[str]()
    failed = event_rows(source, FAILED)
    for row in failed:
        missions[row.cmdr] += 1
        fines[row.cmdr] += row.number("fine")
        factions[row.text("awarding_faction")] += 1
    count = {"unit": "mission", "units": "missions"}
    return failed.result(
        ranked("missions", "Failed Most", missions, **count),
        ranked("fines", "Fined Most", fines, unit="Cr"),
        ranked("factions", "Let Down Most", factions, **count, noun="faction"),
    )
