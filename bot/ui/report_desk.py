"""Serves the report commands, and the menu and buttons under their replies."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import discord

from bot.delivery.ledger import LedgerError
from bot.periods import Period
from bot.rendering.phrases import report_title
from bot.ui import report_controls
from bot.ui.channel_rights import is_in_thread, may_post, not_the_bot
from bot.ui.cooldown import Cooldown
from bot.ui.errors import STALE, MemoryAwayError, QueueError, Refusal, new_reference
from bot.ui.question import Shown
from bot.ui.reply import Reply, Screen, post
from bot.ui.report_choice import require_report
from bot.ui.report_sheets import SheetMemory, draw

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.client import ReportBot
    from bot.tenants import Tenant
    from bot.ui.question import Question
    from bot.ui.report_sheets import Sheet
    from bot.ui.router import Press

log = logging.getLogger(__name__)

KIND = "report"
_LIFETIME = timedelta(days=30)
_SPAN_SECONDS = 20.0
_COMMANDS_PER_SPAN = 5
_PRESSES_PER_SPAN = 20
_AT_ONCE = 2
_QUEUE_SECONDS = 30.0
_TAKES_NO_POSTS = frozenset({10003, 50008, 50083})
"""An unknown channel, one that is not for text, a thread in the archive."""
_NO_PLACE = "This channel takes no posts: it is gone, archived, or not for text."
_POSTED = "That is in the channel already."


class ReportDesk:
    """Answers questions for reports.

    Parameters
    ----------
    bot
        Where tenants, reports and stored views are.
    clock
        Seconds that only grow, for cooldowns and for what is remembered.
    """

    def __init__(self, bot: ReportBot, clock: Callable[[], float]) -> None:
        self._bot = bot
        self._commands = Cooldown(_COMMANDS_PER_SPAN, _SPAN_SECONDS, clock)
        self._presses = Cooldown(_PRESSES_PER_SPAN, _SPAN_SECONDS, clock)
        self._sheets = SheetMemory(clock)
        self._posting: set[str] = set()
        self._changing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._queues: dict[str, asyncio.Semaphore] = {}

    async def answer(
        self, interaction: discord.Interaction[ReportBot], question: Question, *, private: bool
    ) -> None:
        """Answer a command: refused from memory, or computed and shown."""
        tenant = self._bot.tenant_for(interaction)
        _check_report(tenant, question.report)
        self._commands.check(interaction)
        reply = Reply.to(interaction)
        await reply.think(private=private)
        sheet = await self._compute(tenant, question)
        shown = Shown(question, private=private)
        view_id = await self._store(interaction, tenant, shown)
        if view_id is not None:
            self._sheets.keep(view_id, tenant, question, sheet)
        await reply.show(_screen(sheet, shown, view_id))

    async def serve(self, press: Press) -> None:
        """Serve the menu and the buttons under a report."""
        shown = Shown.of(press.view.state)
        _check_report(press.tenant, shown.question.report)
        self._presses.check(press.interaction)
        if press.action == report_controls.PERIOD:
            await self._turn(press, shown, shown.about(_chosen_period(press.values)))
        elif press.action == report_controls.POST:
            await self._post(press, shown)
        elif press.action in report_controls.PAGERS:
            await self._turn(press, shown, shown)
        else:
            raise Refusal(STALE)

    async def _turn(self, press: Press, before: Shown, shown: Shown) -> None:
        """Put another page, or another period, in the place of what a message shows."""
        reply = Reply.to(press.interaction)
        await reply.hold()
        sheet = await self._sheet(press, shown.question)
        page = report_controls.target_page(press.action, shown.page, len(sheet.pages))
        if page != shown.page:
            shown = replace(shown, page=page, posted=False)
        await self._change(press, before, shown, sheet)

    async def _post(self, press: Press, shown: Shown) -> None:
        """Post what a private reply shows to the channel, with buttons of its own."""
        may_post(press.interaction)
        if press.view.id in self._posting or shown.posted:
            raise Refusal(_POSTED)
        self._posting.add(press.view.id)
        try:
            await self._post_once(press)
        finally:
            self._posting.discard(press.view.id)

    async def _post_once(self, press: Press) -> None:
        await Reply.to(press.interaction).hold()
        # Another press may have been served since the router looked.
        view = await self._bot.call(self._bot.runtime.guilds.view, press.view.id)
        if view is None:
            raise Refusal(STALE)
        shown = Shown.of(view.state)
        if shown.posted:
            raise Refusal(_POSTED)
        sheet = await self._sheet(press, shown.question)
        if sheet.is_empty:
            raise Refusal("There is nothing in it to post.")
        shown = replace(shown, page=min(shown.page, len(sheet.pages) - 1))
        public = replace(shown, private=False)
        view_id = await self._store(press.interaction, press.tenant, public)
        if view_id is not None:
            self._sheets.keep(view_id, press.tenant, shown.question, sheet)
        await self._post_screen(press, _screen(sheet, public, view_id), view_id)
        posted = replace(shown, posted=True)
        await self._change(press, posted, posted, sheet)

    async def _post_screen(self, press: Press, screen: Screen, view_id: str | None) -> None:
        channel = self._bot.get_partial_messageable(press.interaction.channel_id or 0)
        try:
            await post(channel, screen, nonce=view_id or new_reference())
        except discord.Forbidden as error:
            in_thread = is_in_thread(press.interaction)
            raise Refusal(not_the_bot(in_thread=in_thread)) from error
        except discord.HTTPException as error:
            if error.code in _TAKES_NO_POSTS:
                raise Refusal(_NO_PLACE) from error
            raise

    async def _sheet(self, press: Press, question: Question) -> Sheet:
        sheet = self._sheets.find(press.view.id, press.tenant, question)
        if sheet is None:
            sheet = await self._compute(press.tenant, question)
            self._sheets.keep(press.view.id, press.tenant, question, sheet)
        return sheet

    async def _compute(self, tenant: Tenant, question: Question) -> Sheet:
        """Ask the tenant's database; a few at a time, so that one squadron leaves room for all."""
        now = self._bot.clock()
        queue = self._queues.setdefault(tenant.id, asyncio.Semaphore(_AT_ONCE))
        try:
            async with asyncio.timeout(_QUEUE_SECONDS):
                await queue.acquire()
        except TimeoutError as error:
            raise QueueError(_QUEUE_SECONDS) from error
        try:
            result = await self._bot.runtime.composer.result(
                tenant, question.report, question.period, now, filters=question.filters
            )
        finally:
            queue.release()
        return await self._bot.draw(draw, tenant, question, result, now)

    async def _store(
        self, interaction: discord.Interaction[Any], tenant: Tenant, shown: Shown
    ) -> str | None:
        """Store what stands behind a message; without it, the report has no buttons."""
        book = self._bot.runtime.guilds
        try:
            return await self._bot.call_briefly(
                book.store_view,
                guild_id=interaction.guild_id or 0,
                tenant=tenant.id,
                user_id=interaction.user.id,
                kind=KIND,
                state=shown.state(),
                lifetime=_LIFETIME,
            )
        except (LedgerError, MemoryAwayError):
            log.exception("%s: a report goes without buttons", tenant.id)
            return None

    async def _change(self, press: Press, before: Shown, after: Shown, sheet: Sheet) -> None:
        """Change what a message shows and what is stored of it, both or neither.

        One change of a message at a time, so that of two presses at once the
        later one counts for both. It is stored first: the next press may come
        as soon as the message has changed, and what was ended while the report
        was computed is not shown any more.
        """
        view_id = press.view.id
        async with self._changing.setdefault(view_id, asyncio.Lock()):
            if not await self._update(view_id, after):
                raise Refusal(STALE)
            try:
                await Reply.to(press.interaction).show(_screen(sheet, after, view_id))
            except Exception:
                await self._update(view_id, before)
                raise

    async def _update(self, view_id: str, shown: Shown) -> bool:
        update = self._bot.runtime.guilds.update_view
        return await self._bot.call(update, view_id, shown.state())


def _screen(sheet: Sheet, shown: Shown, view_id: str | None) -> Screen:
    message = sheet.pages[shown.page]
    view = None
    if view_id is not None:
        pages = len(sheet.pages)
        view = report_controls.controls(view_id, shown, pages, is_empty=sheet.is_empty)
    return Screen(message.content, message.embeds, view)


def _check_report(tenant: Tenant, report: str) -> None:
    require_report(report)
    if not tenant.report_config(report).enabled:
        raise Refusal(f"The {report_title(report)} is switched off for your squadron.")


def _chosen_period(values: tuple[str, ...]) -> Period:
    try:
        (code,) = values
        return Period(code)
    except ValueError as error:
        raise Refusal(STALE) from error
