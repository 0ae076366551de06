"""What a server is told of its link to a squadron."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.utils import format_dt

from bot.rendering.text import escape
from bot.ui.reply import Screen
from bot.ui.router import form_id, stored_id

if TYPE_CHECKING:
    from datetime import datetime

    from bot.guilds.directory import Standing
    from bot.tenants import Tenant

FORM = "link_key"
KEY_INPUT = "key"
REPLACE, KEEP = "replace", "keep"
_LONGEST_KEY = 4000

NOT_LINKED = (
    "This server is not linked to a squadron yet. Somebody with the permission Manage Server "
    "can link it with `/tenant link`."
)
IN_FILE = (
    "The bot's admin has set which squadron this server sees, so it cannot be linked or "
    "unlinked by command. Ask them if that should change."
)
_IN_FILE_OFF = (
    "The bot's admin has set which squadron this server sees, but that squadron is switched "
    "off for now. Ask them to switch it on."
)
_IN_FILE_FAULTY = (
    "The bot's admin has set which squadron this server sees, but its entry in the tenant file "
    "has faults. Ask them to mend it."
)
_LINK_OFF = (
    "The squadron that this server is linked to is switched off for now. Ask the bot's admin, "
    "or link another one with `/tenant link`."
)
_LINK_GONE = (
    "The squadron that this server was linked to is gone. Link another one with `/tenant link`, "
    "or end the link with `/tenant unlink`."
)
WRONG_KEY = (
    "No squadron here has that key. Copy it once more, whole and without blanks, "
    "and run `/tenant link` again."
)
NAMESAKE = (
    "The key is right, but two squadrons in the tenant file have that name. Ask the bot's admin "
    "to give each an `id` of its own there, then run `/tenant link` again."
)
CHANGED = "The link of this server has just been changed. `/tenant show` says what it is now."
KEPT = "All right, nothing has changed."
NO_LINK = "This server is not linked to a squadron, so there is nothing to unlink."


def nothing_seen(standing: Standing) -> str:
    """Return why a guild sees no squadron, and what to do."""
    match standing.source:
        case "file":
            return _IN_FILE_OFF if standing.off else _IN_FILE_FAULTY
        case "link":
            return _LINK_OFF if standing.off else _LINK_GONE
        case _:
            return NOT_LINKED


def key_form() -> discord.ui.Modal:
    """Return the form that asks for a squadron's link key."""
    form = discord.ui.Modal(title="Link this server", custom_id=form_id(FORM), timeout=None)
    field: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
        custom_id=KEY_INPUT, max_length=_LONGEST_KEY
    )
    form.add_item(
        discord.ui.Label(
            text="The squadron's link key",
            description="The bot's admin has it. Nobody else sees what you type here.",
            component=field,
        )
    )
    return form


def too_many(again: datetime) -> str:
    """Return the words for somebody who has tried too many keys."""
    return (
        f"Those were too many tries. You can try again {format_dt(again, 'R')}; "
        "meanwhile, ask the bot's admin for the right key."
    )


def linked(tenant: Tenant, before: str | None) -> Screen:
    """Tell that a guild is linked now.

    Parameters
    ----------
    before
        Name of the tenant that it was linked to before.
    """
    instead = f" It saw {escape(before)} before." if before else ""
    return Screen(
        f"✅ This server now sees **{escape(tenant.name)}**.{instead} Try `/summary`, "
        "or `/help` for all I can do."
    )


def same_already(tenant: Tenant) -> Screen:
    """Tell that a guild is linked to that tenant already."""
    return Screen(f"✅ This server is linked to **{escape(tenant.name)}** already.")


def unlinked(name: str) -> Screen:
    """Tell that a guild's link has ended."""
    return Screen(
        f"✅ This server is no longer linked to **{escape(name)}**, and the buttons under its "
        "old reports work no more. `/tenant link` links it again."
    )


def ask_to_replace(view_id: str, present: Tenant, wanted: Tenant) -> Screen:
    """Ask whether a guild is to see another tenant from now on."""
    view = discord.ui.View(timeout=None)
    view.add_item(
        discord.ui.Button(
            custom_id=stored_id(view_id, REPLACE),
            label="Yes, change it",
            style=discord.ButtonStyle.danger,
        )
    )
    view.add_item(
        discord.ui.Button(custom_id=stored_id(view_id, KEEP), label="No, leave it as it is")
    )
    view.stop()
    return Screen(
        f"The key is right. This server is linked to **{escape(present.name)}** now: shall it see "
        f"**{escape(wanted.name)}** instead?",
        view=view,
    )
