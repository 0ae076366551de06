"""Sockets for the delivery: sessions, proxies and what went wrong in words.

aiohttp puts addresses into the texts of its errors, and a webhook's address
holds its token; so nothing here passes such a text on.
"""

from __future__ import annotations

import asyncio
import contextvars
import ipaddress
import json
import os
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp

from bot.version import version

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from aiohttp.client_reqrep import ClientRequest
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace
    from yarl import URL

_HOME = "https://github.com/JanJonTheo/bgs-bot"
_CHUNK = 65_536


def user_agent() -> str:
    """Return the User-Agent in the form that Discord asks for."""
    return f"DiscordBot ({_HOME}, {version()})"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered.

    Attributes
    ----------
    headers
        Looked up without regard to case.
    body
        At most as much as was asked for; None if it broke off or took too
        long.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class RequestError(Exception):
    """A request got no answer.

    Parameters
    ----------
    reason
        Why, without addresses.
    written
        Whether the server may have read the request.
    lost
        Whether `Attempt` was told not to write it.
    """

    def __init__(self, reason: str, *, written: bool, lost: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.written = written
        self.lost = lost


class Attempt:
    """One request: how far it got, and the last question before it is written.

    Parameters
    ----------
    timeout
        Seconds for connecting, and again for writing the request and reading
        the answer.
    before_write
        Asked once the connection stands; its own time counts for neither.
        Nothing is written unless it says True.
    """

    def __init__(
        self, timeout: float, before_write: Callable[[], Awaitable[bool]] | None = None
    ) -> None:
        self.timer = asyncio.timeout(timeout)
        self.written = False
        self.failure: Exception | None = None
        self._seconds = timeout
        self._before_write = before_write

    async def pass_gate(self, connection: Connection) -> None:
        """Ask the last question and start the clock of the request itself.

        Raises
        ------
        RequestError
            If the request may not, or can no longer, be written.
        """
        self.timer.reschedule(None)
        if self._before_write is not None:
            try:
                allowed = await self._before_write()
            except Exception as error:
                self.failure = error
                raise
            if not allowed:
                raise RequestError("the claim was lost", written=False, lost=True)
        transport = connection.transport
        if transport is None or transport.is_closing():
            raise RequestError("the server closed the connection at once", written=False)
        self.written = True
        self.timer.reschedule(asyncio.get_running_loop().time() + self._seconds)


_current: contextvars.ContextVar[Attempt | None] = contextvars.ContextVar("attempt", default=None)


class _Connector(aiohttp.TCPConnector):
    """Asks the attempt under way as soon as its connection stands."""

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109  # aiohttp's own signature
    ) -> Connection:
        attempt = _current.get()
        if attempt is not None and attempt.written:
            # aiohttp would repeat a GET by itself.
            raise RequestError("the connection was closed without an answer", written=True)
        connection = await super().connect(req, traces, timeout)
        if attempt is not None:
            try:
                await attempt.pass_gate(connection)
            except BaseException:
                connection.close()
                raise
        return connection


class Transport:
    """Makes single requests; each has a connection of its own.

    A kept-alive connection that the server has just closed would leave a
    request in doubt for nothing. Redirects are not followed and nothing is
    repeated. Proxies are taken from the environment, except on the way to
    this machine itself.
    """

    def __init__(self) -> None:
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def close(self) -> None:
        """Close what is open; the next request would open it again."""
        sessions, self._sessions = self._sessions, {}
        for session in sessions.values():
            await session.close()

    def _session(self, url: URL) -> aiohttp.ClientSession:
        proxied = not _is_loopback(url.host or "")
        session = self._sessions.get(proxied)
        if session is None:
            session = self._sessions[proxied] = aiohttp.ClientSession(
                connector=_Connector(force_close=True, limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                trust_env=proxied,
                headers={"User-Agent": user_agent(), "Accept-Encoding": "identity"},
            )
        return session

    async def request(
        self,
        method: str,
        url: URL,
        attempt: Attempt,
        *,
        payload: Mapping[str, Any] | None = None,
        authorization: str | None = None,
        max_body: int,
    ) -> Answer:
        """Make one request.

        Parameters
        ----------
        payload
            Sent as JSON.
        authorization
            Value of that header.
        max_body
            How many bytes of the answer are read.

        Raises
        ------
        RequestError
            If there was no answer.
        """
        headers = {"Authorization": authorization} if authorization else {}
        body = None
        if payload is not None:
            headers["Content-Type"] = "application/json"
            text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
            body = text.encode("utf-8", "replace")
        answer: Answer | None = None
        marker = _current.set(attempt)
        try:
            async with attempt.timer:
                response = await self._session(url).request(
                    method, url, data=body, headers=headers, allow_redirects=False
                )
                answer = Answer(response.status, response.headers, None)
                try:
                    raw = await _read(response.content, max_body)
                finally:
                    response.close()
                return Answer(answer.status, answer.headers, raw)
        except RequestError:
            raise
        except Exception as error:  # noqa: BLE001  # unforeseen after writing is a doubt
            if attempt.failure is not None:
                raise attempt.failure from None
            if answer is not None:
                return answer
            raise RequestError(explain(error), written=attempt.written) from None
        finally:
            _current.reset(marker)


async def _read(content: aiohttp.StreamReader, max_body: int) -> bytes:
    raw = bytearray()
    while len(raw) < max_body and (chunk := await content.read(min(_CHUNK, max_body - len(raw)))):
        raw += chunk
    return bytes(raw)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def explain(error: BaseException) -> str:
    """Return in words why a request got no answer, without any address."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLCertVerificationError():
            return "the server's certificate is not trusted"
        case aiohttp.ClientConnectorSSLError() | ssl.SSLError():
            return "no TLS connection"
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return "the host name is not known"
        case aiohttp.ClientProxyConnectionError():
            return "the proxy cannot be reached"
        case aiohttp.ClientHttpProxyError():
            return f"the proxy refused with HTTP {error.status}"
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return "the address is not a web address"
        case aiohttp.ServerDisconnectedError():
            return "the connection was closed without an answer"
        case aiohttp.ClientResponseError() | aiohttp.ClientPayloadError():
            return "the answer is not HTTP"
        case OSError(errno=int(number)):
            return os.strerror(number).lower()
        case OSError():
            return "no connection"
        case _:
            return type(error).__name__
