"""From a result to the messages that show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.tenants import Style

if TYPE_CHECKING:
    from bot.rendering.messages import Message, RenderContext
    from bot.reports.results import Result


class _Layout(Protocol):
    """What each style's module offers."""

    def messages(self, result: Result, context: RenderContext) -> tuple[Message, ...]: ...

    def quiet(self, result: Result, context: RenderContext) -> Message: ...


def render(result: Result, context: RenderContext, style: Style) -> tuple[Message, ...]:
    """Return the messages that show a result, in the order in which to post them.

    Each fits Discord's limits, whatever the data. An empty result gives no
    message: whether a quiet day is worth a post is the tenant's choice
    (`quiet_day`).
    """
    if result.is_empty:
        return ()
    return _layout(style).messages(result, context)


def quiet_day(result: Result, context: RenderContext, style: Style) -> Message:
    """Return the short friendly post for a window without data."""
    return _layout(style).quiet(result, context)


def _layout(style: Style) -> _Layout:
    # discord.py is slow to import; who draws text only does not wait for it.
    if style is Style.CLASSIC:
        from bot.rendering import classic

        return classic
    from bot.rendering import embeds

    return embeds
