"""Services other than Discord, through Apprise: what an address leads to.

Apprise is an optional package and takes a while to import, so that happens
when the first address is looked at. What it logs stays here: its lines may
tell addresses and whole messages.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import unquote

from bot.errors import BotError
from bot.logs import mask, register_secret, register_uri_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

Format: TypeAlias = Literal["text", "markdown", "html"]

_LOGGER = "apprise"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}(?=://)")
_PICTURE = re.compile(r"(?i)[?&](?:image|avatar)=(?:yes|true|on|1)(?=&|$)")
_SLACK_BLOCK = 3000
"""What Slack takes in a section of its Block Kit; Apprise counts a whole message."""
_SHORTEST_TOKEN = 8
_SHORTEST_WITHOUT_DIGIT = 16


class ServiceError(BotError):
    """An address leads to no service; the texts never show it."""

    def __init__(self, fault: str, remedy: str) -> None:
        self.fault = fault
        self.remedy = remedy
        super().__init__(f"the address {fault}; {remedy}")


@dataclass(frozen=True, slots=True)
class Service:
    """What a service takes.

    Attributes
    ----------
    name
        What Apprise calls it.
    body_limit, title_limit
        The greatest lengths, in characters; 0 where it knows no titles.
    line_limit
        The most lines; 0 for any number.
    is_whole
        Whether every part of the address was understood.
    """

    name: str
    format: Format
    body_limit: int
    title_limit: int
    line_limit: int = 0
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """One line that Apprise logged.

    Attributes
    ----------
    error
        The exception that was being handled at that moment.
    """

    level: int
    text: str
    error: BaseException | None


class _Ear(logging.Handler):
    """Keeps what is logged in a thread that listens; drops all else."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._here = threading.local()

    @contextlib.contextmanager
    def listening(self) -> Iterator[list[Heard]]:
        heard: list[Heard] = []
        self._here.heard = heard
        try:
            yield heard
        finally:
            del self._here.heard

    def emit(self, record: logging.LogRecord) -> None:
        heard: list[Heard] | None = getattr(self._here, "heard", None)
        if heard is not None:
            text = mask(record.getMessage())
            heard.append(Heard(record.levelno, text, sys.exc_info()[1]))


_ear = _Ear()


def scheme_of(url: str) -> str:
    """Return what an address begins with, in small letters; '' where it is no address."""
    found = _SCHEME.match(url.strip())
    return found[0].lower() if found else ""


def is_mail(scheme: str) -> bool:
    """Whether an address that begins so leads to a mail server."""
    return scheme in ("mailto", "mailtos")


def register_address(url: str) -> None:
    """Mask whatever of an address may be a secret in every log record from now on."""
    rest = url.partition("://")[2]
    register_secret(rest or url)
    register_uri_secrets(url)
    path, _, options = rest.partition("?")
    pieces = re.split(r"[/:@]", path)
    pieces += [option.partition("=")[2] for option in options.split("&")]
    for piece in pieces:
        text = unquote(piece)
        shortest = _SHORTEST_TOKEN if re.search(r"\d", text) else _SHORTEST_WITHOUT_DIGIT
        if len(text) >= shortest and "." not in text:
            register_secret(text)


def service_of(url: str) -> Service:
    """Return what the service at an address takes.

    Raises
    ------
    ServiceError
        If the address leads to none, or Apprise is not installed.
    """
    plugin, heard = _opened(url)
    body, title = int(plugin.body_maxlen), int(plugin.title_maxlen)
    if plugin.overflow_amalgamate_title:
        body -= min(title, body // 4)
    if getattr(plugin, "use_blocks", False):
        body = min(body, _SLACK_BLOCK)
    return Service(
        str(plugin.service_name),
        plugin.resolve_format(None).value,
        body,
        max(title, 0),
        int(plugin.body_max_line_count),
        all(each.level < logging.WARNING for each in heard),
    )


def open_plugin(url: str) -> Any:
    """Return Apprise's plugin for an address, as new: it has no memory of earlier messages.

    Raises
    ------
    ServiceError
        As `service_of`.
    """
    return _opened(url)[0]


def _opened(url: str) -> tuple[Any, list[Heard]]:
    """Return the plugin, and what was logged when it read the address."""
    apprise = _apprise()
    scheme = scheme_of(url)
    if not scheme:
        raise ServiceError(
            "is none", "begin it with the service's name, such as mailto:// or slack://"
        )
    with listening() as heard:
        plugin = apprise.Apprise.instantiate(url, asset=_asset(apprise, url))
    if plugin is not None:
        _refuse_nobody(plugin)
        return plugin, heard
    if any("disabled" in each.text for each in heard):
        raise ServiceError(
            f"begins with {scheme}://, for which Apprise needs another package",
            f"install what Apprise's documentation names for {scheme}://",
        )
    if scheme in apprise.manager_plugins.NotificationManager():
        raise ServiceError(
            f"is not what {scheme}:// needs",
            f"compare it with Apprise's documentation of {scheme}://",
        )
    raise ServiceError(
        f"begins with {scheme}://, which is no service that Apprise knows",
        "use an address as Apprise writes it, such as mailto://, slack:// or tgram://",
    )


def _refuse_nobody(plugin: Any) -> None:
    """Refuse a bot of Telegram's without a chat: Apprise would write to who wrote to it first."""
    if hasattr(plugin, "detect_owner") and not plugin.targets:
        raise ServiceError(
            "names no chat",
            "add the chat's id behind the token, as in tgram://TOKEN/CHAT",
        )


def listening() -> contextlib.AbstractContextManager[list[Heard]]:
    """Collect what Apprise logs in this thread during a block; nobody else sees it."""
    return _ear.listening()


def _apprise() -> Any:
    logger = logging.getLogger(_LOGGER)
    if _ear not in logger.handlers:
        logger.propagate = False
        logger.setLevel(logging.DEBUG)
        logger.addHandler(_ear)
    try:
        import apprise
        import apprise.manager_plugins
    except ImportError:
        raise ServiceError(
            "needs the package apprise, which is not installed",
            "install the bot with its extra, bgs-bot[channels]",
        ) from None
    return apprise


def _asset(apprise: Any, url: str) -> Any:
    """Return Apprise's settings: nothing on disk, and no address beyond the one given.

    Apprise's own pictures lie on a server of others, and everybody who sees a
    message would load them from there; so they need to be asked for.
    """
    pictures = {} if _PICTURE.search(url) else {"image_url_mask": "", "image_url_logo": ""}
    return apprise.AppriseAsset(
        app_id="bgs-bot",
        app_desc="bgs-bot",
        app_url="",
        storage_mode="memory",
        interpret_emojis=False,
        interpret_escapes=False,
        http_redirects=False,
        payload_max_size=0,
        **pictures,
    )
