"""Looks whether a message in doubt has arrived after all.

The bot's list of a channel's messages tells ids and webhooks but, without
the message content intent, no texts; the webhook itself can read its own
messages whole. So the list gives the candidates and the webhook reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.delivery.answers import text_field
from bot.delivery.matching import essence, same, tells
from bot.delivery.webhook import ReadError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from bot.delivery.webhook import WebhookClient
    from bot.tenants import WebhookUrl

    Known = Callable[[Sequence[str]], Awaitable[set[str]]]

_PAGE = 100
_PAGES = 30
_CANDIDATES = 200
_THREADS = 50
# The sender's clock and Discord's may differ.
_SLACK = timedelta(minutes=15)
_MAX_WAIT = 30.0
_DISCORD_EPOCH_MS = 1_420_070_400_000
_FORBIDDEN = frozenset({401, 403, 404})
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """The message is there.

    Attributes
    ----------
    thread_id
        The thread it is in, also where it opened that thread itself.
    """

    message_id: str
    thread_id: str | None = None


@dataclass(frozen=True, slots=True)
class NotFound:
    """The message is not there; it may be sent again."""


@dataclass(frozen=True, slots=True)
class CannotLook:
    """Nobody here may look, now or later."""

    reason: str


@dataclass(frozen=True, slots=True)
class LookFailed:
    """Looking failed for now; look again before anything is sent."""

    reason: str


Look = Found | NotFound | CannotLook | LookFailed


class _OutOfSightError(Exception):
    """There is more than can be looked at, or no right to look."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where messages are listed, and how the webhook reads them there."""

    channel_id: str
    thread_id: str | None = None


class Lookup:
    """Looks for messages, with a bot's token and the webhook's own address.

    Parameters
    ----------
    api_base
        Base address of Discord's API, version included.
    token
        The bot's token.
    client
        Asks the questions, within the limits it knows.
    """

    def __init__(self, api_base: str, token: str, client: WebhookClient) -> None:
        self._api_base = api_base.rstrip("/")
        self._token = token
        self._client = client
        self._refused: ReadError | None = None

    async def find(
        self,
        webhook: WebhookUrl,
        payload: Mapping[str, Any],
        *,
        since: datetime,
        thread_id: str | None = None,
        known: Known,
    ) -> Look:
        """Look for a message that was perhaps sent.

        Never raises for what the servers answer.

        Parameters
        ----------
        payload
            The request's body, as stored.
        since
            When it was first sent, at the earliest.
        thread_id
            The thread it was sent to. Without one, a payload with a
            ``thread_name`` has opened a thread of a forum.
        known
            Returns those of the given message ids that are some other part's.
        """
        start = since - _SLACK
        try:
            info = await self._client.info(webhook, max_wait=_MAX_WAIT)
            channel_id = text_field(info, "channel_id")
            if channel_id is None:
                return CannotLook("the webhook does not tell its channel")
            if thread_id is None and payload.get("thread_name"):
                guild_id = text_field(info, "guild_id") or await self._guild_of(channel_id)
                return await self._find_post(webhook, payload, (guild_id, channel_id), start, known)
            place = _Place(thread_id or channel_id, thread_id)
            return await self._find_in(webhook, payload, place, start, known) or NotFound()
        except _OutOfSightError as error:
            return CannotLook(str(error))
        except ReadError as error:
            if error.transient:
                return LookFailed(error.detail)
            return CannotLook(error.detail)

    async def _get(self, path: str, **params: str) -> object:
        if self._refused is not None:
            raise self._refused
        try:
            return await self._client.fetch(
                self._api_base + path, self._token, params, max_wait=_MAX_WAIT
            )
        except ReadError as error:
            # Ten thousand answers of 401 ban the address; one tells enough.
            if error.status == 401:
                self._refused = error
            raise

    async def _guild_of(self, channel_id: str) -> str:
        guild_id = text_field(await self._get(f"/channels/{channel_id}"), "guild_id")
        if guild_id is None:
            raise _OutOfSightError("the webhook does not tell its guild")
        return guild_id

    async def _find_in(
        self,
        webhook: WebhookUrl,
        payload: Mapping[str, Any],
        place: _Place,
        start: datetime,
        known: Known,
    ) -> Found | None:
        ours = {
            message_id: message
            for message in await self._messages(place, start)
            if _may_be_ours(message, webhook, payload, start)
            and _ID.fullmatch(message_id := text_field(message, "id") or "")
        }
        taken = await known(list(ours)) if ours else set()
        candidates = [message_id for message_id in ours if message_id not in taken]
        if len(candidates) > _CANDIDATES:
            raise _OutOfSightError("the webhook has too many messages of other programs")
        for message_id in reversed(candidates):
            if tells(ours[message_id]) and same(payload, ours[message_id]):
                return Found(message_id, place.thread_id)
            stored = await self._client.fetch_message(
                webhook, message_id, place.thread_id, max_wait=_MAX_WAIT
            )
            if stored is not None and same(payload, stored):
                return Found(message_id, place.thread_id)
        return None

    async def _messages(self, place: _Place, start: datetime) -> list[dict[str, Any]]:
        """Return the messages since ``start``, newest first."""
        path = f"/channels/{place.channel_id}/messages"
        messages: dict[str, dict[str, Any]] = {}
        before: dict[str, str] = {}
        for _ in range(_PAGES):
            page = _by_age(await self._get(path, limit=str(_PAGE), **before))
            fresh = {key: message for key, message in page if key not in messages}
            if not fresh:
                break
            messages |= fresh
            oldest_id, oldest = page[-1]
            sent_at = _moment(oldest)
            if sent_at is not None and sent_at < start:
                break
            before = {"before": oldest_id}
        else:
            raise _OutOfSightError("too many messages since then")
        if not messages:
            await self._make_sure_of_history(place)
        return list(messages.values())

    async def _make_sure_of_history(self, place: _Place) -> None:
        # Without the right to read the history, the list is empty, not refused.
        try:
            channel = await self._get(f"/channels/{place.channel_id}")
        except ReadError as error:
            if error.transient:
                raise
            return
        if text_field(channel, "last_message_id") is not None:
            raise _OutOfSightError("the bot may not read the channel's history")

    async def _find_post(
        self,
        webhook: WebhookUrl,
        payload: Mapping[str, Any],
        forum: tuple[str, str],
        start: datetime,
        known: Known,
    ) -> Look:
        """Look for the thread that the message has opened in a forum."""
        guild_id, channel_id = forum
        active = await self._get(f"/guilds/{guild_id}/threads/active")
        archived = await self._archived(channel_id)
        threads = [
            thread
            for thread in (*_threads(active), *archived)
            if text_field(thread, "parent_id") == channel_id
            and ((born := _born(thread)) is None or born >= start)
        ]
        if len(threads) > _THREADS:
            return CannotLook("the forum has too many new posts")
        name = essence(payload.get("thread_name"))
        threads.sort(key=lambda thread: essence(thread.get("name")) != name)
        for thread in threads:
            thread_id = str(thread["id"])
            found = await self._first_message(webhook, payload, thread_id, known)
            found = found or await self._find_in(
                webhook, payload, _Place(thread_id, thread_id), start, known
            )
            if found is not None:
                return found
        return NotFound()

    async def _first_message(
        self, webhook: WebhookUrl, payload: Mapping[str, Any], thread_id: str, known: Known
    ) -> Found | None:
        """Look at the message that opened a thread; it bears the thread's id."""
        if await known([thread_id]):
            return None
        stored = await self._client.fetch_message(webhook, thread_id, thread_id, max_wait=_MAX_WAIT)
        if stored is not None and same(payload, stored):
            return Found(thread_id, thread_id)
        return None

    async def _archived(self, channel_id: str) -> Iterable[dict[str, Any]]:
        try:
            return _threads(await self._get(f"/channels/{channel_id}/threads/archived/public"))
        except ReadError as error:
            if error.status in _FORBIDDEN:
                return ()
            raise


def _may_be_ours(
    message: Mapping[str, Any], webhook: WebhookUrl, payload: Mapping[str, Any], start: datetime
) -> bool:
    """Whether the webhook may have sent a message since; not every server tells which did."""
    sent_at = _moment(message)
    if sent_at is not None and sent_at < start:
        return False
    if "webhook_id" in message:
        return text_field(message, "webhook_id") == webhook.id
    return tells(message) and same(payload, message)


def _by_age(page: object) -> list[tuple[str, dict[str, Any]]]:
    """Return the messages of a page by id, newest first as far as they tell."""
    if page is None:
        page = []
    if not isinstance(page, list):
        raise ReadError("the answer is no list of messages", status=200)
    messages = [
        (message_id, message)
        for message in page
        if isinstance(message, dict) and (message_id := text_field(message, "id")) is not None
    ]
    epoch = datetime.fromtimestamp(0, UTC)
    messages.sort(key=lambda entry: _moment(entry[1]) or epoch, reverse=True)
    return messages


def _threads(answer: object) -> list[dict[str, Any]]:
    threads = answer.get("threads") if isinstance(answer, dict) else None
    return [
        thread
        for thread in (threads if isinstance(threads, list) else ())
        if isinstance(thread, dict) and _ID.fullmatch(text_field(thread, "id") or "")
    ]


def _time(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _snowflake_time(text: str | None) -> datetime | None:
    """Return when an id of Discord's was made; None for ids of another kind."""
    if text is None or not text.isdecimal() or not 15 <= len(text) <= 20:
        return None
    milliseconds = (int(text) >> 22) + _DISCORD_EPOCH_MS
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _moment(message: Mapping[str, Any]) -> datetime | None:
    return _time(message.get("timestamp")) or _snowflake_time(text_field(message, "id"))


def _born(thread: Mapping[str, Any]) -> datetime | None:
    facts = thread.get("thread_metadata")
    made = _time(facts.get("create_timestamp")) if isinstance(facts, dict) else None
    return made or _snowflake_time(text_field(thread, "id"))
