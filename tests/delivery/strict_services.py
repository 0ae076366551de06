"""Slack and Telegram, as strict as they are: what they would refuse, and what they would show.

After docs.slack.dev (incoming webhooks, formatting message text) and
core.telegram.org/bots/api (formatting options, sendMessage).
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.delivery.receivers import HttpService

if TYPE_CHECKING:
    from collections.abc import Mapping

SLACK, SLACK_BOT, TELEGRAM = "hooks.slack.com", "slack.com", "api.telegram.org"
_SLACK_LIMIT, _SLACK_SECTION, _SLACK_HEADER, _TELEGRAM_LIMIT = 40_000, 3000, 150, 4096
_SLACK_WORDS = {
    200: "ok",
    400: "invalid_payload",
    401: "not_authed",
    403: "invalid_token",
    404: "no_service",
    410: "channel_is_archived",
    429: "rate_limited",
    500: "rollup_error",
}
_TELEGRAM_WORDS = {
    400: "Bad Request: chat not found",
    401: "Unauthorized",
    403: "Forbidden: bot was kicked from the supergroup chat",
    404: "Not Found",
    410: "Gone",
    429: "Too Many Requests: retry after 7",
    500: "Internal Server Error",
}
_TELEGRAM_TAGS = frozenset({"b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"})
_CONTROL = re.compile(r"<[^>\n]*>")
_FENCED = re.compile(r"```\n.*?\n```", re.DOTALL)


class Slack(HttpService):
    """Slack's incoming webhooks."""

    def fault(self, content: dict[str, Any]) -> str | None:
        """Refuse what has no text, or more than a message may have."""
        texts = [each.get("text", "") for each in content.get("attachments", ())]
        if not "".join([content.get("text", ""), *texts]).strip():
            return "no_text"
        return "msg_too_long" if len("".join(texts)) > _SLACK_LIMIT else None

    def reply(self, status: int, fault: str = "") -> web.Response:
        """Answer in a word, as Slack's webhooks do."""
        headers = {"Retry-After": "7"} if status == 429 else {}
        return web.Response(
            status=status, text=fault or _SLACK_WORDS.get(status, ""), headers=headers
        )


class SlackBot(Slack):
    """Slack's bots: what is wrong is told with a status of success.

    Attributes
    ----------
    error
        What is wrong; empty where nothing is.
    """

    error = ""

    def fault(self, content: dict[str, Any]) -> str | None:
        """Refuse what a webhook would refuse, and sections that are too long."""
        for attachment in content["attachments"]:
            for block in attachment.get("blocks", ()):
                limit = _SLACK_HEADER if block["type"] == "header" else _SLACK_SECTION
                if len(block.get("text", {}).get("text", "")) > limit:
                    return "invalid_blocks"
        return None

    def reply(self, status: int, fault: str = "") -> web.Response:
        """Answer as Slack's web API does."""
        if status == 429:
            return super().reply(status)
        if error := fault or self.error:
            return web.json_response({"ok": False, "error": error})
        return web.json_response({"ok": True, "channel": "C1H9RESGL", "ts": "1503435956.000247"})


class SlackMessage:
    """A message as Slack shows it.

    Attributes
    ----------
    title
        Its first line.
    text
        What people read, code blocks included.
    loose
        What stands outside of code blocks, where signs have a meaning.
    controls
        What Slack would turn into mentions, links and dates.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        [attachment] = content["attachments"]
        raw = attachment["text"]
        self.title: str = unescape(attachment["title"])
        self.text = unescape(_FENCED.sub(lambda found: found[0][4:-4], raw))
        self.loose = _FENCED.sub("", raw).strip()
        self.controls: list[str] = _CONTROL.findall(raw + attachment["title"])


class Telegram(HttpService):
    """Telegram's bots."""

    def fault(self, content: dict[str, Any]) -> str | None:
        """Refuse what has no text, too much of it, or tags that Telegram does not know."""
        message = TelegramMessage(content["text"])
        if message.faults:
            return f"Bad Request: can't parse entities: {message.faults[0]}"
        if not message.text.strip():
            return "Bad Request: message text is empty"
        is_long = len(message.text.encode("utf-16-le")) // 2 > _TELEGRAM_LIMIT
        return "Bad Request: message is too long" if is_long else None

    def reply(self, status: int, fault: str = "") -> web.Response:
        """Answer as the bots' interface does."""
        if status == 200:
            return web.json_response({"ok": True, "result": {"message_id": len(self.received)}})
        words = fault or _TELEGRAM_WORDS.get(status, "")
        answer: dict[str, Any] = {"ok": False, "error_code": status, "description": words}
        if status == 429:
            answer["parameters"] = {"retry_after": 7}
        return web.json_response(answer, status=status)


class TelegramMessage(HTMLParser):
    """A message as Telegram reads it in its mode for HTML.

    Attributes
    ----------
    text
        What people read.
    loose
        What stands outside of ``pre``, where names, links and tags are looked for.
    faults
        Why it is refused.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = self.loose = ""
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"Can't find end tag corresponding to {tag}" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open a tag, if Telegram has it."""
        if tag not in _TELEGRAM_TAGS:
            self.faults.append(f'Unsupported start tag "{tag}"')
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that is open."""
        if not self._open or self._open.pop() != tag:
            self.faults.append(f'Unexpected end tag "{tag}"')

    def handle_comment(self, data: str) -> None:
        """Refuse what begins like a tag and is none."""
        self.faults.append("Unsupported start tag")

    def handle_data(self, data: str) -> None:
        """Take text."""
        self.text += data
        if "pre" not in self._open:
            self.loose += data
