"""Answers in Discord's form whatever goes wrong with a request."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiohttp import web

from bot.sandbox.replies import Refused, reply
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_CONSOLE = "/_/"
_MISFITS = (AttributeError, LookupError, TypeError, ValueError)
_FAILURE = error(0, "500: Internal Server Error")
_log = logging.getLogger(__name__)


@web.middleware
async def in_form(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer a request, or tell in JSON why not."""
    try:
        return await handler(request)
    except Refused as refused:
        return reply(refused.status, refused.body, refused.headers, via=refused.via)
    except web.HTTPException as problem:
        return reply(problem.status, error(0, f"{problem.status}: {problem.reason}"))
    except ConnectionError:
        raise
    except Exception as problem:  # noqa: BLE001  # one bad request must not look like a broken server
        if request.path.startswith(_CONSOLE) and isinstance(problem, _MISFITS):
            return reply(400, error(0, f"that cannot be done: {problem!r}"))
        _log.exception("%s %s failed", request.method, request.path)
        return reply(500, _FAILURE)
