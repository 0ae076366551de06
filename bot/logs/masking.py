"""Keeping secrets out of every log record of the process.

Two nets, one behind the other: texts that were registered as secrets, in all
the spellings in which they can turn up, and the shapes that secrets have
(a webhook's path, a password in a URI, a bot's token), registered or not.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HIDDEN = "***"
"""What stands in a text where a secret was."""

SHORTEST_SECRET = 6
"""Shorter texts are masked by shape only: a password ``test`` masked wherever
the word occurs would make the log unreadable and give itself away."""

_PLACEHOLDER = "PASSWORD"
"""What our own advice and examples write for a password; it gives nothing away."""

_SLASH = r"(?:\\?/|%2[Ff])"
_TELLTALES = r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|link[_-]?key)"
_FORM = r"USER:PASSWORD@[^\s/@]{0,512}(?:[\s/]|$)"
"""How our own advice writes a URI, which holds no secret."""

# Each pattern reads a bounded stretch from each place it can start at, so that
# no text, however long or odd, takes more than linear time.
_SHAPES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "",
        re.compile(
            rf"({_SLASH}(?:webhooks|interactions){_SLASH}[0-9]{{1,25}}{_SLASH})"
            r"(?:[^\s/\\?#%&\"'<>()\[\]{},;|]|%(?!2[Ff]))+"
        ),
        rf"\1{HIDDEN}",
    ),
    (
        "://",
        re.compile(rf"(://(?!{_FORM})[^\s:/@]{{0,128}}:)[^\s/]{{1,512}}@"),
        rf"\1{HIDDEN}@",
    ),
    (
        "uthorization",
        re.compile(
            r"((?:proxy-)?authorization[\"']?\s{0,3}[:=,]\s{0,3}(?:b(?=[\"']))?[\"']?)"
            r"(?:(?:bot|bearer|basic)\s{1,3})?[^\s\"',)}]+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    (
        "",
        re.compile(r"\b(Bot|Bearer|Basic)(\s{1,3})(?=[\w.~+/=-]{0,200}[0-9])[\w.~+/=-]{20,}"),
        rf"\1\2{HIDDEN}",
    ),
    (
        ".",
        re.compile(r"(?<![\w-])[\w-]{23,30}\.[\w-]{6,7}\.[\w-]{27,}"),
        HIDDEN,
    ),
    (
        "",
        re.compile(
            rf"({_TELLTALES}[\"']?\s{{0,3}}[:=]\s{{0,3}}b?)(?:\"[^\"\n]{{1,512}}\"|'[^'\n]{{1,512}}')",
            re.IGNORECASE,
        ),
        rf"\1'{HIDDEN}'",
    ),
    (
        "=",
        re.compile(rf"({_TELLTALES}=)(?![\"'])(?:[^\s&\"',;:)}}]|:(?!\s|$))+", re.IGNORECASE),
        rf"\1{HIDDEN}",
    ),
)

_lock = threading.Lock()
_registered: set[str] = set()
_spellings: dict[str, set[str]] = {}
"""All spellings of all secrets, by the `SHORTEST_SECRET` characters they begin with."""


def register_secret(text: str | None) -> None:
    """Mask a text from now on, in every log record of the process.

    Its spellings in URLs, in JSON and in a Python repr are masked too. Texts
    shorter than `SHORTEST_SECRET` are left to the known shapes.
    """
    install_masking()
    if not text or text in _registered or text == _PLACEHOLDER:
        return
    with _lock:
        _registered.add(text)
        for form in _forms(text):
            if len(form.strip()) >= SHORTEST_SECRET:
                _spellings.setdefault(form[:SHORTEST_SECRET], set()).add(form)


def register_uri_secrets(uri: str) -> None:
    """Register the password, and secret options, of a database or channel URI."""
    _, separator, rest = uri.partition("://")
    if not separator:
        return
    user, colon, after = rest.partition(":")
    if not after.startswith(("/", "\\")):  # a drive of Windows
        user = user.lstrip("/")  # a server's URI with SQLite's slashes
    if colon and "@" in after and not {"/", "@", "?"} & set(user):
        for password in (after.partition("@")[0], after.rpartition("@")[0]):
            register_secret(password)
            register_secret(unquote(password))
            register_secret(unquote_plus(password))
    for key, value in parse_qsl(rest.partition("?")[2]):
        if re.search(_TELLTALES, key, re.IGNORECASE):
            register_secret(value)


def mask(text: str) -> str:
    """Return the text with every secret in it replaced by ``***``."""
    for spelling in _candidates(text):
        text = text.replace(spelling, HIDDEN)
    for hint, shape, replacement in _SHAPES:
        if hint in text:
            text = shape.sub(replacement, text)
    return text


def _candidates(text: str) -> list[str]:
    # Takes as long for a thousand secrets as for one. Longest first, so that no
    # secret leaves a tail behind a shorter one's mask.
    size = SHORTEST_SECRET
    heads = {text[start : start + size] for start in range(len(text) - size + 1)}
    known = [head for head in heads if head in _spellings]
    if not known:
        return []
    with _lock:
        found = {form for head in known for form in _spellings[head]}
    return sorted(found, key=len, reverse=True)


def install_masking() -> None:
    """Make every log record of this process a masked one; safe to repeat."""
    with _lock:
        current = logging.getLogRecordFactory()
        if not isinstance(current, _MaskingFactory):
            logging.setLogRecordFactory(_MaskingFactory(current))


def _forms(text: str) -> Iterator[str]:
    for part in {text, text.strip(), *text.splitlines()}:
        yield part
        yield from _encoded(part)
        yield repr(part)[1:-1]
        yield repr(part + "'\"")[1:-4]
        yield repr(part + '"')[1:-2]
        yield ascii(part)[1:-1]
        yield json.dumps(part)[1:-1]
        yield json.dumps(part, ensure_ascii=False)[1:-1]


def _encoded(text: str) -> Iterator[str]:
    # " +" is what SQLAlchemy leaves alone when it writes a URL; see its URL.render_as_string.
    for safe in ("", "/", " +", "!$&'()*+,;=:@/"):
        form = quote(text, safe=safe, errors="surrogatepass")
        yield form
        yield re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), form)
    yield quote_plus(text, errors="surrogatepass")


class _MaskedText:
    """A record's attribute that masks whatever text is put into it.

    The value lives in the record's own ``__dict__``, where formatters and
    handlers that pickle records look for it.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, record: logging.LogRecord, owner: type | None = None) -> Any:
        return record.__dict__.get(self._name)

    def __set__(self, record: logging.LogRecord, value: object) -> None:
        record.__dict__[self._name] = mask(value) if isinstance(value, str) else value


class _Masked(logging.LogRecord):
    """A record whose texts are masked for every handler and formatter.

    Formatters render a traceback themselves and keep it in ``exc_text``
    before they use it, so that is where it is masked.
    """

    msg = _MaskedText()
    message = _MaskedText()
    exc_text = _MaskedText()
    stack_info = _MaskedText()

    def getMessage(self) -> str:  # noqa: N802  # the standard library's name
        """Return the message, masked; arguments that do not fit are shown beside it."""
        try:
            text = super().getMessage()
        except Exception as error:  # noqa: BLE001  # a handler would print them unmasked
            kinds = ", ".join(type(value).__name__ for value in _values(self.args))
            text = f"{self.msg} [{type(error).__name__}: cannot fill in: {kinds}]"
        return mask(text)


def _values(args: object) -> tuple[object, ...]:
    if isinstance(args, dict):
        return tuple(args.values())
    return args if isinstance(args, tuple) else (args,)


def _masked_args(args: Any) -> Any:
    if isinstance(args, tuple):
        return tuple(mask(value) if isinstance(value, str) else value for value in args)
    if isinstance(args, dict):
        return {
            key: mask(value) if isinstance(value, str) else value for key, value in args.items()
        }
    return args


class _MaskingFactory:
    """Makes records as the previous factory does, and masks them."""

    def __init__(self, previous: Callable[..., logging.LogRecord]) -> None:
        self._previous = previous
        self._kinds: dict[type[logging.LogRecord], type[_Masked]] = {logging.LogRecord: _Masked}

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._previous(*args, **kwargs)
        kind = type(record)
        if issubclass(kind, _Masked):
            return record
        masked = self._kinds.get(kind)
        if masked is None:
            masked = cast("type[_Masked]", type(f"Masked{kind.__name__}", (_Masked, kind), {}))
            self._kinds[kind] = masked
        record.__class__ = masked
        for name in ("msg", "exc_text", "stack_info"):
            setattr(record, name, record.__dict__.get(name))
        record.args = _masked_args(record.args)
        return record
