"""Which webhooks live in a guild, asked of a receiver that answers as Discord does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.delivery.webhook import WebhookClient
from bot.delivery.whereabouts import Nearby, Spot, Whereabouts
from bot.sandbox.receiver import Receiver
from bot.tenants import Route, parse_webhook_url
from tests.sandbox.helping import TOKEN, Clock, webhook_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.world import Channel
    from bot.tenants import WebhookUrl

HERE = 100_000_000_000_000_001
ELSEWHERE = 100_000_000_000_000_002
MINUTES = 60.0


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
def clock() -> Clock:
    return Clock()


class CountingClient(WebhookClient):
    """Counts what it is asked for."""

    questions = 0

    async def info(self, webhook: WebhookUrl, *, max_wait: float = 60.0) -> dict[str, Any]:
        self.questions += 1
        return await super().info(webhook, max_wait=max_wait)


@pytest.fixture
async def client() -> AsyncIterator[CountingClient]:
    client = CountingClient()
    async with client:
        yield client


@pytest.fixture
def whereabouts(client: CountingClient, clock: Clock) -> Whereabouts:
    return Whereabouts(client, clock=clock)


def route_to(receiver: Receiver, channel: Channel) -> Route:
    """Return a route to a new webhook of a channel."""
    _, webhook = webhook_of(receiver, channel)
    return Route("shoutout", webhook)


def channel_of(receiver: Receiver, guild: int) -> Channel:
    return receiver.world.add_channel(guild_id=str(guild))


async def test_only_webhooks_of_the_guild_are_here(
    receiver: Receiver, whereabouts: Whereabouts
) -> None:
    ours, theirs = channel_of(receiver, HERE), channel_of(receiver, ELSEWHERE)
    routes = [route_to(receiver, channel) for channel in (ours, theirs)]

    assert await whereabouts.near(HERE, routes) == Nearby(
        (Spot(routes[0], int(ours.id)),), elsewhere=1
    )
    assert await whereabouts.near(ELSEWHERE, routes) == Nearby(
        (Spot(routes[1], int(theirs.id)),), elsewhere=1
    )


async def test_routes_of_one_webhook_are_one_question(
    receiver: Receiver, client: CountingClient, whereabouts: Whereabouts
) -> None:
    channel = channel_of(receiver, HERE)
    route = route_to(receiver, channel)
    threads = [Route("bgs", route.webhook, thread_id=thread) for thread in ("77", "78")]

    found = await whereabouts.near(HERE, [route, *threads])

    assert [spot.shown_id for spot in found.here] == [int(channel.id), 77, 78]
    assert client.questions == 1


async def test_an_answer_is_kept_for_some_minutes_and_asked_anew_on_demand(
    receiver: Receiver, whereabouts: Whereabouts, clock: Clock
) -> None:
    channel = channel_of(receiver, HERE)
    routes = [route_to(receiver, channel)]
    await whereabouts.near(HERE, routes)
    channel.guild_id = str(ELSEWHERE)

    clock.now += MINUTES
    assert len((await whereabouts.near(HERE, routes)).here) == 1
    assert (await whereabouts.near(HERE, routes, fresh=True)).elsewhere == 1
    channel.guild_id = str(HERE)
    assert (await whereabouts.near(HERE, routes)).elsewhere == 1
    clock.now += 5 * MINUTES
    assert len((await whereabouts.near(HERE, routes)).here) == 1


async def test_a_webhook_that_is_gone_is_not_asked_again_and_again(
    receiver: Receiver, client: CountingClient, whereabouts: Whereabouts
) -> None:
    url = f"{receiver.address}/api/webhooks/123456789012345678/{TOKEN}"
    routes = [Route("shoutout", parse_webhook_url(url))]

    for _ in range(3):
        assert await whereabouts.near(HERE, routes, fresh=True) == Nearby(gone=1)
    assert client.questions == 1


async def test_a_server_that_does_not_answer_is_asked_again(
    client: CountingClient, whereabouts: Whereabouts
) -> None:
    async with Receiver() as receiver:
        routes = [route_to(receiver, channel_of(receiver, HERE))]

    for _ in range(2):
        assert await whereabouts.near(HERE, routes) == Nearby(unknown=1)
    assert client.questions == 2
