"""What Discord refuses in messages, new ones and changed ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.bodies import EPHEMERAL, SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS
from bot.sandbox.rules.components import component_problems
from bot.sandbox.rules.fields import is_int, listed, text
from bot.sandbox.validation import EMPTY, body_problems, error, is_empty, snowflake_problems

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bot.sandbox.attachments import Upload
    from bot.sandbox.validation import Problem

ATTACHMENTS = 10
STICKERS = 3
NONCE_LENGTH = 25
NEW_MESSAGE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS
NEW_ANSWER = NEW_MESSAGE | EPHEMERAL
EDIT = SUPPRESS_EMBEDS
_DESCRIPTION_LENGTH = 1024


def message_refusal(
    payload: Mapping[str, Any],
    uploads: Sequence[Upload],
    *,
    flags: int,
    before: Mapping[str, Any] | None = None,
    judge: Callable[[object], Iterator[Problem]] = component_problems,
) -> dict[str, Any] | None:
    """Return the error body for a message that Discord would not take.

    Parameters
    ----------
    flags
        The flags that may be set here, as bits.
    before
        The body of the message that is edited; its flags may be said again.
    judge
        Yields what is wrong with components.
    """
    held = before or {}
    problems = [*body_problems(payload), *flag_problems(payload, flags | held.get("flags", 0))]
    if payload.get("components") is not None:
        problems += judge(payload["components"])
    nonce = payload.get("nonce")
    if nonce is not None and not is_int(nonce):
        problems += text(payload, "nonce", 0, NONCE_LENGTH, ())
    if before is None:
        problems += snowflake_problems(payload.get("sticker_ids"), ("sticker_ids",), STICKERS)
    problems += _attachments(payload, uploads, before)
    if problems:
        return error(50035, "Invalid Form Body", problems)
    after = {**held, **payload}
    # A new message has only the files that come with it, whatever it tells of them.
    files = bool(uploads) or (before is not None and bool(after.get("attachments")))
    if files or after.get("components") or not is_empty(after.get("content"), after.get("embeds")):
        return None
    return EMPTY


def flag_problems(payload: Mapping[str, Any], allowed: int) -> Iterator[Problem]:
    """Yield what is wrong with the flags of a message.

    Parameters
    ----------
    allowed
        The flags that may be set here, as bits.
    """
    wanted = payload.get("flags")
    if isinstance(wanted, int) and wanted & ~allowed:
        yield ("flags",), "MESSAGE_FLAGS_INVALID", "These flags cannot be set here."


def _attachments(
    payload: Mapping[str, Any], uploads: Sequence[Upload], before: Mapping[str, Any] | None
) -> Iterator[Problem]:
    if len(uploads) > ATTACHMENTS:
        yield ("attachments",), "BASE_TYPE_MAX_LENGTH", f"Must be {ATTACHMENTS} or fewer in length."
    if payload.get("attachments") is None:
        return
    path = ("attachments",)
    entries, problems = listed(payload["attachments"], path, 0, ATTACHMENTS)
    yield from problems
    known = {upload.slot for upload in uploads}
    known |= {entry["id"] for entry in (before or {}).get("attachments", ())}
    for number, entry in enumerate(entries):
        where = (*path, str(number))
        if not isinstance(entry, dict):
            yield where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType"
        elif str(entry.get("id")) not in known:
            words = f"Attachment ID {entry.get('id')} is unknown"
            yield (*where, "id"), "ATTACHMENT_NOT_FOUND", words
        else:
            yield from text(entry, "description", 0, _DESCRIPTION_LENGTH, where)
