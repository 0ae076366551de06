"""Real receivers on loopback for services other than Discord: HTTP and SMTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope, Session

HANG, RESET = "hang", "reset"


@dataclass
class HttpService:
    """Takes what is posted to it, and answers as it is told.

    Attributes
    ----------
    answers
        What to do with the next requests: a status, `HANG` or `RESET`; 200
        when there is nothing more.
    received
        What was taken, or may have been.
    paths
        Where all requests went, the refused ones included.
    """

    port: int = 0
    answers: deque[int | str] = field(default_factory=deque)
    received: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def url(self, schema: str = "json", path: str = "hooks/s3cr3t-t0ken") -> str:
        """Return an address of Apprise's that leads here."""
        return f"{schema}://127.0.0.1:{self.port}/{path}"

    @property
    def bodies(self) -> list[str]:
        """What was accepted, the texts only."""
        return [each.get("message") or each.get("text") or "" for each in self.received]

    async def take(self, request: web.Request) -> web.Response:
        """Answer one request."""
        answer = self.answers.popleft() if self.answers else 200
        self.paths.append(request.path)
        is_json = request.content_type == "application/json"
        content = await request.json() if is_json else dict(await request.post())
        fault = self.fault(content) if answer == 200 else None
        if fault is not None:
            return self.reply(400, fault)
        if answer in (HANG, 200, 500):
            self.received.append(content)
        if answer == RESET:
            assert request.transport is not None
            request.transport.abort()
        if answer == HANG:
            await asyncio.sleep(30)
        return self.reply(answer if isinstance(answer, int) else 200)

    def fault(self, content: dict[str, Any]) -> str | None:
        """Return why something is not taken; None where it is."""
        return None

    def reply(self, status: int, fault: str = "") -> web.Response:
        """Return an answer in the service's own words."""
        return web.Response(status=status, text="ok")


@contextlib.asynccontextmanager
async def http_service(port: int = 0) -> AsyncIterator[HttpService]:
    """Run a receiver for HTTP, on a port that was in use before or on a new one."""
    service = HttpService()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", service.take)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    service.port = runner.addresses[0][1]
    try:
        yield service
    finally:
        await runner.cleanup()


@dataclass
class MailServer:
    """Takes mail, and answers as it is told.

    Attributes
    ----------
    recipients
        What to answer to a recipient; by default yes.
    login
        User and password of who may log in; by default nobody.
    logins
        How often somebody has tried to.
    encrypted
        For each mail whether it came encrypted.
    data
        What to answer to the next messages; `RESET` takes one and hangs up.
    wait
        How many seconds it takes for an answer to a message that it has, or
        less if it is over.
    """

    port: int = 0
    recipients: dict[str, str] = field(default_factory=dict)
    data: deque[str] = field(default_factory=deque)
    mails: list[EmailMessage] = field(default_factory=list)
    login: tuple[str, str] | None = None
    logins: int = 0
    encrypted: list[bool] = field(default_factory=list)
    wait: float = 0.0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, *to: str) -> str:
        """Return an address of Apprise's that leads here."""
        return f"mailto://127.0.0.1:{self.port}?from=bot@wolves.example&to={','.join(to)}"

    def admit(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, who: Any
    ) -> AuthResult:
        """Let who may log in do so."""
        self.logins += 1
        given = (who.login.decode(), who.password.decode())
        return AuthResult(success=given == self.login, handled=False)

    def text(self, index: int = 0, kind: str = "html") -> str:
        """Return what a mail says."""
        part = self.mails[index].get_body((kind,))
        assert part is not None
        text: str = part.get_content()
        return text

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Answer to one recipient."""
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  # aiosmtpd calls it so
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Answer to one message."""
        answer = self.data.popleft() if self.data else "250 OK"
        if answer == RESET or answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            self.encrypted.append(session.ssl is not None)
        if answer == RESET:
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), self.wait)
        return answer


@contextlib.asynccontextmanager
async def mail_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[MailServer]:
    """Run a receiver for SMTP; with a context it takes nothing before STARTTLS."""
    server = MailServer()
    loop = asyncio.get_running_loop()
    running = await loop.create_server(
        lambda: SMTP(
            server,
            hostname="mail.example",
            loop=loop,
            authenticator=server.admit,
            auth_require_tls=tls is not None,
            tls_context=tls,
            require_starttls=tls is not None,
        ),
        "127.0.0.1",
        0,
    )
    server.port = running.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        server.over.set()
        running.close()
        await running.wait_closed()
