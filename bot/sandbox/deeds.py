"""What CMDRs do in the demo besides fighting in conflict zones.

Each function writes the detail rows of one kind of event, in the shapes and
with the flaws that the backend's tables really have.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.sandbox.galaxy import COMMODITIES, MISSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.scene import Scene, Value

_PLUSES = ("+",) * 35 + ("++",) * 34 + ("+++",) * 16 + ("++++",) * 8 + ("+++++",) * 4
_ODD_INFLUENCE = ("", None, "None")
_TRENDS = ("UpGood",) * 85 + ("DownBad",) * 5 + ("UpBad",) * 4 + ("DownGood",) * 3 + ("", "", None)
_VOUCHERS = ("bounty",) * 55 + ("CombatBond",) * 30 + ("scannable", "trade", "settlement") * 5
_CRIMES = ("assault", "murder", "dockingMinorTrespass", "onFoot_murder", "recklessWeaponsDischarge")


def market_buy(scene: Scene) -> None:
    """Goods bought at a station."""
    name, price = COMMODITIES[int(scene.random() * len(COMMODITIES))]
    count = scene.upto(720)
    value = count * price
    scene.extra = {"Type": name, "Count": count, "BuyPrice": price, "TotalCost": value}
    stock, bracket = scene.upto(20_000), int(scene.random() * 4)
    scene.add(
        "market_buy_event",
        *(stock, bracket, value, count, 128_000_000 + scene.upto(900), name),
        *(price, value, scene.faction(), scene.system_name, scene.system.address),
    )


def market_sell(scene: Scene) -> None:
    """Goods sold, at a profit or at a loss."""
    name, price = COMMODITIES[int(scene.random() * len(COMMODITIES))]
    paid = int(price * (0.6 + scene.random() * 0.5))
    count = scene.upto(720)
    value = count * price
    scene.extra = {"Type": name, "Count": count, "SellPrice": price, "TotalSale": value}
    demand, bracket = scene.upto(9_000), int(scene.random() * 4)
    scene.add(
        "market_sell_event",
        *(demand, bracket, value - paid * count, value, count, 128_000_000 + scene.upto(900)),
        *(name, price, value, paid, scene.faction(), scene.system_name, scene.system.address),
    )


def mission_completed(scene: Scene) -> None:
    """A mission handed in, with its effects on up to four factions."""
    name, title = MISSIONS[int(scene.random() * len(MISSIONS))]
    giver = scene.faction()
    target = scene.faction()
    reward = scene.upto(900) * 5_000
    mission = 900_000_000 + scene.event_id
    scene.extra = {"Faction": giver, "Name": name, "LocalisedName": title, "Reward": reward}
    values: tuple[Value, ...] = (
        *(giver, name, reward, mission, title, giver, None, target, None, ""),
        scene.upto(40) if "Massacre" in name else None,
    )
    if scene.random() < 0.001:
        row_id = scene.next_id("mission_completed_event")
    else:
        row_id = scene.add("mission_completed_event", *values)
    _influence(scene, row_id, giver)
    chance = scene.random()
    for _ in range((chance < 0.55) + (chance < 0.20) + (chance < 0.05)):
        _influence(scene, row_id, scene.faction())


def _influence(scene: Scene, mission_row: int, faction: str) -> None:
    chance = scene.random()
    pluses: str | None = _PLUSES[int(scene.random() * len(_PLUSES))]
    if chance < 0.012:
        pluses = _ODD_INFLUENCE[int(scene.random() * len(_ODD_INFLUENCE))]
    elif chance < 0.015:
        pluses = "-" * scene.upto(4)
    elif chance > 0.99:
        faction = ""
    trend = _TRENDS[int(scene.random() * len(_TRENDS))]
    row_id = scene.next_id("mission_completed_influence")
    event_id, mission_id = scene.event_id, mission_row
    scene.batch["mission_completed_influence"].append(
        (
            *(row_id, None if scene.old_format else event_id),
            *(event_id if scene.old_format else mission_id, str(scene.system.address)),
            *(pluses, trend, faction, pluses, trend, "$MISSIONUTIL_Interaction_Summary;", trend),
        )
    )


def mission_failed(scene: Scene) -> None:
    """A mission given up or failed."""
    name, _ = MISSIONS[int(scene.random() * len(MISSIONS))]
    fine = scene.upto(50) * 1_000
    scene.extra = {"Name": name, "Fine": fine}
    scene.add("mission_failed_event", name, scene.faction(), fine)


def redeem_voucher(scene: Scene) -> None:
    """Vouchers turned in: bounties of one or several factions, bonds, others."""
    kind = _VOUCHERS[int(scene.random() * len(_VOUCHERS))]
    amount = int(scene.upto(2_000) ** 1.9)
    faction, station = scene.faction(), scene.system.factions[0]
    factions = None
    if kind == "bounty" and not scene.old_format and scene.random() < 0.4:
        share = amount // 3
        shares = [(faction, amount - share), (scene.faction(), share)]
        factions = json.dumps([{"Faction": name, "Amount": part} for name, part in shares])
        faction = ""
    scene.extra = {"Type": kind, "Amount": amount, "Faction": faction}
    scene.add(
        "redeem_voucher_event",
        *(amount, faction, kind, factions, station, scene.system_name, scene.system.address),
    )


def faction_kill_bond(scene: Scene) -> None:
    """A bond for a kill in a conflict zone."""
    reward = scene.upto(80) * 1_000
    winner, loser = scene.faction(), scene.faction()
    scene.extra = {"Reward": reward, "AwardingFaction": winner, "VictimFaction": loser}
    scene.add("faction_kill_bond_event", "Krait MkII", winner, loser, reward)


def sell_exploration_data(scene: Scene) -> None:
    """One system's cartographic data sold."""
    earnings = scene.upto(300) * 1_000
    scene.extra = {"TotalEarnings": earnings}
    scene.add("sell_exploration_data_event", earnings)


def multi_sell_exploration_data(scene: Scene) -> None:
    """Many systems' cartographic data sold at once."""
    earnings = scene.upto(4_000) * scene.upto(20_000)
    scene.extra = {"TotalEarnings": earnings}
    scene.add("multi_sell_exploration_data_event", earnings)


def commit_crime(scene: Scene) -> None:
    """A crime, with a bounty or none."""
    crime = _CRIMES[int(scene.random() * len(_CRIMES))]
    bounty = None if scene.random() < 0.2 else scene.upto(60) * 100
    victim, faction = scene.faction(), scene.faction()
    scene.extra = {"CrimeType": crime, "Faction": faction}
    scene.add("commit_crime_event", crime, faction, victim, bounty)


DEEDS: dict[str, Callable[[Scene], None]] = {
    "MarketBuy": market_buy,
    "MarketSell": market_sell,
    "MissionCompleted": mission_completed,
    "MissionFailed": mission_failed,
    "RedeemVoucher": redeem_voucher,
    "FactionKillBond": faction_kill_bond,
    "SellExplorationData": sell_exploration_data,
    "MultiSellExplorationData": multi_sell_exploration_data,
    "CommitCrime": commit_crime,
}
"""Writer of the detail rows, by the name of the event."""
