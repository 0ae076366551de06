"""Drawing: a result in, messages within Discord's limits out."""

from bot.rendering.drawing import quiet_day, render
from bot.rendering.messages import Message, RenderContext

__all__ = ["Message", "RenderContext", "quiet_day", "render"]
