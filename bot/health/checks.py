"""Whether the bot can do its work, check by check."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.errors import BotError
from bot.health.sample import Sample
from bot.health.watched import Finding
from bot.periods import iso_seconds
from bot.scheduling.overdue import audit_nights

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Executor

    from bot.health.watched import Watched
    from bot.scheduling.nights import DuePost
    from bot.scheduling.overdue import Nights

log = logging.getLogger(__name__)

PATIENCE = 2.0
_KEEP_SECONDS = 2.0
_NAMED = 5


class NotOpenError(BotError):
    """Nothing can be asked yet."""

    def __init__(self) -> None:
        super().__init__("not open yet")


class Checks:
    """Runs the checks; none of them blocks the event loop or waits for long.

    A night that failed for good does not count against readiness: nothing
    that the bot, its host or a restart could do would send it. It is told in
    the detail, in the metrics, and by ``bgs-bot deliveries``.

    Parameters
    ----------
    watched
        Who is asked.
    pool
        Where the state database is asked.
    patience
        Seconds after which a state database that says nothing, or cannot be
        written because somebody has locked it, is not ready.
    """

    def __init__(self, watched: Watched, pool: Executor, *, patience: float = PATIENCE) -> None:
        self._watched = watched
        self._patience = patience
        self._nights = Sample(self._audit, pool, keep=_KEEP_SECONDS)
        self._failing: list[str] | None = None

    @property
    def nights(self) -> Mapping[str, Nights]:
        """How the nightly posts of each enabled tenant stood when that was last asked."""
        return self._nights.last or {}

    @property
    def asking(self) -> set[asyncio.Future[dict[str, Nights]]]:
        """What is being asked at this moment."""
        return self._nights.asking

    async def run(self) -> dict[str, Finding]:
        """Return what each check finds."""
        state, nights = await self._look_at_ledger()
        own = {name: check() for name, check in self._watched.checks.items()}
        findings = {"state_database": state, **own, "nights": nights}
        self._tell(findings)
        return findings

    async def _look_at_ledger(self) -> tuple[Finding, Finding]:
        try:
            found = await self._nights.fresh(self._patience)
        except TimeoutError:
            state = Finding(False, f"no answer within {self._patience:g} s")
        except BotError as error:
            state = Finding(False, str(error))
        except Exception:
            log.exception("The state database could not be asked for health")
            state = Finding(False, "unexpected error, see the log")
        else:
            return Finding(True, "can be written"), nights_finding(found)
        return state, Finding(False, "not known while the state database is away")

    def _audit(self) -> dict[str, Nights]:
        runtime = self._watched.runtime()
        if runtime is None:
            raise NotOpenError
        runtime.ledger.database.probe(self._patience)
        return audit_nights(
            runtime.ledger,
            runtime.registry.tenants,
            runtime.settings,
            now=self._watched.clock(),
            real=self._watched.real(),
        )

    def _tell(self, findings: Mapping[str, Finding]) -> None:
        """Log when readiness changes."""
        failing = [name for name, finding in findings.items() if not finding.ok]
        if failing == self._failing:
            return
        self._failing = failing
        if failing:
            reasons = "; ".join(f"{name}: {findings[name].detail}" for name in failing)
            log.info("Not ready: %s", reasons, extra={"action": "not_ready"})
        else:
            log.info("Ready", extra={"action": "ready"})


def nights_finding(nights: Mapping[str, Nights]) -> Finding:
    """Say whether any nightly post is overdue, and which were given up."""
    overdue = _listed((name, post) for name, each in nights.items() for post in each.overdue)
    given_up = _listed((name, post) for name, each in nights.items() for post in each.given_up)
    details = [f"overdue: {overdue}"] if overdue else ["none overdue"]
    if given_up:
        details.append(f"failed for good: {given_up}; `bgs-bot deliveries --failed` tells why")
    return Finding(not overdue, "; ".join(details))


def _listed(posts: Iterable[tuple[str, DuePost]]) -> str:
    """Return some posts by tenant, report and moment, and how many more there are."""
    texts = [f"{tenant} {post.report} of {iso_seconds(post.at)}" for tenant, post in posts]
    more = len(texts) - _NAMED
    return ", ".join(texts[:_NAMED]) + (f" and {more} more" if more > 0 else "")
