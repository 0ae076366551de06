"""Random squadrons: hostile names, times at the edges, every form a row can have."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from bot.periods import Period
from tests.squadron import Squadron
from tests.truth import Question

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
    """A time at an edge of some period, or anywhere within two years."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if draw(st.booleans()):
        days = draw(st.sampled_from([-1, 0, 1, -7, -8, -14, 7, -28, -31, -62, -365, -366]))
        base = day + timedelta(days=days)
        if draw(st.booleans()):
            base = base.replace(day=1)
        return base + draw(st.sampled_from(_EDGES))
    return now + timedelta(seconds=draw(st.integers(-4 * 86400, 86400)))


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
    for _ in range(draw(st.integers(0, 12))):
        moment = draw(moments(now))
        squadron.event(
            _stamp(moment, millis=draw(st.booleans())),
            draw(maybe_names),
            tickid=draw(st.sampled_from(TICK_IDS)),
            ticktime=draw(ticktimes(now)),
            starsystem=draw(st.one_of(few_names, maybe_names)),
            raw_json=draw(raw_texts()),
        )
    for _ in range(draw(st.integers(0, 16))):
        _add_detail(draw, squadron)
    return squadron


def _add_detail(draw: st.DrawFn, squadron: Squadron) -> None:
    event = draw(st.integers(1, len(squadron.rows["event"]) + 1))
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

    def some(table: str, *columns: str) -> tuple[str, ...]:
        known = [row.get(name) or "" for row in squadron.rows[table] for name in columns]
        if draw(st.integers(0, 3)):
            return ()
        name = draw(st.sampled_from([*known, "WOLVES", "nobody"]))
        return (draw(st.sampled_from([name, name.upper(), name.casefold()])),)

    table = draw(st.sampled_from(["mission_completed_influence", "redeem_voucher_event"]))
    column = "faction_name" if table == "mission_completed_influence" else "faction"
    return Question(
        report=draw(st.sampled_from(["daily", "spacecz", "groundcz"])),
        code=draw(st.sampled_from([period.value for period in Period])),
        now=now,
        faction_name=draw(st.sampled_from(["wolves", "STRASSE", "Wolf", None, " "])),
        systems=some("event", "starsystem"),
        factions=some(table, column),
        cmdrs=some("event", "cmdr"),
        settlements=some("synthetic_ground_cz", "settlement"),
        top=draw(st.sampled_from([5, 1, None])),
    )
