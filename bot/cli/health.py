"""``bgs-bot health``: asks a running bot how it is, for containers and monitors."""

from __future__ import annotations

import http.client
import json
import socket
from typing import TYPE_CHECKING

import click

from bot.cli import options
from bot.cli.text import note, say
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.cli.session import Session

_SECONDS = 8.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where to ask, not to listen


class NoHealthAddressError(BotError):
    """There is nowhere to ask."""

    def __init__(self) -> None:
        super().__init__(
            "HEALTH_ADDR is not set, so there is nowhere to ask: set it to the same address"
            " for the running bot and for this command"
        )


class NoAnswerError(BotError):
    """Nothing that tells its health answers at the address."""

    def __init__(self, address: str, reason: str, question: str) -> None:
        self.address = address
        super().__init__(f"nothing answers at HEALTH_ADDR={address} ({reason}): {question}")


@click.command(
    "health",
    epilog=options.examples(
        "bgs-bot health                    may people count on it?",
        "bgs-bot health --live             does it run at all?",
    ),
)
@click.option("--live", is_flag=True, help="Only whether it runs, whatever it waits for.")
@click.pass_obj
def command(session: Session, live: bool) -> None:
    """Ask the bot that runs here whether it is well.

    Asks at `HEALTH_ADDR`, which must be set for the running bot as well. The
    exit status is 0 if all is well, 1 if not.
    """
    address = session.settings().health_addr
    if address is None:
        raise NoHealthAddressError
    status, body = _ask(address, "/livez" if live else "/readyz")
    if status == http.HTTPStatus.OK:
        say("The bot runs." if live else "The bot is well.")
        return
    note("The bot is not well.")
    for line in _failed_checks(body):
        note(f"  {line}")
    raise click.exceptions.Exit(1)


def _ask(address: str, path: str) -> tuple[int, bytes]:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    connection = http.client.HTTPConnection(
        _EVERYWHERE.get(host, host), int(port), timeout=_SECONDS
    )
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read(65_536)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        is_unknown = isinstance(error, socket.gaierror)
        question = "is the host right?" if is_unknown else "is the bot running?"
        raise NoAnswerError(address, reason, question) from error
    finally:
        connection.close()


def _failed_checks(body: bytes) -> Iterator[str]:
    """Yield a line for each check that is not passed, if the answer tells them."""
    try:
        checks = json.loads(body)["checks"].items()
        for name, finding in checks:
            if not finding["ok"]:
                yield f"{name}: {finding['detail']}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return
