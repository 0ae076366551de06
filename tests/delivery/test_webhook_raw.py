"""Sending to servers that break the connection, or the rules."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from typing import TYPE_CHECKING

import pytest

from bot.delivery.outcomes import InDoubt, NotSent, RateLimited, Rejected, Scope, Sent
from bot.delivery.transport import user_agent
from bot.delivery.webhook import WebhookClient
from bot.tenants import parse_webhook_url
from tests.sandbox.helping import (
    TOKEN,
    allow,
    answering,
    hang,
    message,
    raw_server,
    read_request,
    reset,
    send,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.tenants import WebhookUrl


@pytest.fixture
async def client() -> AsyncIterator[WebhookClient]:
    async with WebhookClient() as client:
        yield client


def nobody() -> WebhookUrl:
    """Return a webhook at a port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return parse_webhook_url(f"http://127.0.0.1:{port}/api/webhooks/42/{TOKEN}")


async def test_a_refused_connection_is_not_sent_and_asks_no_last_question(
    client: WebhookClient,
) -> None:
    asked = []

    async def ask() -> bool:
        asked.append(True)
        return True

    webhook = nobody()
    outcome = await client.send(webhook, message(), timeout=5.0, before_write=ask)
    assert outcome == NotSent(f"{webhook.host}: connection refused")
    assert asked == []


async def test_an_unknown_host_is_not_sent(client: WebhookClient) -> None:
    webhook = parse_webhook_url(f"http://no-such-host.invalid/api/webhooks/42/{TOKEN}")
    outcome = await send(client, webhook)
    assert isinstance(outcome, NotSent)
    assert TOKEN not in outcome.reason


async def test_a_server_without_tls_is_not_sent(client: WebhookClient) -> None:
    async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    outcome = await send(
        client, parse_webhook_url(f"https://127.0.0.1:{port}/api/webhooks/42/{TOKEN}")
    )
    server.close()
    await server.wait_closed()
    assert outcome == NotSent(f"127.0.0.1:{port}: no TLS connection")


async def test_a_connection_that_never_stands_is_not_sent(client: WebhookClient) -> None:
    # A listener whose queue is full accepts no more connections.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = []
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        webhook = parse_webhook_url(f"http://127.0.0.1:{port}/api/webhooks/42/{TOKEN}")
        outcome = await client.send(webhook, message(), timeout=0.3, before_write=allow)
        for filler in fillers:
            filler.close()
    assert isinstance(outcome, NotSent)


async def test_a_connection_closed_before_writing_is_not_sent(client: WebhookClient) -> None:
    closed = asyncio.Event()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        closed.set()

    async def wait_until_closed() -> bool:
        await closed.wait()
        await asyncio.sleep(0.05)
        return True

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    webhook = parse_webhook_url(f"http://127.0.0.1:{port}/api/webhooks/42/{TOKEN}")
    outcome = await client.send(webhook, message(), timeout=5.0, before_write=wait_until_closed)
    server.close()
    await server.wait_closed()
    assert isinstance(outcome, NotSent)


@pytest.mark.parametrize("converse", [reset, answering("")], ids=["reset", "no HTTP"])
async def test_no_clear_answer_after_one_request_is_in_doubt(
    client: WebhookClient, converse: object
) -> None:
    async with raw_server(converse) as (server, webhook):  # type: ignore[arg-type]
        outcome = await send(client, webhook)
    assert isinstance(outcome, InDoubt)
    assert outcome.status is None
    assert len(server.requests) == server.connections == 1


async def test_a_server_that_hangs_up_without_a_word_leaves_doubt(client: WebhookClient) -> None:
    async def nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with raw_server(nothing) as (server, webhook):
        outcome = await send(client, webhook)
    assert isinstance(outcome, InDoubt)
    assert server.connections == 1


async def test_a_server_that_says_nothing_is_left_in_doubt_after_the_time_given(
    client: WebhookClient,
) -> None:
    async with raw_server(hang) as (server, webhook):
        outcome = await client.send(webhook, message(), timeout=0.2, before_write=allow)
    assert isinstance(outcome, InDoubt)
    assert server.connections == 1


async def test_a_success_whose_body_never_comes_is_sent(client: WebhookClient) -> None:
    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"id": "1"')
        await hang(reader, writer)

    async with raw_server(stall) as (_, webhook):
        outcome = await client.send(webhook, message(), timeout=0.3, before_write=allow)
    assert outcome == Sent(None)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        ("204 No Content", b"", Sent(None)),
        ("200 OK", b"<html>", Sent(None)),
        ("200 OK", b'{"id": 12, "channel_id": "7"}', Sent("12", "7")),
        ("200 OK", b"[]", Sent(None)),
        ("200 OK", b"[" * 100_000, Sent(None)),
    ],
    ids=["204", "html", "number", "list", "deep"],
)
async def test_any_2xx_is_sent(
    client: WebhookClient, status: str, body: bytes, expected: Sent
) -> None:
    async with raw_server(answering(status, body)) as (_, webhook):
        assert await send(client, webhook) == expected


async def test_a_redirect_is_not_followed(client: WebhookClient) -> None:
    async with raw_server(answering("200 OK", b"{}")) as (elsewhere, other):
        redirect = answering("307 Temporary Redirect", b"", {"Location": other.url})
        async with raw_server(redirect) as (_, webhook):
            outcome = await send(client, webhook)
    assert isinstance(outcome, Rejected)
    assert TOKEN not in outcome.detail
    assert elsewhere.connections == 0


async def test_a_huge_error_is_read_in_part_only(client: WebhookClient) -> None:
    body = b'{"message": "' + b"x" * 30_000_000
    async with raw_server(answering("400 Bad Request", body)) as (_, webhook):
        outcome = await send(client, webhook)
    assert outcome == Rejected(400, None, "no reason given")


async def test_an_error_that_repeats_the_address_is_told_without_it(client: WebhookClient) -> None:
    text = f"no way: http://127.0.0.1/api/webhooks/42/{TOKEN}?wait=true\x1b[31m\n{TOKEN}"
    body = json.dumps({"code": 10015, "message": text}).encode()
    async with raw_server(answering("404 Not Found", body)) as (_, webhook):
        outcome = await send(client, webhook)
    assert isinstance(outcome, Rejected)
    assert outcome.detail.startswith("no way: ")
    assert TOKEN not in outcome.detail
    assert outcome.detail.isprintable()


async def test_a_429_without_words_is_a_ban_of_ten_minutes(client: WebhookClient) -> None:
    async with raw_server(answering("429 Too Many Requests", b"<html>")) as (_, webhook):
        assert await send(client, webhook) == RateLimited(600.0, Scope.ADDRESS)


async def test_a_429_is_waited_out_as_its_header_says(client: WebhookClient) -> None:
    headers = {"Retry-After": "3", "Via": "1.1 google"}
    async with raw_server(answering("429 Too Many Requests", b"", headers)) as (_, webhook):
        assert await send(client, webhook) == RateLimited(3.0, Scope.WEBHOOK)


async def test_the_body_is_json_in_utf_8_whatever_the_names(client: WebhookClient) -> None:
    async with raw_server(answering("204 No Content")) as (server, webhook):
        await send(client, webhook, "Ünï 🐺 \ud800")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"\r\nContent-Type: application/json\r\n" in head
    assert f"\r\nUser-Agent: {user_agent()}\r\n".encode() in head
    assert json.loads(body.decode("utf-8"))["content"] == "Ünï 🐺 ?"


async def test_each_message_has_a_connection_of_its_own(client: WebhookClient) -> None:
    async def twice(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n")
        with pytest.raises(asyncio.IncompleteReadError):
            await read_request(reader)

    async with raw_server(twice) as (server, webhook):
        assert await send(client, webhook) == Sent(None)
        assert await send(client, webhook) == Sent(None)
    assert server.connections == 2


async def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", nobody().url)
    monkeypatch.setenv("http_proxy", nobody().url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with raw_server(answering("204 No Content")) as (_, webhook):
        assert await send(client, webhook) == Sent(None)


async def test_a_proxy_of_the_environment_is_asked_for_others(
    client: WebhookClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with raw_server(answering("204 No Content")) as (proxy, address):
        monkeypatch.setenv("http_proxy", f"http://{address.host}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        webhook = parse_webhook_url(f"http://hooks.example/api/webhooks/42/{TOKEN}")
        assert await send(client, webhook) == Sent(None)
    assert proxy.requests[0].startswith(b"POST http://hooks.example/api/webhooks/42/")


async def test_no_trouble_of_any_kind_shows_the_token(
    client: WebhookClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outcomes = [await send(client, nobody())]
    for converse in (reset, answering("500 Oops"), answering("302 Found"), answering("x")):
        async with raw_server(converse) as (_, webhook):
            outcomes.append(await send(client, webhook))
    assert TOKEN not in f"{outcomes!r}{caplog.text}"
