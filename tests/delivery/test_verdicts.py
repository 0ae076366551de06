"""What became of a letter, as servers on loopback that misbehave let one see it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING

import pytest

from bot.delivery.messenger import Messenger, deliver
from bot.delivery.outcomes import InDoubt, Lost, NotSent, Rejected, Sent
from bot.tenants import Channel
from tests.delivery.receivers import HANG, http_service, mail_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.delivery.outcomes import Outcome

LETTER = {"title": "Title", "body": "Body", "format": "text"}
SLACK = "slack://T0AB1CD2E/B0FG3HI4J/KLMNOPQRSTUVWXYZabcdefgh"
MAIL = "mailto://127.0.0.1:{port}?from=bot@wolves.example&to=ada@example.org"


@contextlib.asynccontextmanager
async def says(*lines: bytes, reads: bool = True) -> AsyncIterator[int]:
    """Serve on a port: read something before each line, say it, and hang up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            for number, line in enumerate(lines):
                if reads or number:
                    await _read(reader)
                writer.write(line + b"\r\n")
                await writer.drain()
            writer.write_eof()
            with contextlib.suppress(TimeoutError):  # closed with something unread, it resets
                await asyncio.wait_for(reader.read(), 0.5)
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _read(reader: asyncio.StreamReader) -> None:
    """Read something; of a request by HTTP all, since whoever hangs up before resets."""
    heard = await reader.read(9999)
    if not heard.startswith((b"POST ", b"PUT ")):
        return
    while b"\r\n\r\n" not in heard:
        heard += await reader.readexactly(1)
    head, _, body = heard.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    await reader.readexactly(max(0, int(length[1]) - len(body) if length else 0))


async def outcome_of(url: str, seconds: float = 5.0) -> Outcome:
    return await asyncio.to_thread(deliver, url, LETTER, seconds)


@pytest.mark.parametrize("url", ["json://127.0.0.1:9/x", "mailto://127.0.0.1:9?from=a@b.example"])
async def test_where_nobody_listens_nothing_was_sent(url: str) -> None:
    assert isinstance(await outcome_of(url), NotSent)


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ((), InDoubt),
        ((b"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:9/\r\n",), Rejected),
        ((b"HTTP/1.0 401 No\r\n",), Rejected),
        ((b"HTTP/1.0 429 Later\r\n",), NotSent),
        ((b"HTTP/1.0 502 Oh\r\n",), InDoubt),
        ((b"HTTP/1.0 200 OK\r\n",), Sent),
    ],
)
async def test_an_answer_by_http_is_understood(lines: tuple[bytes, ...], kind: type) -> None:
    async with says(*lines) as port:
        assert type(await outcome_of(f"json://127.0.0.1:{port}/x")) is kind


JSON_READERS = [
    "ntfy://127.0.0.1:{port}/topic",
    "matrix://syt_t0ken@127.0.0.1:{port}/!room:wolves.example?e2ee=no",
]
"""Services whose answers Apprise takes for JSON."""


@pytest.mark.parametrize("url", JSON_READERS)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (b"429 Later", NotSent("the service asks for a pause (status 429)")),
        (b"401 No", Rejected(401, None, "the service does not take it")),
        (b"404 Nothing", Rejected(404, None, "the service does not take it")),
        (b"502 Oh", InDoubt("the service failed", 502)),
    ],
)
async def test_a_status_counts_also_on_a_page_that_is_no_json(
    url: str, status: bytes, expected: Outcome
) -> None:
    page = b"HTTP/1.0 %b\r\nContent-Type: text/html\r\n\r\n<html>no</html>" % status
    async with says(page) as port:
        assert await outcome_of(url.format(port=port)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (42901, NotSent("the service asks for a pause (status 429)")),
        (40301, Rejected(403, None, "the service does not take it (forbidden)")),
        (50001, InDoubt("the service failed", 500)),
    ],
)
async def test_a_number_of_ntfys_own_is_understood(code: int, expected: Outcome) -> None:
    body = b'{"code":%d,"http":%d,"error":"forbidden"}' % (code, code // 100)
    page = b"HTTP/1.0 %d Oh\r\nContent-Type: application/json\r\n\r\n%b" % (code // 100, body)
    async with says(page) as port:
        assert await outcome_of(JSON_READERS[0].format(port=port)) == expected


@pytest.mark.parametrize("url", JSON_READERS)
async def test_without_any_answer_there_is_still_a_doubt(url: str) -> None:
    async with says() as port:
        outcome = await outcome_of(url.format(port=port))
    assert isinstance(outcome, InDoubt)
    assert outcome.status is None


@pytest.mark.parametrize("answer", [(), (b"HTTP/1.1 403 Forbidden\r\n",), (b"220 mail ESMTP",)])
async def test_what_a_proxy_does_not_take_to_its_host_was_not_sent(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[bytes, ...]
) -> None:
    async with says(*answer) as port:
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        assert isinstance(await outcome_of(SLACK), NotSent)
    assert isinstance(await outcome_of(SLACK), NotSent), "nobody is there any more"


async def test_a_proxy_that_hangs_up_on_a_message_leaves_a_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with says() as port:
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        assert isinstance(await outcome_of("json://service.example/x"), InDoubt)


async def test_a_failed_handshake_comes_before_the_message() -> None:
    async with says(b"HTTP/1.0 400 Speak plainly\r\n") as port:
        assert isinstance(await outcome_of(f"jsons://127.0.0.1:{port}/x"), NotSent)


@pytest.mark.parametrize(
    "lines",
    [(b"",), (b"554 go away",), (b"220 hello", b"421 busy", b"421 busy")],
)
async def test_a_mail_server_that_breaks_off_before_the_message_leaves_no_doubt(
    lines: tuple[bytes, ...],
) -> None:
    async with says(*lines, reads=False) as port:
        assert isinstance(await outcome_of(MAIL.format(port=port)), NotSent)


async def test_a_refused_sender_is_told_with_its_code() -> None:
    async with mail_server() as mail:
        mail.recipients["ada@example.org"] = "553 not from here"
        outcome = await outcome_of(mail.url("ada@example.org"))
    assert isinstance(outcome, Rejected)
    assert outcome.status == 553


async def test_an_address_that_went_bad_is_refused_and_not_told() -> None:
    outcome = await outcome_of("nonsense://t0ken-12345678")
    assert isinstance(outcome, Rejected)
    assert "t0ken" not in repr(outcome)


async def test_a_letter_to_nobody_is_refused() -> None:
    async with mail_server() as mail:
        outcome = await outcome_of(mail.url("nobody"))
    assert outcome == Rejected(0, None, "its address names nobody to send to")


async def test_a_channel_waits_for_its_earlier_letter_and_others_do_not() -> None:
    messenger = Messenger(gap=0)
    async with http_service() as service:
        slow, other = service.url(path="a"), service.url(path="b")
        service.answers.append(HANG)
        outcomes = [
            await messenger.send(
                Channel(url, "json"), LETTER, timeout=0.5, max_wait=0.0, before_write=_yes
            )
            for url in (slow, other)
        ]
        assert [type(each) for each in outcomes] == [InDoubt, Sent]
    messenger.close()


async def test_nothing_is_sent_by_who_has_lost_the_claim() -> None:
    messenger = Messenger(gap=0)
    async with http_service() as service:
        channel = Channel(service.url(), "json")
        outcome = await messenger.send(channel, LETTER, timeout=5, max_wait=5, before_write=_no)
        assert outcome == Lost()
        again = await messenger.send(channel, LETTER, timeout=5, max_wait=5, before_write=_yes)
        assert again == Sent(None)
        assert len(service.received) == 1
    messenger.close()


async def _yes() -> bool:
    return True


async def _no() -> bool:
    return False
