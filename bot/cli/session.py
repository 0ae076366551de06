"""What the commands of one run share: settings, tenants, logging."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from bot.cli.console import log_to_console
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from bot.settings import Settings
    from bot.tenants import Tenant, TenantRegistry

log = logging.getLogger(__name__)


class NoTenantError(BotError):
    """The tenant file has no tenant that can be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"no tenant in {path} can be used; `bgs-bot check` tells why")


@dataclass
class Session:
    """One run of the command line.

    Attributes
    ----------
    tenant_file
        What ``--tenant-file`` says, in place of ``TENANT_FILE``.
    """

    tenant_file: Path | None = None
    _settings: Settings | None = field(default=None, repr=False)
    _registry: TenantRegistry | None = field(default=None, repr=False)

    def settings(self) -> Settings:
        """Return the settings, read once.

        Raises
        ------
        BotError
            If any is wrong; all faults at once.
        """
        if self._settings is None:
            from bot.settings import load_settings

            env = dict(os.environ)
            if self.tenant_file is not None:
                env["TENANT_FILE"] = str(self.tenant_file)
            self._settings = load_settings(env=env)
        return self._settings

    def adopt(self, settings: Settings) -> None:
        """Use these settings in place of the environment's."""
        self._settings = settings

    def registry(self) -> TenantRegistry:
        """Return the tenants, read once; faults in their file are logged.

        Raises
        ------
        BotError
            If the file as a whole cannot be used.
        """
        if self._registry is None:
            from bot.tenants import TenantRegistry

            settings = self.settings()
            self._registry = TenantRegistry.load(
                settings.tenant_file, webhook_hosts=settings.webhook_hosts
            )
        return self._registry

    def tenants(self, wanted: str | None) -> list[Tenant]:
        """Return the tenant that is wanted, or all that can be used."""
        if wanted is None:
            return list(self.registry().tenants)
        return [self.tenant(wanted)]

    def tenant(self, wanted: str) -> Tenant:
        """Return one tenant by its id or name.

        Raises
        ------
        click.BadParameter
            If the file has no such tenant, or it is left out for its faults.
        """
        from bot.tenants import UnknownTenantError

        registry = self.registry()
        try:
            return registry.get(wanted)
        except UnknownTenantError as error:
            raise click.BadParameter(str(error), param_hint="--tenant") from None

    def log_on_console(self, *, without: Collection[str] = ()) -> None:
        """Show warnings on stderr; nothing is written to the log folder."""
        log_to_console(without)

    def log_to_file(self, *, without: Collection[str] = ()) -> None:
        """Write everything to ``tick_scheduler.log``, and warnings to stderr.

        Parameters
        ----------
        without
            Loggers whose words the command shows in its own way.

        Raises
        ------
        BotError
            If the log file cannot be written.
        """
        from bot.logs import setup_logging

        log_to_console(without)
        setup_logging(self.settings(), console=False)

    def unexpected(self, error: Exception) -> str:
        """Log an error that nothing expected and return a sentence about it."""
        what = f"something unexpected went wrong ({type(error).__name__})"
        try:
            from bot.logs import LOG_FILE_NAME, setup_logging

            settings = self.settings()
            setup_logging(settings, console=False)
        except Exception:  # noqa: BLE001  # the first error is the one to tell
            return f"{what}, and no log can be written"
        log.error("something unexpected went wrong", exc_info=error)
        return f"{what}; the details are in {settings.log_dir / LOG_FILE_NAME}"

    def reason(self, error: Exception) -> str:
        """Return why something failed for one squadron; what nothing expected is logged."""
        return str(error) if isinstance(error, BotError) else self.unexpected(error)
