"""What an answer may be: each rule returns it tidied, or says what to give instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.text import clean
from bot.logs import mask, register_secret, register_uri_secrets

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.tenants import Tenant
    from bot.tenants.loading import LeftOut, TenantFile

LONGEST_NAME = 100
SHORTEST_KEY = 8
LONGEST_KEY = 4000

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
_DATABASE = (
    "write sqlite:///FILE, postgresql://USER:PASSWORD@HOST/NAME or mysql://USER:PASSWORD@HOST/NAME"
)
_WEBHOOK = (
    "that is no webhook's address. In Discord: the channel's settings, Integrations, Webhooks, "
    "Copy Webhook URL; it ends in /webhooks/NUMBER/TOKEN"
)
_GUILD = (
    "a server's id is a number such as 123456789012345678. In Discord: Settings, Advanced, "
    "switch Developer Mode on; then right-click the server, Copy Server ID"
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the tenant file, and of what it holds already.

    Every method takes what somebody typed and raises ``ValueError`` with a
    sentence that never shows a secret.

    Attributes
    ----------
    folder
        The tenant file's.
    hosts
        Hosts that webhooks may point to beside Discord's.
    file
        The tenant file, if there is one.
    """

    folder: Path
    hosts: Collection[str]
    file: TenantFile | None

    def name(self, text: str) -> str:
        """Return a squadron's name that no other has."""
        name = _one_line(text)
        if not name:
            raise ValueError("a squadron needs a name")
        if len(name) > LONGEST_NAME:
            raise ValueError(f"that is too long for a name; use at most {LONGEST_NAME} characters")
        if name.casefold() in self._names():
            raise ValueError(
                f"{name} is in the tenant file already; give another name, or change it there"
            )
        return name

    def db_uri(self, text: str) -> str:
        """Return a database's URI; the path of a file that is there will do."""
        from bot.backend.errors import BadDatabaseUri, DriverMissing
        from bot.backend.uris import parse_db_uri

        uri = _one_line(text)
        register_uri_secrets(uri)
        if not uri:
            raise ValueError(f"a squadron needs a database; {_DATABASE}")
        if "://" not in uri:
            uri = f"sqlite:///{self._file(uri)}"
        try:
            parse_db_uri(uri, base_dir=self.folder)
        except BadDatabaseUri as error:
            raise ValueError(mask(f"{error.fault}; {error.remedy}")) from None
        except DriverMissing:
            pass  # it is a good one, and trying it says what to install
        self._as_in_file("db_uri", uri)
        return uri

    def webhook(self, text: str) -> str:
        """Return a webhook's address; empty for none."""
        from bot.tenants import WebhookUrlError
        from bot.tenants.hosts import host_refusal
        from bot.tenants.webhooks import split_webhook_url

        url = _one_line(text)
        if not url:
            return ""
        try:
            parsed = split_webhook_url(url)
        except WebhookUrlError as error:
            raise ValueError(str(error)) from None
        if parsed is None:
            raise ValueError(_WEBHOOK)
        register_secret(parsed.webhook.token)
        refusal = host_refusal(parsed.scheme, parsed.webhook.host, self.hosts)
        if refusal:
            raise ValueError(refusal)
        self._as_in_file("discord_webhooks", {"shoutout": url})
        return url

    def faction(self, text: str) -> str:
        """Return a minor faction's name; empty for none."""
        name = _one_line(text)
        if len(name) > LONGEST_NAME:
            raise ValueError(f"that is too long for a faction; at most {LONGEST_NAME} characters")
        return name

    def guilds(self, text: str) -> str:
        """Return ids of servers with blanks between them; empty for none."""
        from bot.tenants.fields import id_digits

        found: dict[str, None] = {}
        for word in re.split(r"[\s,]+", text.strip()):
            digits = id_digits(word) if word else None
            if digits is not None:
                found[digits] = None
            elif word:
                raise ValueError(_GUILD)
        taken = {guild: each.name for each in self._entries() for guild in each.guild_ids}
        for digits in found:
            if int(digits) in taken:
                raise ValueError(
                    f"server {digits} belongs to {taken[int(digits)]} already; "
                    "a server sees one squadron only"
                )
        return " ".join(found)

    def link_key(self, text: str) -> str:
        """Return a key for ``/tenant link``; empty for one that is made."""
        from bot.guilds.keys import PLACEHOLDER

        key = text.strip()
        register_secret(key)
        if not key:
            return ""
        if clean(key) != key:
            raise ValueError("a key is one line of text; leave out control characters")
        if key.lower().startswith(PLACEHOLDER):
            raise ValueError("that is the example's key, which everybody knows; give another")
        if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
            raise ValueError(
                f"use at least {SHORTEST_KEY} characters: whoever has the key can see the reports"
                if len(key) < SHORTEST_KEY
                else f"use at most {LONGEST_KEY} characters"
            )
        if self.file and any(key == each.link_key for each in self.file.tenants):
            raise ValueError("another squadron has that key; give one of its own")
        return key

    def token(self, text: str) -> str:
        """Return a bot's token; empty for none."""
        from bot.settings import values

        register_secret(text.strip())
        token = values.token(text)
        if token and not _TOKEN.fullmatch(token):
            raise ValueError("that is no token; copy it whole from the developer portal")
        return token

    def taken_ids(self) -> set[str]:
        """Return the ids of all entries, good or not."""
        return {each.id for each in self._entries() if each.id}

    def _file(self, text: str) -> str:
        path = Path(text)
        try:
            if text.startswith("~"):
                path = path.expanduser()
            if (self.folder / path).is_file():
                return str(path)
        except (OSError, RuntimeError):  # a name too long, or no such home folder
            pass
        raise ValueError(f"that is no database's address, and no file; {_DATABASE}")

    def _names(self) -> set[str]:
        return {name.casefold() for each in self._entries() for name in (each.name, each.id)}

    def _entries(self) -> tuple[Tenant | LeftOut, ...]:
        return () if self.file is None else (*self.file.tenants, *self.file.left_out)

    def _as_in_file(self, field: str, value: object) -> None:
        """Raise what the tenant file would say to a value."""
        from bot.tenants.entry import parse_tenant

        entry = {"name": "x", "db_uri": "sqlite:///x", field: value}
        _, problems = parse_tenant(entry, "", base_dir=self.folder, webhook_hosts=self.hosts)
        for problem in problems:
            raise ValueError(f"{problem.value} {problem.fault}; {problem.remedy}".strip())


def _one_line(text: str) -> str:
    text = text.strip()
    if clean(text) != text:
        raise ValueError("that holds characters that cannot be seen; type it anew")
    return text
