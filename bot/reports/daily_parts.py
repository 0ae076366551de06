"""What the daily summary reads, one part per kind of work.

A part is the detail rows of one table, still without their events; how they
are joined and summed is the same for all (`bot.reports.daily_selects`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema
from bot.reports.influence import influence_worth
from bot.reports.needs import Need
from bot.reports.windows import joined, near_window

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, FromClause

    from bot.reports.views import View

Link = tuple["FromClause", "ColumnElement[bool]"]

MISSIONS = "mission_completed_event"
INFLUENCE = "mission_completed_influence"
VOUCHERS = "redeem_voucher_event"
CRIMES = "commit_crime_event"

_SHORT = "d"

VOUCHER_TYPES = ("bounty", "CombatBond")

EVENTS = Need("event", ("id",), ("cmdr",))
BUYS = Need("market_buy_event", ("event_id", "value", "count"), (), ("station_faction",))
SELLS = Need("market_sell_event", ("event_id", "value", "count"), (), ("station_faction",))
MISSIONS_DONE = Need(MISSIONS, ("event_id",), ("id",), ("awarding_faction",))
INFLUENCES = Need(INFLUENCE, ("mission_id", "influence", "faction_name"), ("trend",))
VOUCHERS_PAID = Need(VOUCHERS, ("event_id", "amount", "type"), (), ("faction", "factions"))
SALES = Need("sell_exploration_data_event", ("event_id", "earnings"))
MULTI_SALES = Need("multi_sell_exploration_data_event", ("event_id", "total_earnings"))
FINES = Need(CRIMES, ("event_id", "bounty"), (), ("faction",))
OLD_FINES = Need(CRIMES, ("event_id", "fine"), (), ("faction",))


class Work(IntEnum):
    """The kinds of work that are read; the numbers stand in the rows."""

    BUYS = 1
    SELLS = 2
    MISSIONS = 3
    INFLUENCE = 4
    OLD_INFLUENCE = 5
    VOUCHERS = 6
    SALES = 7
    MULTI_SALES = 8
    CRIMES = 9
    ALL_INFLUENCE = 10


@dataclass(frozen=True, slots=True)
class Part:
    """Detail rows of one kind of work.

    Attributes
    ----------
    details
        The table to begin with.
    event_id
        The column that points to `event`.
    figures
        One or two numbers to be summed; none where rows are counted.
    label
        A text to tell rows apart by, such as the faction of influence.
    faction, factions
        What a faction filter looks at.
    links, more
        Tables, and how they are joined: before `event`, and after it.
    only
        Conditions on the rows.
    is_near
        Whether the rows are those near the window already.
    """

    work: Work
    details: Any
    event_id: ColumnElement[Any]
    figures: tuple[ColumnElement[Any], ...] = ()
    label: ColumnElement[Any] | None = None
    faction: ColumnElement[Any] | None = None
    factions: ColumnElement[Any] | None = None
    links: tuple[Link, ...] = ()
    more: tuple[Link, ...] = ()
    only: tuple[ColumnElement[bool], ...] = ()
    is_near: bool = False


def market_buys(view: View) -> Part:
    """Value and tonnes bought."""
    buys = _details("market_buy_event")
    faction = view.text_of(buys, "station_faction", of="market_buy_event")
    return Part(Work.BUYS, buys, buys.c.event_id, (buys.c.value, buys.c.count), faction=faction)


def market_sells(view: View) -> Part:
    """Value and tonnes sold."""
    sells = _details("market_sell_event")
    faction = view.text_of(sells, "station_faction", of="market_sell_event")
    figures = (sells.c.value, sells.c.count)
    return Part(Work.SELLS, sells, sells.c.event_id, figures, faction=faction)


def missions_completed(view: View) -> Part:
    """Missions completed."""
    missions = _details(MISSIONS)
    faction = view.text_of(missions, "awarding_faction", of=MISSIONS)
    return Part(Work.MISSIONS, missions, missions.c.event_id, faction=faction)


def influence_by_mission(view: View) -> Part:
    """Influence, from rows that point to their mission.

    SQLite goes through the missions where it can find their influence, which
    pays for a window only, and through the influence elsewhere.
    """
    missions, influence = _details(MISSIONS), _influence()
    by_mission = influence.c.mission_id == missions.c.id
    return Part(
        Work.INFLUENCE,
        missions if view.has_id_ranges else influence,
        missions.c.event_id,
        (_worth(view, influence),),
        label=influence.c.faction_name,
        faction=influence.c.faction_name,
        links=() if view.has_id_ranges else ((missions, by_mission),),
        more=((influence, by_mission),) if view.has_id_ranges else (),
        only=(influence.c.event_id.is_not(None),),
    )


def influence_by_event(view: View) -> Part:
    """Influence, from old rows that point to the event of their mission."""
    influence = _influence()
    only = [_has_mission(view, influence.c.mission_id)]
    if view.has(INFLUENCE, "event_id"):
        only.append(influence.c.event_id.is_(None))
    return Part(
        Work.OLD_INFLUENCE,
        influence,
        influence.c.mission_id,
        (_worth(view, influence),),
        label=influence.c.faction_name,
        faction=influence.c.faction_name,
        only=tuple(only),
    )


def influence_by_either(view: View) -> Part:
    """Influence of both link formats, whose worth is then worked out in one place."""
    rows = []
    for part in (influence_by_mission(view), influence_by_event(view)):
        influence = part.details
        rows.append(
            sa.select(
                part.event_id.label("id"),
                influence.c.influence,
                view.text_of(influence, "trend", of=INFLUENCE).label("trend"),
                influence.c.faction_name,
            )
            .select_from(joined(view, influence, part.event_id, *part.links))
            .where(*part.only, *near_window(view, part.event_id))
        )
    both = sa.union_all(*rows).subquery("d").c
    worth = influence_worth(view, both.influence, both.trend)
    name = both.faction_name
    details = both.id.table
    return Part(
        Work.ALL_INFLUENCE, details, both.id, (worth,), label=name, faction=name, is_near=True
    )


def vouchers_redeemed(view: View) -> Part:
    """Amounts of bounties and combat bonds."""
    vouchers = _details(VOUCHERS)
    return Part(
        Work.VOUCHERS,
        vouchers,
        vouchers.c.event_id,
        (vouchers.c.amount,),
        label=vouchers.c.type,
        faction=view.text_of(vouchers, "faction", of=VOUCHERS),
        factions=view.text_of(vouchers, "factions", of=VOUCHERS),
        only=(sa.or_(*(view.same(vouchers.c.type) == kind for kind in VOUCHER_TYPES)),),
    )


def exploration_sales(_: View) -> Part:
    """Earnings from data sold system by system."""
    sales = _details("sell_exploration_data_event")
    return Part(Work.SALES, sales, sales.c.event_id, (sales.c.earnings,))


def exploration_multi_sales(_: View) -> Part:
    """Earnings from data sold page by page."""
    sales = _details("multi_sell_exploration_data_event")
    return Part(Work.MULTI_SALES, sales, sales.c.event_id, (sales.c.total_earnings,))


def bounty_fines(view: View) -> Part:
    """Bounties put on a CMDR's head; the oldest databases call them fines."""
    is_new = view.has(CRIMES, "bounty")
    table = schema.commit_crime_event if is_new else schema.oldest_commit_crime_event
    crimes = table.alias(_SHORT)
    amount = crimes.c.bounty if is_new else crimes.c.fine
    faction = view.text_of(crimes, "faction", of=CRIMES)
    return Part(Work.CRIMES, crimes, crimes.c.event_id, (amount,), faction=faction)


PARTS: dict[Work, Callable[[View], Part]] = {
    Work.BUYS: market_buys,
    Work.SELLS: market_sells,
    Work.MISSIONS: missions_completed,
    Work.INFLUENCE: influence_by_mission,
    Work.OLD_INFLUENCE: influence_by_event,
    Work.ALL_INFLUENCE: influence_by_either,
    Work.VOUCHERS: vouchers_redeemed,
    Work.SALES: exploration_sales,
    Work.MULTI_SALES: exploration_multi_sales,
    Work.CRIMES: bounty_fines,
}


def _details(table: str) -> Any:
    """A table under a short name: drivers take long statements apart each time."""
    return schema.metadata.tables[table].alias(_SHORT)


def _influence() -> Any:
    return schema.mission_completed_influence.alias("i")


def _worth(view: View, influence: Any) -> ColumnElement[Any]:
    trend = view.text_of(influence, "trend", of=INFLUENCE)
    return influence_worth(view, influence.c.influence, trend)


def _has_mission(view: View, event_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether the event of an old row has a mission row.

    SQLite without an index would search all missions for each row: there they
    are listed once.
    """
    missions = _details(MISSIONS)
    near = near_window(view, missions.c.event_id)
    if view.dialect == "sqlite" and not view.is_indexed:
        return event_id.in_(sa.select(missions.c.event_id).where(*near))
    return sa.exists().where(missions.c.event_id == event_id, *near)
