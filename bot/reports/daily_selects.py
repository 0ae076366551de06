"""The selects of the daily summary, one per kind of work.

Each returns rows of the same layout: the kind, the CMDR, a text (the faction of
influence, the type of a voucher), two sums, then the columns that the view
asks for. Rows without a CMDR come along and are passed over by the reader.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.backend import schema
from bot.reports.influence import influence_worth
from bot.reports.needs import Need
from bot.reports.views import Bounds, View

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement, FromClause, Select

MISSIONS = "mission_completed_event"
INFLUENCE = "mission_completed_influence"
VOUCHERS = "redeem_voucher_event"
CRIMES = "commit_crime_event"

VOUCHER_TYPES = ("bounty", "CombatBond")


class Work(StrEnum):
    """The kinds of work that are read, each from its table."""

    BUYS = "buys"
    SELLS = "sells"
    MISSIONS = "missions"
    INFLUENCE = "influence"
    OLD_INFLUENCE = "old_influence"
    VOUCHERS = "vouchers"
    SALES = "sales"
    MULTI_SALES = "multi_sales"
    CRIMES = "crimes"


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


def market_buys(view: View) -> Select[Any]:
    """Value and tonnes bought by each CMDR."""
    buys = schema.market_buy_event.c
    return _per_cmdr(
        view,
        Work.BUYS,
        _with_event(schema.market_buy_event),
        (buys.value, buys.count),
        faction=view.text("market_buy_event", "station_faction"),
    )


def market_sells(view: View) -> Select[Any]:
    """Value and tonnes sold by each CMDR."""
    sells = schema.market_sell_event.c
    return _per_cmdr(
        view,
        Work.SELLS,
        _with_event(schema.market_sell_event),
        (sells.value, sells.count),
        faction=view.text("market_sell_event", "station_faction"),
    )


def missions_completed(view: View) -> Select[Any]:
    """Number of missions completed by each CMDR."""
    return _per_cmdr(
        view,
        Work.MISSIONS,
        _with_event(schema.mission_completed_event),
        (),
        faction=view.text(MISSIONS, "awarding_faction"),
    )


def influence_by_mission(view: View) -> Select[Any]:
    """Influence of each CMDR for each faction, from rows that point to their mission."""
    missions, influence = schema.mission_completed_event, schema.mission_completed_influence
    linked = influence.join(missions, missions.c.id == influence.c.mission_id)
    rows = linked.join(schema.event, schema.event.c.id == missions.c.event_id)
    return _influence(view, Work.INFLUENCE, rows).where(influence.c.event_id.is_not(None))


def influence_by_event(view: View) -> Select[Any]:
    """Influence of each CMDR for each faction, from old rows that point to the mission's event."""
    missions, influence = schema.mission_completed_event, schema.mission_completed_influence
    rows = influence.join(schema.event, schema.event.c.id == influence.c.mission_id)
    old = _influence(view, Work.OLD_INFLUENCE, rows).where(
        influence.c.mission_id.in_(sa.select(missions.c.event_id))
    )
    if view.has(INFLUENCE, "event_id"):
        return old.where(influence.c.event_id.is_(None))
    return old


def vouchers_redeemed(view: View) -> Select[Any]:
    """Amount of bounties and combat bonds redeemed by each CMDR."""
    vouchers = schema.redeem_voucher_event.c
    extra = {"factions": view.text(VOUCHERS, "factions")} if view.by_faction else {}
    return _per_cmdr(
        view,
        Work.VOUCHERS,
        _with_event(schema.redeem_voucher_event),
        (vouchers.amount,),
        label=vouchers.type,
        faction=view.text(VOUCHERS, "faction"),
        **extra,
    ).where(view.exact(vouchers.type).in_(VOUCHER_TYPES))


def exploration_sales(view: View) -> Select[Any]:
    """Earnings of each CMDR from data sold system by system."""
    sales = schema.sell_exploration_data_event
    return _per_cmdr(view, Work.SALES, _with_event(sales), (sales.c.earnings,))


def exploration_multi_sales(view: View) -> Select[Any]:
    """Earnings of each CMDR from data sold page by page."""
    sales = schema.multi_sell_exploration_data_event
    return _per_cmdr(view, Work.MULTI_SALES, _with_event(sales), (sales.c.total_earnings,))


def bounty_fines(view: View) -> Select[Any]:
    """Bounties put on each CMDR's head; the oldest databases call them fines."""
    new = view.has(CRIMES, "bounty")
    crimes: Any = schema.commit_crime_event if new else schema.oldest_commit_crime_event
    return _per_cmdr(
        view,
        Work.CRIMES,
        _with_event(crimes),
        (crimes.c.bounty if new else crimes.c.fine,),
        faction=view.text(CRIMES, "faction"),
    )


SELECTS: dict[Work, Callable[[View], Select[Any]]] = {
    Work.BUYS: market_buys,
    Work.SELLS: market_sells,
    Work.MISSIONS: missions_completed,
    Work.INFLUENCE: influence_by_mission,
    Work.OLD_INFLUENCE: influence_by_event,
    Work.VOUCHERS: vouchers_redeemed,
    Work.SALES: exploration_sales,
    Work.MULTI_SALES: exploration_multi_sales,
    Work.CRIMES: bounty_fines,
}


@lru_cache(maxsize=64)
def newest_event(view: View) -> Select[Any]:
    """Timestamp of the newest event in a window of time."""
    timestamp = view.text("event", "timestamp")
    return sa.select(sa.func.max(timestamp)).select_from(schema.event).where(*view.in_window())


def _influence(view: View, work: Work, rows: FromClause) -> Select[Any]:
    name = view.text(INFLUENCE, "faction_name")
    return _per_cmdr(view, work, rows, (influence_worth(view),), label=name, faction=name)


def _with_event(details: Any) -> FromClause:
    joined: FromClause = details.join(schema.event, schema.event.c.id == details.c.event_id)
    return joined


def _per_cmdr(
    view: View,
    work: Work,
    rows: FromClause,
    figures: tuple[ColumnElement[Any], ...],
    *,
    label: ColumnElement[Any] | None = None,
    **faction: ColumnElement[Any],
) -> Select[Any]:
    nothing = sa.cast(sa.null(), sa.Text).label("label")
    keys = {"cmdr": view.text("event", "cmdr")}
    if label is not None:
        keys["label"] = label
    if view.by_faction:
        keys |= {"faction": sa.cast(sa.null(), sa.Text), "factions": sa.cast(sa.null(), sa.Text)}
        keys |= faction
    if view.by_system:
        keys["system"] = view.text("event", "starsystem")
    if view.bounds is Bounds.TICK:
        keys["ticktime"] = view.text("event", "ticktime")
        keys["timestamp"] = view.text("event", "timestamp")
    selected, grouped = view.keys(**keys)
    if label is None:
        selected.insert(1, nothing)
    sums: list[ColumnElement[Any]] = [sa.func.sum(view.whole(figure)) for figure in figures]
    sums = sums or [sa.func.count()]
    first, second = sums[0], sums[1] if len(sums) > 1 else sa.literal(0, sa.Integer)
    kind = sa.literal(work.value, sa.String).label("work")
    selected[2:2] = [first.label("first"), second.label("second")]
    return sa.select(kind, *selected).select_from(rows).where(*view.in_window()).group_by(*grouped)
