"""What ``check`` tells of channels beside Discord."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, NamedTuple

from bot.delivery.composer import manner_of
from bot.delivery.errands import ChannelTarget, Policy, in_words
from bot.delivery.messenger import Messenger
from bot.delivery.outcomes import Lost, Sent
from bot.rendering.letters import note
from bot.services import ServiceError, service_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.delivery.outcomes import Outcome
    from bot.tenants import Channel, Tenant

_TITLE = "Test"
_TEXT = "If you can read this, the nightly BGS reports will come here."


class Told(NamedTuple):
    """What is to be said of a channel."""

    words: str
    fault: bool = False


def facts(pair: tuple[Tenant, Channel]) -> Told:
    """Return what the service of a channel takes."""
    service = service_of(pair[1].url)
    return Told(f"{service.name}: {service.format}, up to {service.body_limit:,} characters")


async def try_out(pairs: Iterable[tuple[Tenant, Channel]], lease_seconds: float) -> list[Told]:
    """Send a test message to each channel and return what became of it."""
    with contextlib.closing(Messenger()) as messenger:
        policy = Policy(lease_seconds=lease_seconds)
        jobs = (
            _try(messenger, *pair, policy.seconds_for(ChannelTarget(pair[1]))) for pair in pairs
        )
        return list(await asyncio.gather(*jobs))


async def _try(messenger: Messenger, tenant: Tenant, channel: Channel, seconds: float) -> Told:
    try:
        manner = await asyncio.to_thread(manner_of, channel)
    except ServiceError as error:
        return Told(str(error), fault=True)
    letter = note(f"{_TITLE} · {tenant.name}", _TEXT, manner)
    outcome = await messenger.send(
        channel,
        {"title": letter.title, "body": letter.body, "format": manner.format},
        timeout=seconds,
        max_wait=seconds,
        before_write=_go,
    )
    return _told(outcome)


def _told(outcome: Outcome) -> Told:
    match outcome:
        case Sent():
            return Told("took the test message")
        case Lost():
            return Told("was not tried", fault=True)
        case _:
            return Told(f"did not take the test message: {in_words(outcome)}", fault=True)


async def _go() -> bool:
    return True
