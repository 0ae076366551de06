"""The bot's own messages in channels, without an interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox import replies
from bot.sandbox.drafts import Draft
from bot.sandbox.intake import take_in
from bot.sandbox.people import (
    ATTACH_FILES,
    READ_MESSAGE_HISTORY,
    SEND_MESSAGES,
    SEND_MESSAGES_IN_THREADS,
    user_body,
)
from bot.sandbox.places import bot_may
from bot.sandbox.references import reference_facts
from bot.sandbox.replies import API, Refused, reply
from bot.sandbox.rules.messages import EDIT, NEW_MESSAGE, message_refusal
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.sandbox.attachments import Upload
    from bot.sandbox.bot_api import BotApi
    from bot.sandbox.intake import Intake
    from bot.sandbox.people import User
    from bot.sandbox.world import Channel, StoredMessage

MISSING_PERMISSIONS = error(50013, "Missing Permissions")
_NOT_YOURS = error(50005, "Cannot edit a message authored by another user")
_NO_TEXT_CHANNEL = error(50008, "Cannot send messages in a non-text channel")
_NONCE_SECONDS = 300.0


class ChannelMessages:
    """Serves the messages of channels to the bot."""

    def __init__(self, api: BotApi, bot: User, clock: Callable[[], float]) -> None:
        self._api = api
        self._world = api.world
        self._bot = bot
        self._clock = clock
        self._nonces: dict[tuple[str, str], tuple[float, StoredMessage]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        messages = API + "/channels/{channel_id}/messages"
        return [
            web.post(messages, self._create),
            web.get(messages + "/{message_id}", self._show),
            web.patch(messages + "/{message_id}", self._edit),
            web.delete(messages + "/{message_id}", self._delete),
        ]

    async def _create(self, request: web.Request) -> web.Response:
        intake = await take_in(request)
        channel = self._api.channel(request)
        in_thread = channel.kind == "thread"
        self._need(channel, SEND_MESSAGES_IN_THREADS if in_thread else SEND_MESSAGES)
        if channel.kind == "forum":
            raise Refused(400, _NO_TEXT_CHANNEL)
        payload, uploads = self._judged(intake, channel, NEW_MESSAGE)
        nonce = str(payload["nonce"]) if payload.get("nonce") is not None else None
        key = (channel.id, nonce or "")
        if nonce is not None and payload.get("enforce_nonce"):
            at, earlier = self._nonces.get(key, (0.0, None))
            if earlier is not None and self._clock() - at < _NONCE_SECONDS:
                return reply(200, {**earlier.body, "nonce": nonce})
        extra = reference_facts(self._world, channel, payload.get("message_reference"))
        if nonce is not None:
            extra["nonce"] = nonce
        message = self._world.store(
            Draft(
                channel.id,
                user_body(self._bot),
                payload,
                self._clock(),
                uploads,
                own=True,
                extra=extra,
            )
        )
        if nonce is not None:
            self._nonces[key] = (self._clock(), message)
        return reply(200, message.body)

    def _need(self, channel: Channel, permission: int) -> None:
        if not bot_may(self._world, channel, permission):
            raise Refused(403, MISSING_PERMISSIONS)

    def _judged(
        self,
        intake: Intake,
        channel: Channel,
        flags: int,
        before: Mapping[str, Any] | None = None,
    ) -> tuple[dict[str, Any], list[Upload]]:
        """Return what a request brings; refuse what Discord would not take."""
        payload, uploads = intake.mapping(), intake.files()
        if uploads:
            self._need(channel, ATTACH_FILES)
        problem = message_refusal(payload, uploads, flags=flags, before=before)
        if problem is not None:
            raise Refused(400, problem)
        return payload, uploads

    def _message(self, request: web.Request) -> tuple[Channel, StoredMessage]:
        channel = self._api.channel(request)
        for message in self._world.in_channel(channel.id):
            if message.id == request.match_info["message_id"]:
                return channel, message
        raise Refused(404, replies.UNKNOWN_MESSAGE)

    async def _show(self, request: web.Request) -> web.Response:
        if not bot_may(self._world, self._api.channel(request), READ_MESSAGE_HISTORY):
            raise Refused(403, replies.MISSING_ACCESS)
        return reply(200, self._api.shown(self._message(request)[1]))

    async def _edit(self, request: web.Request) -> web.Response:
        intake = await take_in(request)
        channel, message = self._message(request)
        if not message.own:
            raise Refused(403, _NOT_YOURS)
        payload, uploads = self._judged(intake, channel, EDIT, message.body)
        self._world.edit(message, payload, uploads)
        return reply(200, message.body)

    async def _delete(self, request: web.Request) -> web.Response:
        _, message = self._message(request)
        if not message.own:
            raise Refused(403, MISSING_PERMISSIONS)
        self._world.delete(message)
        return reply(204)
