"""Reads what a request brings: JSON, or a form with JSON or fields, and files."""

from __future__ import annotations

import json
import math
import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web

from bot.sandbox import replies
from bot.sandbox.attachments import MOST_BYTES, Upload
from bot.sandbox.replies import Refused
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from collections.abc import Iterable

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_PAYLOAD = "payload_json"
_NO_TEXTS = ("tts", "flags", "enforce_nonce")
_SLOT = re.compile(r"files?\[(\d{1,2})\]", re.ASCII)
_TOO_LARGE = error(40005, "Request entity too large")
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
    whole
        Whether it was not too large to be read.
    """

    kind: str
    raw: bytes = b""
    whole: bool = True
    uploads: list[Upload] = field(default_factory=list)

    def json(self, *, forms: bool = True) -> Any:
        """Return the JSON value; refuse what is none.

        Parameters
        ----------
        forms
            Whether it may have come in a form.
        """
        if not self.whole:
            raise Refused(413, _TOO_LARGE)
        if self.kind != _JSON and not (forms and self.kind in (_FORM, _MULTIPART)):
            raise Refused(400, replies.WRONG_TYPE)
        try:
            return parsed(self.raw)
        except ValueError:
            raise Refused(400, replies.INVALID_JSON) from None

    def mapping(self, *, forms: bool = True) -> dict[str, Any]:
        """Return the JSON object, as `json` does; refuse what is none."""
        value = self.json(forms=forms)
        if not isinstance(value, dict):
            raise Refused(400, _NO_OBJECT)
        return value

    def files(self) -> list[Upload]:
        """Return the files; refuse what is too large."""
        if any(len(upload.data) > MOST_BYTES for upload in self.uploads):
            raise Refused(413, _TOO_LARGE)
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


def parsed(raw: str | bytes) -> Any:
    """Return the value of a JSON text.

    Raises
    ------
    ValueError
        If it is no JSON, nested beyond all measure, or has a number that JSON
        could not be written with again.
    """
    try:
        return json.loads(raw, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


async def _read(request: web.Request) -> Intake:
    if request.content_type == _MULTIPART:
        return await _read_parts(request)
    try:
        intake = Intake(request.content_type, await request.read())
    except web.HTTPRequestEntityTooLarge:
        return Intake(request.content_type, whole=False)
    if intake.kind == _FORM:
        intake.raw = _payload_of(parse_qsl(intake.raw.decode("utf-8", "replace")))
    return intake


async def _read_parts(request: web.Request) -> Intake:
    intake = Intake(_MULTIPART)
    fields: list[tuple[str, str]] = []
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            data = bytes(await part.read())
            slot = _SLOT.fullmatch(part.name or "")
            if slot is not None and part.filename:
                intake.uploads.append(Upload(slot.group(1), part.filename, data))
            elif part.name and not part.filename:
                fields.append((part.name, data.decode("utf-8", "replace")))
    except ValueError:
        # What is no form of parts reads as no JSON, and is refused as such.
        return Intake(_MULTIPART)
    intake.raw = _payload_of(fields)
    return intake


def _payload_of(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return the JSON text in a form, or one of its fields."""
    found: dict[str, Any] = {}
    for name, text in fields:
        if name == _PAYLOAD:
            return text.encode()
        found[name] = _value_of(text) if name in _NO_TEXTS else text
    return json.dumps(found).encode()


def _value_of(text: str) -> Any:
    try:
        return parsed(text.lower())
    except ValueError:
        return text
