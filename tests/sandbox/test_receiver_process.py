"""The receiver as a process of its own, which counts whatever a sender says."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.delivery.outcomes import InDoubt, Rejected, Sent
from bot.delivery.webhook import WebhookClient
from bot.tenants import parse_webhook_url
from tests.sandbox.helping import send

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def address() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.sandbox.receiver",
        "--webhook",
        "42:token-of-42",
        "--no-limits",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    yield (await process.stdout.readline()).decode().strip()
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
    # Lets the pipe's end arrive, so that its transport is closed.
    assert await process.stdout.read() == b""


async def test_it_counts_faults_and_makes_webhooks_on_demand(address: str) -> None:
    webhook = parse_webhook_url(f"{address}/api/webhooks/42/token-of-42")
    async with WebhookClient() as client, aiohttp.ClientSession(address) as session:
        assert isinstance(await send(client, webhook, "one"), Sent)
        faults = {"script": [{"kind": "reset", "accepted": True}, {"kind": "reset"}]}
        async with session.post("/_/faults", json=faults) as answer:
            assert answer.status == 204
        assert isinstance(await send(client, webhook, "two"), InDoubt)
        assert isinstance(await send(client, webhook, "three"), InDoubt)
        async with session.post("/_/faults", json={"script": [{"kind": "flood"}]}) as answer:
            assert answer.status == 400
        async with session.get("/_/messages") as answer:
            messages = await answer.json()
        assert [entry["payload"]["content"] for entry in messages] == ["one", "two"]
        async with session.get("/_/arrivals") as answer:
            assert len(await answer.json()) == 3

        unknown = parse_webhook_url(f"{address}/api/webhooks/43/token")
        assert isinstance(await send(client, unknown), Rejected)
        async with session.post("/_/settings", json={"accept_any": True}) as answer:
            assert answer.status == 204
        assert isinstance(await send(client, unknown), Sent)
        async with session.post("/_/webhooks", json={"kind": "forum"}) as answer:
            made = await answer.json()
        assert isinstance(await send(client, parse_webhook_url(made["url"])), Rejected)
