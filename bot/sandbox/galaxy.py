"""Invented squadrons and the corner of the galaxy they fight over.

Everything here is made up in the manner of the game. What a squadron looks
like depends on its seed only, so the demo shows the same people every time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

HOSTILE_CMDRS = (
    "@everyone",
    "@here come the Wolves",
    "<@123456789012345678>",
    "<@&987654321098765432>",
    "`rm -rf`",
    "```fence breaker",
    "**Bold** __Under__ ~~Strike~~",
    "||spoiler|| > quote # head",
    "[click me](https://example.invalid/)",
    "Robert'); DROP TABLE event;--",
    "Quote \"Double\" 'Single' \\ Slash",
    "\u202eRight-to-left\u202c flyer",
    "عبد الله الطيار",
    "Zero\u200bwidth\u200d\ufeffJoe",
    "🚀👩‍🚀🏴‍☠️ Ace 🦊",
    "Z̷̡̢a̸l̶g̵o̴ Ṽ",
    "星間飛行士・桜",
    "  padded  ",
    "<script>alert(1)</script>",
    "{name} %s %(x)s ${HOME}",
    "12345678901234567890123456789012345678901234567890123456789012ab",
)
"""Names that no report may stumble over; each fits the backend's 64 characters."""

OVERLONG_CMDR = "The Most Honourable Admiral of the Seventh Deep Space Survey and Sons, " * 4
"""A name beyond its column, as SQLite lets it in."""


def _words(text: str, separator: str | None = None) -> tuple[str, ...]:
    return tuple(text.split(separator))


_FIRST = _words(
    "Ada Brann Corvin Dessa Eirik Fenna Gideon Hale Imre Jory Kestra Lorne Mirela Nox Orrin Petra "
    "Quill Rhea Soren Tamsin Ulric Vesna Wren Xanthe Yorick Zofia"
)
_LAST = _words(
    "Ashby Blackthorn Calder Drake Eversole Frost Grant Hollis Ivarsson Jax Kell Lockhart Marsh "
    "North O'Neil Pryce Quarrel Redfern Stark Thorne Umber Vance Whitlock Yarrow Zeller"
)
_SYSTEM_ROOTS = _words(
    "Kamadi Okhara Verdan Tilmun Arrakon Ishtari Belun Cadmeia Doru Esharra Fenrisal Gharuda "
    "Huldra Iolanthe Jotnar Kelpa Lugalba Mehit Naglfar Orunmil Pelagos Qiraat Rashnu Sedna "
    "Taranis Ukko Varuna Wepwaw Xolot Yggdra Zirnitra"
)
_FACTION_FORMS = (
    "{0} Gold Council",
    "Silver Partners of {0}",
    "{0} Blue Mafia",
    "Party of {0}",
    "{0} Liberals",
    "Crimson {0} Brotherhood",
    "{0} Interstellar Corp.",
    "Traditional {0} Party",
)
_SETTLEMENT_FIRST = _words("Grant Ashby Moreau Pelletier Okoye Lindqvist Tanaka Ferrer Novak Hsu")
_SETTLEMENT_LAST = _words(
    "Base,Yard,Chemical Plant,Military Fort,Agricultural Holdings,"
    "Extraction Site,Industrial Prospect,Research Nexus",
    ",",
)

COMMODITIES = (
    ("gold", 47_600),
    ("silver", 37_200),
    ("palladium", 50_800),
    ("bertrandite", 18_900),
    ("indite", 11_300),
    ("tritium", 51_700),
    ("agronomictreatment", 3_100),
    ("lowtemperaturediamond", 106_000),
    ("beer", 760),
    ("coffee", 1_300),
)
"""Commodity names as the journal writes them, with a fair price in Cr."""

MISSIONS = (
    ("Mission_Courier_Elections_name", "Deliver election data"),
    ("Mission_Delivery_Boom_name", "Boom time delivery"),
    ("Mission_Massacre_Conflict_CivilWar_name", "Kill ships of the other side"),
    ("Mission_Rescue_Planet_name", "Recover black boxes"),
    ("Mission_AltruismCredits_name", "Donate credits"),
    ("Mission_PassengerVIP_Tourist_BOOM_name", "Carry a tourist"),
    ("Mission_OnFoot_Assassination_MB_name", "Settle a score on foot"),
    ("Mission_Collect_Industrial_name", "Industry needs goods"),
)


@dataclass(frozen=True, slots=True)
class StarSystem:
    """A star system and what stands in it.

    Attributes
    ----------
    address
        The game's 64-bit system address.
    """

    name: str
    address: int
    factions: tuple[str, ...]
    settlements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Squadron:
    """A tenant to be: its people, its faction and its systems."""

    id: str
    name: str
    faction: str
    cmdrs: tuple[str, ...]
    systems: tuple[StarSystem, ...] = field(repr=False)


def make_squadron(
    squadron_id: str,
    name: str,
    faction: str,
    *,
    seed: int,
    cmdrs: int = 40,
    systems: int = 24,
    guests: Sequence[str] = HOSTILE_CMDRS,
) -> Squadron:
    """Return an invented squadron; the same arguments give the same one.

    Parameters
    ----------
    cmdrs
        Number of CMDRs, guests included; at most 650 of them are not guests.
    guests
        CMDR names to mix in, spread among the busy and the idle.
    """
    rng = Random(f"{seed}:{squadron_id}")  # noqa: S311  # play data, not a secret
    pool = [f"{first} {last}" for first in _FIRST for last in _LAST]
    rng.shuffle(pool)
    people = pool[: max(cmdrs - len(guests), 0)]
    for guest in guests[:cmdrs]:
        people.insert(int(rng.random() * (len(people) + 1)), guest)
    return Squadron(
        id=squadron_id,
        name=name,
        faction=faction,
        cmdrs=tuple(people),
        systems=tuple(_make_system(rng, index, faction) for index in range(systems)),
    )


def _make_system(rng: Random, index: int, faction: str) -> StarSystem:
    root = _SYSTEM_ROOTS[index % len(_SYSTEM_ROOTS)]
    if index >= len(_SYSTEM_ROOTS):
        name = f"Col 285 Sector {root[:2].upper()}-{root[2].upper()} d{index}"
    elif index % 5 == 4:
        name = f"HIP {rng.randrange(10_000, 99_999)}"
    else:
        name = root
    locals_ = [form.format(root) for form in rng.sample(_FACTION_FORMS, 4)]
    if index % 3 != 2:
        locals_.insert(0, faction)
    settlements = {
        f"{rng.choice(_SETTLEMENT_FIRST)} {rng.choice(_SETTLEMENT_LAST)}": None for _ in range(6)
    }
    return StarSystem(
        name=name,
        address=rng.randrange(10**11, 9 * 10**13),
        factions=tuple(locals_),
        settlements=tuple(settlements),
    )
