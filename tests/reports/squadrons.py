"""Random squadrons: hostile names, times at the edges, every form a row can have."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.periods import Period
from tests.squadron import Squadron
from tests.truth import Question, days

NOWS = [
    datetime(2025, 9, 12, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(2025, 9, 13, 0, 0, tzinfo=UTC),
    datetime(2024, 3, 1, 0, 1, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2025, 3, 1, 0, 2, tzinfo=UTC),
    datetime(2026, 1, 1, 0, 0, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 0, tzinfo=UTC),
    datetime(2025, 9, 12, 1, 30, tzinfo=UTC),
]
"""The last and first moments of days, weeks, months and years; leap days and none."""

BOUNDED = ["cd", "ld", "cw", "lw", "cm", "lm", "2m", "y"]
_EDGES = [timedelta(milliseconds=ms) for ms in (-1000, -512, -1, 0, 1, 512, 999, 1000)]

_NAMES = [
    *("Ada", "ADA", "ada", "Ada ", " Ada", "Adä", "Ada\u0301", "Straße", "STRASSE"),
    *("@everyone", "`x`", "Ｗolf", "wolf", "Жук", "🦊", "\u202ecba", "\u200b", "I", "ı", "İ", "ﬁ"),
    *("a'b", 'a"b', "a\\b", "%", "_", "😀", "\uffff", "z", "low"),
]
names = st.one_of(
    st.sampled_from(_NAMES),
    st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
    ),
)
maybe_names = st.one_of(names, st.sampled_from([None, ""]))
cmdrs = st.one_of(st.sampled_from(["Ada", "ada", "Ada ", "Bo"]), maybe_names)
few_names = st.sampled_from(["Wolves", "wolves of Sol", "WOLVES", "Strasse", "straße", "", None])
amounts = st.one_of(st.none(), st.integers(-3, 3), st.integers(-(2**31), 2**31 - 1))
influences = st.one_of(
    st.sampled_from(["+", "++", "+++", "+++++", "-", "--", "", None, "None", "+-", "Low"]),
    st.text("+-", max_size=8),
)
trends = st.sampled_from(
    ["UpGood", "DownGood", "UpBad", "DownBad", "", None, "upgood", "UpGood ", "x"]
)
cz_types = st.sampled_from(["low", "medium", "high", None, ""])
TICK_IDS = ["zoy-00a", "zoy-00b", "ZOY-00A", "5f0c", "frc-01", "0000001f", "unknown_tickid", ""]


def _stamp(moment: datetime, *, millis: bool) -> str:
    if millis:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


@st.composite
def moments(draw: st.DrawFn, now: datetime) -> datetime:
    """A time at an edge of some period's window, within one, or shortly before now."""
    code = draw(st.sampled_from(BOUNDED))
    first, last = days(code, now)
    assert first is not None
    assert last is not None
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    length = timedelta(days=(last - first).days + 1)
    match draw(st.integers(0, 3)):
        case 0:
            return start + draw(st.sampled_from(_EDGES))
        case 1:
            return start + length + draw(st.sampled_from(_EDGES))
        case 2:
            return start + length * draw(st.floats(0, 0.999))
        case _:
            return now - timedelta(seconds=draw(st.integers(0, 2 * 86400)))


@st.composite
def ticktimes(draw: st.DrawFn, now: datetime) -> str:
    """The time of a tick close to others, or none."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(["", "None", "2025-02-30T10:00:00Z", "soon"]))
    hours = draw(st.sampled_from([-30, -27, -24, -21, -6, -3, 0, 1]))
    edge = draw(st.sampled_from(_EDGES))
    moment = now.replace(microsecond=0) + timedelta(hours=hours) + edge
    return _stamp(moment, millis=draw(st.booleans()))


@st.composite
def raw_texts(draw: st.DrawFn) -> str | None:
    """A synthetic event's text in either form, sometimes broken or missing."""
    size = st.sampled_from(["low", "medium", "high", "Low", "note"])
    number = st.one_of(
        st.integers(-3, 3), st.sampled_from([True, None, 1.0, 2.5, "1", [1], 10**20])
    )
    facts: dict[str, Any] = draw(st.dictionaries(size, number, max_size=4))
    if draw(st.booleans()):
        facts["cmdr"] = draw(names)
    if draw(st.booleans()):
        facts["inner"] = {"low": 7, "text": "\"low\": 5, 'high': 6"}
    form = draw(st.integers(0, 6))
    if form == 0:
        return None
    text = json.dumps(facts, ensure_ascii=draw(st.booleans())) if form < 3 else str(facts)
    return text[: draw(st.integers(0, len(text)))] if form == 6 else text


@st.composite
def squadrons(draw: st.DrawFn, now: datetime) -> Squadron:
    """A squadron of a dozen events and their details."""
    squadron = Squadron()
    for _ in range(draw(st.integers(4, 14))):
        moment = draw(moments(now))
        squadron.event(
            _stamp(moment, millis=draw(st.booleans())),
            draw(cmdrs),
            tickid=draw(st.sampled_from(TICK_IDS)),
            ticktime=draw(ticktimes(now)),
            starsystem=draw(few_names),
            raw_json=draw(raw_texts()),
        )
    for _ in range(draw(st.integers(8, 24))):
        _add_detail(draw, squadron)
    return squadron


def _add_detail(draw: st.DrawFn, squadron: Squadron) -> None:
    event = draw(st.integers(1, len(squadron.rows["event"]) + draw(st.sampled_from([0, 0, 1]))))
    faction = draw(st.one_of(few_names, maybe_names))
    match draw(st.integers(0, 9)):
        case 0:
            squadron.buy(draw(amounts), draw(amounts), event, station_faction=faction)
        case 1:
            squadron.sell(draw(amounts), draw(amounts), event, station_faction=faction)
        case 2 | 3:
            mission = squadron.mission(event, awarding_faction=faction)
            rows = {"faction_name": faction, "trend": draw(trends)}
            squadron.influence(draw(influences), mission, **rows)
            squadron.old_influence(draw(influences), event, **rows)
        case 4:
            _add_stray_influence(draw, squadron, faction)
        case 5:
            kind = draw(
                st.sampled_from(["bounty", "CombatBond", "Bounty", "bounty ", "trade", None])
            )
            listed = [{"Faction": name, "Amount": 1} for name in draw(st.lists(names, max_size=2))]
            factions = draw(st.sampled_from([None, "", "[", json.dumps(listed)]))
            squadron.voucher(kind, draw(amounts), event, faction=faction, factions=factions)
        case 6:
            squadron.sale(draw(amounts), event)
            squadron.multi_sale(draw(amounts), event)
        case 7:
            squadron.crime(draw(amounts), event, faction=faction)
        case 8:
            squadron.cz(draw(cz_types), event=event, faction=faction)
        case _:
            place = draw(st.one_of(few_names, maybe_names))
            squadron.ground_cz(draw(cz_types), event=event, settlement=place, faction=faction)


def _add_stray_influence(draw: st.DrawFn, squadron: Squadron, faction: str | None) -> None:
    """Influence that may point to no mission, or to the other kind of id."""
    link = draw(st.integers(1, 14))
    event = draw(st.one_of(st.none(), st.integers(1, 14)))
    squadron.add(
        "mission_completed_influence",
        mission_id=link,
        event_id=event,
        influence=draw(influences),
        trend=draw(trends),
        faction_name=faction,
    )


@st.composite
def questions(draw: st.DrawFn, now: datetime, squadron: Squadron) -> Question:
    """Any report over any period, often narrowed to names that occur."""

    narrowed = draw(st.sampled_from(["", "", "", "systems", "factions", "cmdrs", "places", "all"]))

    def some(kind: str, table: str, column: str) -> tuple[str, ...]:
        if narrowed not in (kind, "all"):
            return ()
        known = [row.get(column) or "" for row in squadron.rows[table]]
        name = draw(st.sampled_from(known or ["Wolves"]))
        return (draw(st.sampled_from([name, name.upper(), name.casefold(), "nobody"])), "Ada")

    table = draw(st.sampled_from(["mission_completed_influence", "redeem_voucher_event"]))
    column = "faction_name" if table == "mission_completed_influence" else "faction"
    return Question(
        report=draw(st.sampled_from(["daily", "spacecz", "groundcz"])),
        code=draw(st.sampled_from([*(period.value for period in Period), "ct", "lt"])),
        now=now,
        faction_name=draw(st.sampled_from(["wolves", "STRASSE", "Wolf", None, " "])),
        systems=some("systems", "event", "starsystem"),
        factions=some("factions", table, column),
        cmdrs=some("cmdrs", "event", "cmdr"),
        settlements=some("places", "synthetic_ground_cz", "settlement"),
        top=draw(st.sampled_from([5, 1, None])),
    )
