"""Reads what a request brings: JSON, or a form with JSON and files."""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from bot.sandbox import replies
from bot.sandbox.attachments import MOST_BYTES, Upload
from bot.sandbox.replies import Refused
from bot.sandbox.validation import error

_SLOT = re.compile(r"files?\[(\d{1,2})\]", re.ASCII)
_NO_OBJECT = error(
    50035,
    "Invalid Form Body",
    [((), "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")],
)


@dataclass(slots=True)
class Intake:
    """What a request brought.

    Attributes
    ----------
    raw
        The JSON text.
    kind
        The content type: JSON, a form, or another that is not served.
    """

    kind: str
    raw: bytes = b""
    uploads: list[Upload] = field(default_factory=list)

    def json(self) -> Any:
        """Return the JSON value; refuse what is none."""
        if self.kind not in ("application/json", "multipart/form-data"):
            raise Refused(400, replies.WRONG_TYPE)
        try:
            return json.loads(self.raw)
        except ValueError:
            raise Refused(400, replies.INVALID_JSON) from None

    def mapping(self) -> dict[str, Any]:
        """Return the JSON object; refuse what is none."""
        value = self.json()
        if not isinstance(value, dict):
            raise Refused(400, _NO_OBJECT)
        return value

    def files(self) -> list[Upload]:
        """Return the files; refuse what is too large."""
        if any(len(upload.data) > MOST_BYTES for upload in self.uploads):
            raise Refused(413, error(40005, "Request entity too large"))
        return self.uploads


# Forms can be read once only, and requests hold nothing of ours in all of aiohttp's versions.
_last: ContextVar[tuple[web.Request, Intake] | None] = ContextVar("last intake", default=None)


async def take_in(request: web.Request) -> Intake:
    """Return what a request brought; it is read once."""
    last = _last.get()
    if last is not None and last[0] is request:
        return last[1]
    intake = await _read(request)
    _last.set((request, intake))
    return intake


async def _read(request: web.Request) -> Intake:
    if request.content_type != "multipart/form-data":
        return Intake(request.content_type, await request.read())
    intake = Intake(request.content_type, b"{}")
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        slot = _SLOT.fullmatch(part.name or "")
        if part.name == "payload_json":
            intake.raw = data
        elif slot is not None and part.filename:
            intake.uploads.append(Upload(slot.group(1), part.filename, data))
    return intake
