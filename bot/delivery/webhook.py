"""Sends messages to Discord webhooks, one request per attempt."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from yarl import URL

from bot.delivery.answers import (
    clean,
    describe,
    exhausted_for,
    outcome_of,
    parse_json,
    text_field,
)
from bot.delivery.outcomes import UNKNOWN_WEBHOOK, InDoubt, Lost, NotSent, RateLimited, Scope, Sent
from bot.delivery.rate_limits import RateLimits
from bot.delivery.transport import Attempt, RequestError, Transport
from bot.errors import BotError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from bot.delivery.outcomes import Outcome
    from bot.delivery.transport import Answer
    from bot.tenants import WebhookUrl

_MAX_WAIT = 60.0
_ERROR_BYTES = 1_048_576
_READ_BYTES = 33_554_432
_READ_TRIES = 3
_READ_TIMEOUT = 10.0


class ReadError(BotError):
    """Discord did not give what was asked for.

    Parameters
    ----------
    detail
        Why, on one line, without addresses and tokens.
    status
        HTTP status; None where there was no answer.
    code
        Discord's own error code, if any.
    transient
        Whether the same question may be answered later.
    """

    def __init__(
        self,
        detail: str,
        *,
        status: int | None = None,
        code: int | None = None,
        transient: bool = False,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.code = code
        self.transient = transient


@dataclass(frozen=True, slots=True)
class _Question:
    key: str
    url: URL
    secrets: tuple[str, ...]
    authorization: str | None = None


class WebhookClient:
    """Sends to webhooks in order, within the limits that the answers tell.

    One client serves one event loop; it opens its connections when they are
    first needed. Use it as an asynchronous context manager, or `close` it.

    Parameters
    ----------
    limits
        The limits of this address; clients of one loop may share them.
    clock
        Monotonic seconds.
    sleep
        Waits for seconds of that clock.
    """

    def __init__(
        self,
        *,
        limits: RateLimits | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._sleep = sleep
        self._limits = limits or RateLimits(clock=clock, sleep=sleep)
        self._transport = Transport()

    async def __aenter__(self) -> WebhookClient:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._transport.close()

    async def send(
        self,
        webhook: WebhookUrl,
        payload: Mapping[str, Any],
        *,
        thread_id: str | None = None,
        timeout: float,  # noqa: ASYNC109  # ends the request, and its outcome is told
        before_write: Callable[[], Awaitable[bool]],
        max_wait: float = _MAX_WAIT,
    ) -> Outcome:
        """Send one message with at most one request.

        Waits for the webhook's turn and limits, connects, asks
        ``before_write`` and only then writes.

        Parameters
        ----------
        payload
            The request's JSON body.
        thread_id
            The thread to post to.
        timeout
            Seconds from the writing of the request to the end of its answer;
            connecting has as many of its own.
        before_write
            Says whether the message may still be sent; what it raises comes
            out of here, and nothing is sent then.
        max_wait
            Seconds to wait for limits. Where it would take longer, the
            outcome is `RateLimited` at once and nothing is sent.
        """
        async with self._limits.admit(webhook.fingerprint, max_wait) as hold:
            if hold is not None:
                return RateLimited(hold.seconds, hold.scope, asked=False)
            attempt = Attempt(timeout, before_write)
            url = _webhook_url(webhook, thread_id).update_query(wait="true")
            try:
                answer = await self._transport.request(
                    "POST", url, attempt, payload=payload, max_body=_ERROR_BYTES
                )
            except RequestError as failure:
                return _unanswered(failure, webhook)
            outcome = outcome_of(
                answer.status, answer.headers, answer.body, secrets=(webhook.url, webhook.token)
            )
            self._learn(webhook.fingerprint, answer, outcome)
            if isinstance(outcome, Sent) and outcome.channel_id:
                self._learn_channel(webhook, outcome.channel_id, payload, thread_id)
            return outcome

    def _learn_channel(
        self,
        webhook: WebhookUrl,
        channel_id: str,
        payload: Mapping[str, Any],
        thread_id: str | None,
    ) -> None:
        # In a thread or forum, the answer names the thread and not the channel.
        if thread_id is None and not payload.get("thread_name"):
            self._limits.learn_channel(webhook.fingerprint, channel_id)

    def _learn(self, key: str, answer: Answer, outcome: Outcome) -> None:
        wait = exhausted_for(answer.headers)
        if wait is not None:
            self._limits.pause(key, Scope.WEBHOOK, wait)
        if isinstance(outcome, RateLimited):
            self._limits.pause(key, outcome.scope, outcome.retry_after)

    async def info(self, webhook: WebhookUrl, *, max_wait: float = _MAX_WAIT) -> dict[str, Any]:
        """Return what Discord says of a webhook: its channel, guild and name.

        Raises
        ------
        ReadError
            If it says nothing, or nothing good.
        """
        found = await self._ask(
            _Question(f"read:{webhook.fingerprint}", URL(webhook.url), _secrets(webhook)), max_wait
        )
        if not isinstance(found, dict):
            raise ReadError("the answer is no webhook", status=200)
        channel = text_field(found, "channel_id")
        if channel is not None:
            self._limits.learn_channel(webhook.fingerprint, channel)
        return found

    async def fetch_message(
        self,
        webhook: WebhookUrl,
        message_id: str,
        thread_id: str | None = None,
        *,
        max_wait: float = _MAX_WAIT,
    ) -> dict[str, Any] | None:
        """Return a message of this webhook; None if it has no such message.

        Raises
        ------
        ReadError
            If it cannot be told.
        """
        url = _webhook_url(webhook, thread_id)
        url = (url / "messages" / message_id).with_query(url.query)
        question = _Question(f"read:{webhook.fingerprint}", url, _secrets(webhook))
        try:
            found = await self._ask(question, max_wait)
        except ReadError as error:
            if error.status == 404 and error.code != UNKNOWN_WEBHOOK:
                return None
            raise
        if not isinstance(found, dict):
            raise ReadError("the answer is no message", status=200)
        return found

    async def fetch(
        self,
        url: str,
        token: str,
        params: Mapping[str, str] | None = None,
        *,
        max_wait: float = _MAX_WAIT,
    ) -> object:
        """Return the JSON value at an address of Discord's API, asked as the bot.

        Parameters
        ----------
        token
            The bot's token.

        Raises
        ------
        ReadError
            If there is none.
        """
        address = URL(url)
        question = _Question("bot", address.update_query(params or {}), (token,), f"Bot {token}")
        return await self._ask(question, max_wait)

    async def _ask(self, question: _Question, max_wait: float) -> object:
        failure = ReadError("not asked", transient=True)
        for number in range(_READ_TRIES):
            if number and failure.status != 429:
                await self._sleep(0.5 * 2**number)
            async with self._limits.admit(question.key, max_wait) as hold:
                if hold is not None:
                    raise ReadError(
                        f"rate limited for {hold.seconds:.0f} s", status=429, transient=True
                    )
                try:
                    return await self._ask_once(question)
                except ReadError as error:
                    if not error.transient:
                        raise
                    failure = error
        raise failure

    async def _ask_once(self, question: _Question) -> object:
        try:
            answer = await self._transport.request(
                "GET",
                question.url,
                Attempt(_READ_TIMEOUT),
                authorization=question.authorization,
                max_body=_READ_BYTES,
            )
        except RequestError as failure:
            raise ReadError(failure.reason, transient=True) from None
        outcome = outcome_of(answer.status, answer.headers, answer.body)
        self._learn(question.key, answer, outcome)
        body = parse_json(answer.body) if answer.body is not None else None
        if isinstance(outcome, Sent):
            if body is None:
                raise ReadError("the answer is not legible", status=answer.status, transient=True)
            return body
        code, reason = describe(body, question.secrets)
        detail = f"HTTP {answer.status}: {reason}"
        transient = isinstance(outcome, (RateLimited, NotSent, InDoubt))
        raise ReadError(detail, status=answer.status, code=code, transient=transient)


def _secrets(webhook: WebhookUrl) -> tuple[str, ...]:
    return webhook.url, webhook.token


def _webhook_url(webhook: WebhookUrl, thread_id: str | None) -> URL:
    url = URL(webhook.url)
    return url.update_query(thread_id=thread_id) if thread_id else url


def _unanswered(failure: RequestError, webhook: WebhookUrl) -> Outcome:
    if failure.lost:
        return Lost()
    if failure.written:
        return InDoubt(failure.reason)
    return NotSent(clean(f"{webhook.host}: {failure.reason}"))
