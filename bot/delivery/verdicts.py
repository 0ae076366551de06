"""What became of a message to another service, from what Apprise logged.

Apprise itself says no more than yes or no. The exception that it was handling
when it logged a line, and the status in the line, tell the rest; the texts of
exceptions are never passed on, for they hold addresses.
"""

from __future__ import annotations

import json
import logging
import re
import smtplib
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.delivery.outcomes import InDoubt, NotSent, PartlySent, Rejected
from bot.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.delivery.outcomes import Outcome
    from bot.services import Heard

_STATUS = re.compile(r"\berror=(\d{3})\b|(?s:\bntfy notification\b.*)\berror=(\d{3})\d\d\b")
"""The status of an answer; ntfy makes its own number of it, such as 42901."""
_MATRIX_STATUS = re.compile(r"Matrix Response: code=([345]\d\d)\b")
_NOBODY = re.compile(r"\bno (?:\w+ ){0,3}(?:recipients|targets|topics)\b")
_LATER = frozenset({408, 425, 429})
_BEFORE = frozenset({"do_handshake", "_prepare_proxy"})
"""Functions of Python's and urllib3's that end before a request is written."""
_ANSWER = re.compile(
    r"""Response Details:\s*b?['"](?:([a-z_]{3,40})['"]\Z"""
    r"""|.*?"(?:error|description)"\s*:\s*"([\w .,:'-]{1,100})")""",
    re.DOTALL,
)
"""A service's own word for what is wrong, as Slack and Telegram give it."""
_LONGEST = 200
_LAST_TRY = 5


def verdict(heard: Sequence[Heard], recipients: int) -> Outcome:
    """Return what became of a message that Apprise could not deliver.

    Parameters
    ----------
    heard
        What it logged meanwhile.
    recipients
        To how many it was to go.
    """
    outcomes = [
        _explained(outcome, heard)
        for number, each in enumerate(heard)
        if (outcome := _of_line(each, heard[:number])) is not None
    ]
    reached = any(each.level == logging.INFO and "ent " in each.text for each in heard)
    if recipients > 1 and reached:
        return PartlySent(_words(outcomes[-1]) if outcomes else _last_line(heard))
    if not outcomes and _NOBODY.search(_last_line(heard)):
        return Rejected(0, None, "its address names nobody to send to")
    if not outcomes:
        return InDoubt(_last_line(heard))
    return max(outcomes, key=_weight)


def of_error(error: BaseException) -> Outcome:
    """Return what an exception on the way to a service means."""
    if isinstance(error, smtplib.SMTPException):
        return _of_smtp(error)
    name = type(error).__name__
    if any(_is_before_writing(each) for each in _chain(error)):
        return NotSent(f"no connection ({name})")
    if _was_in_smtp(error) and not _was_writing(error):
        return NotSent(f"the mail server broke off ({name})")
    return InDoubt(f"no clear answer ({name})")


def of_status(status: int) -> Outcome:
    """Return what an HTTP status of a service means."""
    if status in _LATER:
        return NotSent(f"the service asks for a pause (status {status})")
    if status >= 500:
        return InDoubt("the service failed", status)
    # A service that says no with a status of success gives no status worth telling.
    return Rejected(status if status >= 300 else 0, None, "the service does not take it")


def _of_line(line: Heard, earlier: Sequence[Heard]) -> Outcome | None:
    """Return what a line means; a status in it says more than the error being handled."""
    is_serious = line.level >= logging.WARNING
    found = _STATUS.search(line.text) if is_serious else None
    if found is not None:
        return of_status(int(found[1] or found[2]))
    if line.error is None:
        return None
    if not _is_unreadable(line.error):
        return of_error(line.error)
    # An answer that is no JSON has come all the same. Matrix tells its status beforehand.
    last = earlier[-1].text if earlier and is_serious else ""
    code = _MATRIX_STATUS.match(last)
    return of_status(int(code[1])) if code is not None else None


def _is_unreadable(error: BaseException) -> bool:
    """Whether an answer could not be understood, which says nothing of the message."""
    if isinstance(error, json.JSONDecodeError):
        return True
    kinds = (AttributeError, RecursionError, TypeError, ValueError)
    return isinstance(error, kinds) and not isinstance(error, OSError)


def _explained(outcome: Outcome, heard: Sequence[Heard]) -> Outcome:
    """Return a refusal with the service's own word for it, where it gave one."""
    if not isinstance(outcome, Rejected):
        return outcome
    answers = (_ANSWER.match(each.text) for each in heard)
    words = [found[1] or found[2] for found in answers if found is not None]
    return replace(outcome, detail=f"{outcome.detail} ({words[-1]})") if words else outcome


def _of_smtp(error: smtplib.SMTPException) -> Outcome:
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code):
            return Rejected(int(code), None, "the mail server refuses the user or the password")
        case smtplib.SMTPRecipientsRefused(recipients=recipients):
            codes = [int(code) for code, _ in recipients.values()]
            return _of_code(max(codes, default=0), "the recipient")
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return NotSent("the mail server does not want to talk now")
        case smtplib.SMTPSenderRefused(smtp_code=code):
            return _of_code(int(code), "the sender")
        case smtplib.SMTPResponseException(smtp_code=code):
            return _of_code(int(code), "the message")
        case smtplib.SMTPNotSupportedError():
            return Rejected(0, None, "the mail server lacks what the address asks for")
        case _ if _was_writing(error):
            return InDoubt("the mail server hung up")
        case _:
            return NotSent("the mail server hung up before the message")


def _of_code(code: int, what: str) -> Outcome:
    if code // 100 == _LAST_TRY:
        return Rejected(code, None, f"the mail server refuses {what}")
    return NotSent(f"the mail server does not take {what} now (code {code})")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and those it wraps, as requests and urllib3 do."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]


def _is_before_writing(error: BaseException) -> bool:
    if isinstance(error, ConnectionRefusedError):
        return True
    if any(name in _BEFORE for _, name in _functions(error)):
        return True
    # By name: urllib3 and requests come with Apprise, and only with it. A ProxyError
    # is no sign: urllib3 also calls an answer so that never came through the proxy.
    return {kind.__name__ for kind in type(error).__mro__} & {
        "NewConnectionError",
        "ConnectTimeout",
        "ConnectTimeoutError",
        "InvalidURL",
        "MissingSchema",
        "SSLCertVerificationError",
        "gaierror",
    } != set()


def _functions(error: BaseException) -> Iterator[tuple[str, str]]:
    """Yield the module and the name of each function an exception came through."""
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        yield frame.f_globals.get("__name__", ""), frame.f_code.co_name
        trace = trace.tb_next


def _was_in_smtp(error: BaseException) -> bool:
    return any(module == "smtplib" for module, _ in _functions(error))


def _was_writing(error: BaseException) -> bool:
    return ("smtplib", "data") in set(_functions(error))


def _weight(outcome: Outcome) -> int:
    """Return which of several outcomes counts: a doubt before a refusal."""
    return (NotSent, Rejected, InDoubt).index(type(outcome))


def _words(outcome: Outcome) -> str:
    match outcome:
        case NotSent(reason=reason) | InDoubt(reason=reason):
            return reason
        case Rejected(detail=detail):
            return detail
        case _:
            return ""


def _last_line(heard: Sequence[Heard]) -> str:
    told = [each.text for each in heard if each.level >= logging.WARNING]
    return printable(told[-1], _LONGEST) if told else "the service did not say why"
