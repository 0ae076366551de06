"""Every request of the bot and its answer, for those who judge them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.sandbox.intake import parsed, take_in

if TYPE_CHECKING:
    from aiohttp import web

_VERSION = "/api{version}"


@dataclass(slots=True)
class Exchange:
    """A request and its answer.

    Attributes
    ----------
    at
        Monotonic seconds.
    path
        Its path without the API's base.
    route
        The same as Discord's description names it, such as
        ``/channels/{channel_id}/messages``; None for what is not served.
    request_json
        The JSON value of its body; None for none.
    files
        The names of its files.
    status
        None while it is not answered, and for ever if the connection ended.
    whole
        Whether the answer was sent as it should be, and not broken off.
    """

    at: float
    method: str
    path: str
    route: str | None
    query: dict[str, str]
    headers: dict[str, str] = field(repr=False)
    request_json: Any = None
    files: list[str] = field(default_factory=list)
    status: int | None = None
    response_json: Any = None
    response_headers: dict[str, str] = field(default_factory=dict)
    whole: bool = True

    async def read(self, request: web.Request) -> None:
        """Note what the request brought."""
        intake = await take_in(request)
        self.files = [upload.filename for upload in intake.uploads]
        self.request_json = _parsed(intake.raw)

    def finish(self, response: web.StreamResponse) -> None:
        """Note the answer."""
        self.status = response.status
        self.response_headers = dict(response.headers)
        body = getattr(response, "body", None)
        self.response_json = _parsed(body) if isinstance(body, bytes) else None


def _parsed(raw: bytes) -> Any:
    try:
        return parsed(raw) if raw else None
    except ValueError:
        return None


def route_of(request: web.Request) -> str | None:
    """Return the path of a request as Discord's description names it."""
    resource = request.match_info.route.resource
    canonical = resource.canonical if resource is not None else ""
    return canonical.removeprefix(_VERSION) if canonical.startswith(_VERSION) else None
