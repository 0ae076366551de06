"""Hosts of the internet, answered on loopback: real requests, real TLS, real names.

Slack's and Telegram's addresses stand in Apprise and cannot be changed. Apprise
asks by the proxy that ``HTTPS_PROXY`` names, so a proxy of our own leads each
host that is known here to a receiver; every other host is refused. The
receiver shows certificates of an authority that the test makes, and Apprise
checks them as it does everywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from tests.delivery.receivers import HttpService

_DAY = timedelta(days=1)


@dataclass
class NamedHosts:
    """A proxy, and the receivers it leads to.

    Attributes
    ----------
    environment
        What brings a process here.
    asked
        The hosts that somebody wanted, in order, also those that are not here.
    """

    services: Mapping[str, HttpService]
    environment: dict[str, str]
    asked: list[str] = field(default_factory=list)
    receiver: int = 0

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one who comes to the proxy."""
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target = head.decode().split()[:2]
            host = target.rpartition(":")[0]
            self.asked.append(host)
            if method != "CONNECT" or host not in self.services:
                writer.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
                await writer.drain()
                return
            behind = await asyncio.open_connection("127.0.0.1", self.receiver)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with contextlib.closing(behind[1]):
                await asyncio.gather(_pass(reader, behind[1]), _pass(behind[0], writer))

    async def answer(self, request: web.Request) -> web.Response:
        """Let the host that is asked answer."""
        return await self.services[request.host].take(request)


@contextlib.asynccontextmanager
async def named_hosts(
    folder: Path, services: Mapping[str, HttpService]
) -> AsyncIterator[NamedHosts]:
    """Answer for hosts until the block ends.

    Parameters
    ----------
    folder
        Where the certificates are put.
    services
        Who answers, by the host's name.
    """
    authority, context = certificates(folder, [*services])
    application = web.Application()
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    hosts = NamedHosts(services, {})
    application.router.add_route("*", "/{path:.*}", hosts.answer)
    await runner.setup()
    proxy = await asyncio.start_server(hosts.lead, "127.0.0.1", 0)
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        hosts.receiver = runner.addresses[0][1]
        address = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        hosts.environment |= dict.fromkeys(("HTTPS_PROXY", "https_proxy"), address)
        hosts.environment |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1")
        hosts.environment["REQUESTS_CA_BUNDLE"] = str(authority)
        yield hosts
    finally:
        proxy.close()
        await runner.cleanup()
        await proxy.wait_closed()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes until it ends; then the other side ends, too."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def certificates(folder: Path, hosts: list[str]) -> tuple[Path, ssl.SSLContext]:
    """Return an authority's certificate, and what shows one that it made for some hosts."""
    folder.mkdir(exist_ok=True)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _named("An authority of the tests")
    authority = (
        _certificate(root, root, root_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    shown = (
        _certificate(root, _named(hosts[0]), key.public_key())
        .add_extension(names, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    own = folder / "host.pem"
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    own.write_bytes(private + shown.public_bytes(pem))
    (folder / "authority.pem").write_bytes(authority.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    return folder / "authority.pem", context


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer, subject, key, x509.random_serial_number(), now - _DAY, now + _DAY
    )
