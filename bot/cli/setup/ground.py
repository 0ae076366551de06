"""What is there before ``init`` begins: the tenant file, ``.env``, a token."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.cli.setup.files import content
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.settings import Settings
    from bot.tenants.loading import TenantFile

TOKEN = "DISCORD_TOKEN"  # noqa: S105  # the setting's name
TOKEN_FILE = f"{TOKEN}_FILE"
DOTENV = ".env"

_PLAIN_PATH = re.compile(r"[\w./ -]+")


class NoFolderError(BotError):
    """There is no folder to write to, or none that may be written."""

    def __init__(self, path: Path, fault: str) -> None:
        self.path = path
        super().__init__(f"cannot write {path}: {fault}")


@dataclass(frozen=True, slots=True)
class Ground:
    """What is there already.

    Attributes
    ----------
    tenants_before, dotenv_before
        What the files hold; None where there is none.
    file
        The tenant file, read; None where there is none.
    token
        The bot's token, from wherever it is set; empty for none.
    token_place
        Where it is set: ``the environment``, ``.env`` or ``DISCORD_TOKEN_FILE``.
    """

    settings: Settings
    dotenv: Path
    tenants_before: bytes | None = field(repr=False)
    dotenv_before: bytes | None = field(repr=False)
    file: TenantFile | None = field(repr=False)
    token: str = field(repr=False)
    token_place: str

    @property
    def tenants(self) -> Path:
        """The tenant file."""
        return self.settings.tenant_file

    @property
    def has_tenants(self) -> bool:
        """Whether the tenant file has any entry."""
        return self.file is not None and bool(self.file.entries)

    def database(self) -> str:
        """Return the one SQLite file beside the tenant file that no entry names; else ''."""
        folder = self.tenants.parent
        used = " ".join(str(entry.get("db_uri")) for entry in self._objects())
        found = [
            name
            for pattern in ("*.db", "db/*.db")
            for path in folder.glob(pattern)
            if (name := path.relative_to(folder).as_posix()) not in used
            and _PLAIN_PATH.fullmatch(name)
        ]
        return f"sqlite:///{found[0]}" if len(found) == 1 else ""

    def shares_backend_file(self) -> bool:
        """Whether the entries hold what only the backend needs."""
        return any("api_key" in entry for entry in self._objects())

    def _objects(self) -> Iterator[dict[str, object]]:
        for entry in self.file.entries if self.file is not None else ():
            if isinstance(entry, dict):
                yield entry


def survey(settings: Settings) -> Ground:
    """Return what is there already.

    Raises
    ------
    BotError
        If the tenant file is no array or cannot be read, or there is no
        folder to write to.
    """
    from bot.tenants.loading import load_tenant_file

    dotenv = settings.base_dir / DOTENV
    for path in (settings.tenant_file, dotenv):
        _may_write(path)
    before = content(settings.tenant_file)
    file = None
    if before is not None:
        file = load_tenant_file(settings.tenant_file, webhook_hosts=settings.webhook_hosts)
    token = settings.discord_token.get_secret_value() if settings.discord_token else ""
    return Ground(
        settings, dotenv, before, content(dotenv), file, token, _place(dotenv) if token else ""
    )


def _may_write(path: Path) -> None:
    folder = path.resolve().parent
    if not folder.is_dir():
        raise NoFolderError(path, f"there is no folder {folder}; make it first")
    if not os.access(folder, os.W_OK):
        raise NoFolderError(path, f"the folder {folder} may not be written by this user")


def _place(dotenv: Path) -> str:
    from dotenv import dotenv_values

    given = {name.upper() for name, value in os.environ.items() if value.strip()}
    if {TOKEN, TOKEN_FILE} & given:
        return "the environment"
    values = dotenv_values(dotenv, encoding="utf-8-sig")
    names = {name.upper() for name, value in values.items() if value}
    return TOKEN_FILE if TOKEN_FILE in names else DOTENV
