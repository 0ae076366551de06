"""Sends the parts of one delivery in order, and says how it went."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.delivery.errands import ChannelTarget, Target
from bot.delivery.ledger import PartState
from bot.delivery.planning import UNEXPECTED
from bot.delivery.postings import Posting, Status
from bot.errors import BotError
from bot.rendering.figures import counted
from bot.tenants import Channel

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from bot.delivery.courier import Courier
    from bot.delivery.errands import AnyTarget
    from bot.delivery.ledger import DeliveryKey, Part
    from bot.tenants import Outlet

log = logging.getLogger(__name__)

NO_DATA = "no data"
AGAIN = "; tried again from"


class Driver:
    """Drives deliveries to their end, each by itself."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._told: dict[tuple[str, str, str], str] = {}

    async def drive(self, parts: Sequence[Part], route: Outlet, *, expire: bool = False) -> Posting:
        """Send the parts in order; a part that stays behind holds up the rest.

        One that is given up takes the rest with it, so that no half of a
        report arrives by itself and a retry sends all of it in order.
        """
        done: list[Part] = []
        sent = 0
        for part in parts:
            current = part
            given_up = next((each for each in done if each.state is PartState.GAVE_UP), None)
            if given_up is not None and not part.state.settled:
                current = await self._courier.give_up(part, given_up.error or "given up")
            elif not part.state.settled:
                target = _target(route, done, parts)
                delivered = await self._courier.deliver(part, target, expire=expire)
                current = delivered.part
                sent += delivered.sent
            done.append(current)
            if not current.state.settled:
                break
        return sum_up(done, sent)

    async def shielded(
        self, key: DeliveryKey, label: str, work: Coroutine[None, None, Posting]
    ) -> Posting:
        """Let nothing that goes wrong with one delivery out; log how it went."""
        where = {"tenant": key.tenant, "report": key.report, "window": key.window}
        try:
            posting = await work
        except BotError as error:
            posting = Posting(key.tenant, key.report, key.channel, label, Status.FAILED, str(error))
        except Exception:
            log.exception("%s: posting %s failed", key.tenant, key.report, extra=where)
            posting = Posting(key.tenant, key.report, key.channel, label, Status.FAILED, UNEXPECTED)
        self._tell(posting, where)
        return posting

    def _tell(self, posting: Posting, where: dict[str, str]) -> None:
        """Log how a delivery went; the same trouble of the same channel only once."""
        mark = (posting.tenant, posting.report, posting.channel)
        level = logging.INFO
        if posting.status is Status.FAILED:
            trouble = posting.reason.partition(AGAIN)[0]
            was_told = posting.is_known or self._told.get(mark) == trouble
            level = logging.DEBUG if was_told else logging.ERROR
            self._told[mark] = trouble
        else:
            self._told.pop(mark, None)
        log.log(
            level,
            "%s: %s for %s: %s%s",
            posting.tenant,
            posting.report,
            posting.label,
            posting.status.value,
            f" ({posting.reason or counted(posting.messages, 'message')})",
            extra=where,
        )


def _target(route: Outlet, done: Sequence[Part], parts: Sequence[Part]) -> AnyTarget:
    """Return where the next part goes: later ones follow the first into its forum post."""
    if isinstance(route, Channel):
        return ChannelTarget(route)
    first = parts[0].payload
    if not first.get("thread_name") or not done:
        return Target(route.webhook, route.thread_id)
    opened = next((part.thread_id for part in done if part.thread_id), None)
    if opened is not None:
        return Target(route.webhook, opened)
    return Target(
        route.webhook,
        opening={key: first[key] for key in ("thread_name", "applied_tags") if key in first},
    )


def sum_up(parts: Sequence[Part], sent: int = 0) -> Posting:
    """Return what became of a delivery.

    Parameters
    ----------
    parts
        Its parts, up to the first that is left.
    sent
        How many messages this run has sent.
    """
    key, label = parts[0].key, parts[0].label
    status, reason = Status.SENT, ""
    bad = [part for part in parts if part.state is not PartState.SENT]
    worst = next(
        (part for part in bad if _verdict(part)[0] is Status.FAILED), next(iter(bad), None)
    )
    if worst is not None:
        status, reason = _verdict(worst)
    elif not sent:
        status, reason = Status.SKIPPED, "already sent"
    is_known = worst is not None and worst.state is PartState.BROKEN and worst.last_sent_at is None
    return Posting(
        key.tenant,
        key.report,
        key.channel,
        label,
        status,
        reason,
        messages=sent,
        is_known=is_known,
    )


def _verdict(part: Part) -> tuple[Status, str]:
    match part.state:
        case PartState.EMPTY:
            return Status.SKIPPED, NO_DATA
        case PartState.SKIPPED:
            return Status.SKIPPED, part.error or "in doubt, not sent again"
        case PartState.BROKEN | PartState.GAVE_UP | PartState.PARTLY_SENT:
            return Status.FAILED, part.error or "given up"
        case PartState.SENDING:
            return Status.FAILED, "another process is sending it"
        case _:
            again = (
                f"{AGAIN} {part.next_attempt_at:%Y-%m-%d %H:%M:%S} UTC"
                if part.next_attempt_at
                else ""
            )
            return Status.FAILED, f"{part.error or 'not sent yet'}{again}"
