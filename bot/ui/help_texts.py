"""What /help says: made from the commands that there are and what the guild sees."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands

from bot.rendering import limits
from bot.rendering.phrases import report_title
from bot.rendering.text import escape
from bot.scheduling.nights import NIGHTLIES, nightlies_of
from bot.ui.reply import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from bot.guilds.directory import Standing
    from bot.tenants import Tenant

    AnyCommand = app_commands.Command[Any, ..., Any]

_COLOUR = 0xF07B05
_LINKED = "I turn your client's events into reports for {squadron}."
_NOT_LINKED = (
    "I show a squadron's reports, but this server is not linked to a squadron yet. "
    "Somebody with the permission Manage Server can do it: use `/tenant link` and type your "
    "squadron's link key into the form."
)
_OFF = "This server's squadron is switched off at the moment. The bot's admin can switch it on."
_FAULTY = "This server's squadron is not set up right. The bot's admin finds the reason in the log."
_UNDER_A_REPORT = (
    "The menu under a report changes its period, the arrows turn pages, and a private report "
    "can be posted for all with its button. Only whoever asked can use them."
)
_AFTER_LINKING = "Once this server is linked"


def help_screen(standing: Standing, commands: Iterable[AnyCommand], now: datetime) -> Screen:
    """Return what a guild can do.

    Parameters
    ----------
    standing
        What the guild sees.
    commands
        All commands of the bot; ``extras`` may hold an ``example``, the
        ``report`` without which a command is of no use, and as ``sources``
        the values of `Standing.source` with which it is not refused.
    now
        The report's clock, to tell the next posts.
    """
    tenant = standing.tenant
    shown = sorted(
        (command for command in commands if _is_of_use(command, standing)),
        key=_place,
    )
    everyone = [command for command in shown if not _is_managers(command)]
    managers = [command for command in shown if _is_managers(command)]
    embed = discord.Embed(title="What I can do here", colour=_COLOUR, description=_about(standing))
    _add(embed, "Commands" if tenant else _AFTER_LINKING, map(_command_line, everyone))
    if tenant is not None:
        _add(embed, "Under a report", [_UNDER_A_REPORT])
        _add(embed, "Every night", _night_lines(tenant, now))
    _add(embed, "With the permission Manage Server", map(_command_line, managers))
    return Screen(embeds=(embed,))


def _about(standing: Standing) -> str:
    if standing.tenant is not None:
        return _LINKED.format(squadron=escape(standing.tenant.name))
    if standing.off:
        return _OFF
    return _FAULTY if standing.source == "file" else _NOT_LINKED


def _is_of_use(command: AnyCommand, standing: Standing) -> bool:
    report, tenant = command.extras.get("report"), standing.tenant
    if standing.source not in command.extras.get("sources", (standing.source,)):
        return False
    return tenant is None or report is None or tenant.report_config(report).enabled


def _place(command: AnyCommand) -> tuple[int, str]:
    """Reports come first, in the order of the night."""
    reports = [nightly.report for nightly in NIGHTLIES]
    report = command.extras.get("report")
    return reports.index(report) if report in reports else len(reports), command.qualified_name


def _is_managers(command: AnyCommand) -> bool:
    """Whether Discord offers a command to those with Manage Server only."""
    top: app_commands.Group | AnyCommand = command.root_parent or command
    permissions = top.default_permissions
    return permissions is not None and permissions.manage_guild


def _command_line(command: AnyCommand) -> str:
    line = f"`/{command.qualified_name}` {command.description}"
    example = command.extras.get("example")
    return f"{line}\n-# such as `{example}`" if example else line


def _night_lines(tenant: Tenant, now: datetime) -> Iterator[str]:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for nightly in nightlies_of(tenant):
        title = report_title(nightly.report)
        if not tenant.report_config(nightly.report).enabled:
            yield f"{title}: switched off"
        elif not tenant.outlets_for(nightly.report):
            yield f"{title}: on, but there is no webhook to post it to"
        else:
            at = midnight + timedelta(minutes=nightly.minute)
            at = at if at > now else at + timedelta(days=1)
            yield f"{title} at {discord.utils.format_dt(at, 't')}"


def _add(embed: discord.Embed, name: str, lines: Iterable[str]) -> None:
    """Add lines as a field, as many as fit; no field where there are none."""
    value = ""
    for line in lines:
        longer = f"{value}\n{line}" if value else line
        if limits.units(longer) > limits.EMBED_FIELD_VALUE:
            break
        value = longer
    if value:
        embed.add_field(name=name, value=value, inline=False)
