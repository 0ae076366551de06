"""What to do after ``init``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

VIEW_CHANNEL, SEND, EMBED, HISTORY = 1 << 10, 1 << 11, 1 << 14, 1 << 16
PERMISSIONS = VIEW_CHANNEL | SEND | EMBED | HISTORY


def invitation(application: str) -> str:
    """Return the address that invites an application's bot to a server."""
    query = {
        "client_id": application,
        "scope": "bot applications.commands",
        "permissions": PERMISSIONS,
    }
    return f"https://discord.com/oauth2/authorize?{urlencode(query)}"


def next_steps(
    entry: Mapping[str, object] | None,
    *,
    tenant_file: Path | None,
    alone: bool,
    has_token: bool,
    application: str,
    linked: bool,
) -> Iterator[str]:
    """Yield what to do next, one line each.

    Parameters
    ----------
    entry
        The squadron that was added; None if none was.
    tenant_file
        What the commands must be told; None where they find it by themselves.
    alone
        Whether it is the only squadron.
    has_token
        Whether the bot has a token.
    application
        Id of its application; empty if unknown.
    linked
        Whether the tenant file says which servers see the squadrons.
    """
    there = "" if tenant_file is None else f" --tenant-file {shlex.quote(str(tenant_file))}"
    only = "" if alone or entry is None else f" --tenant {entry['id']}"
    yield "Next:"
    yield from _listed(
        (f"bgs-bot check --webhooks{there}", "is everything right? Posts nothing"),
        (f"bgs-bot preview daily{only}{there}", "what tonight's post would say"),
        (f"bgs-bot run{there}", "nightly posts and commands, until stopped")
        if has_token
        else (f"bgs-bot schedule{there}", "nightly posts, until stopped"),
    )
    if not has_token:
        yield "For commands in Discord, get a bot token and run `bgs-bot init` again."
        return
    yield from _to_servers(application, linked=linked)


def _to_servers(application: str, *, linked: bool) -> Iterator[str]:
    if application:
        yield f"Invite the bot to your server: {invitation(application)}"
    if linked:
        yield "Your server is linked already: type /summary there."
    else:
        yield "Then type /tenant link in your server; the key is the squadron's link_key"
        yield "(or its api_key, where it has no link_key) in the tenant file."


def _listed(*steps: tuple[str, str]) -> Iterator[str]:
    wide = max(len(words) for words, _ in steps)
    for words, why in steps:
        yield f"  {words:<{wide}}    {why}"
