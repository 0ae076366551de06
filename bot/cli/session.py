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
    from bot.tenants import Problem, Tenant, TenantRegistry

log = logging.getLogger(__name__)


class LeftOutError(BotError):
    """The tenant that was asked for has faults in the tenant file."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"this tenant is left out: {problem}")


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
                env.pop("TENANT_FILE_FILE", None)
            self._settings = load_settings(env=env)
        return self._settings

    def registry(self) -> TenantRegistry:
        """Return the tenants; faults in their file are told on stderr, once.

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
            for problem in self._registry.problems:
                level = logging.ERROR if problem.level == "error" else logging.WARNING
                log.log(level, "%s", problem)
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
        LeftOutError
            If it stands in the file with faults.
        click.BadParameter
            If the file has no such tenant.
        """
        from bot.tenants import UnknownTenantError

        registry = self.registry()
        try:
            return registry.get(wanted)
        except UnknownTenantError as error:
            for problem in registry.problems:
                if problem.level == "error" and problem.tenant == wanted:
                    raise LeftOutError(problem) from None
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

        setup_logging(self.settings(), console=False)
        log_to_console(without)

    def unexpected(self, error: Exception) -> str:
        """Log an error that nothing expected and return a sentence about it."""
        kind = type(error).__name__
        try:
            from bot.logs import LOG_FILE_NAME, setup_logging

            settings = self.settings()
            setup_logging(settings, console=False)
        except Exception:  # noqa: BLE001  # the first error is the one to tell
            return f"Error: something unexpected went wrong ({kind}), and no log can be written."
        log.error("something unexpected went wrong", exc_info=error)
        return (
            f"Error: something unexpected went wrong ({kind});"
            f" the details are in {settings.log_dir / LOG_FILE_NAME}."
        )
