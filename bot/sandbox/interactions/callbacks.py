"""The first answer to an interaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.sandbox.bodies import EPHEMERAL, stored_components
from bot.sandbox.drafts import Draft
from bot.sandbox.intake import take_in
from bot.sandbox.interactions.payloads import answer_facts
from bot.sandbox.interactions.records import Answer, Interaction
from bot.sandbox.people import user_body
from bot.sandbox.replies import API, Refused, reply
from bot.sandbox.rules.choices import choice_problems
from bot.sandbox.rules.fields import is_int
from bot.sandbox.rules.messages import EDIT, NEW_ANSWER, message_refusal
from bot.sandbox.rules.modals import modal_problems
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.attachments import Upload
    from bot.sandbox.interactions.desk import Desk
    from bot.sandbox.people import User
    from bot.sandbox.world import StoredMessage, World

CALLBACK = API + "/interactions/{interaction_id}/{interaction_token}/callback"
_STRING = 3
_YES = ("1", "true")


class Callbacks:
    """Takes first answers."""

    def __init__(self, world: World, desk: Desk, bot: User, clock: Callable[[], float]) -> None:
        self._world = world
        self._desk = desk
        self._bot = bot
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return what is served."""
        return [web.post(CALLBACK, self._take)]

    async def _take(self, request: web.Request) -> web.Response:
        intake = await take_in(request)
        facts = request.match_info
        interaction = self._desk.for_callback(facts["interaction_id"], facts["interaction_token"])
        payload = intake.mapping()
        answer = _answer_of(interaction, payload)
        self._act(interaction, answer, _data_of(payload), intake.files())
        self._desk.acknowledge(interaction, answer)
        if request.query.get("with_response", "").lower() not in _YES:
            return reply(204)
        return reply(200, _told(interaction))

    def _act(
        self,
        interaction: Interaction,
        answer: Answer,
        data: dict[str, Any],
        uploads: list[Upload],
    ) -> None:
        match answer:
            case Answer.MESSAGE | Answer.DEFERRED:
                self._write(interaction, answer, data, uploads)
            case Answer.UPDATE | Answer.DEFERRED_UPDATE:
                interaction.original = interaction.message
                if answer is Answer.UPDATE and interaction.message is not None:
                    self._update(interaction.message, data, uploads)
                    interaction.edits += 1
            case Answer.CHOICES:
                kind, choices = _focused_type(interaction.data), data.get("choices")
                if choices is not None:
                    _refuse(list(choice_problems(choices, ("data", "choices"), kind)))
                interaction.choices = list(choices or ())
            case Answer.MODAL:
                _refuse(list(modal_problems(data)))
                rows = stored_components(data["components"])
                interaction.modal = {**data, "components": rows}
            case Answer.PONG:
                pass

    def _write(
        self,
        interaction: Interaction,
        answer: Answer,
        data: dict[str, Any],
        uploads: list[Upload],
    ) -> None:
        thinking = answer is Answer.DEFERRED
        flags = data.get("flags") or 0
        if thinking:
            if not is_int(flags) or flags & ~NEW_ANSWER:
                _refuse([(("data", "flags"), "MESSAGE_FLAGS_INVALID", "Unknown flags.")])
        else:
            _refuse_message(message_refusal(data, uploads, flags=NEW_ANSWER))
        interaction.original = self._world.store(
            Draft(
                interaction.channel.id,
                user_body(self._bot),
                {"flags": flags} if thinking else data,
                self._clock(),
                () if thinking else uploads,
                webhook_id=self._bot.id,
                own=True,
                ephemeral_for=interaction.user.id if flags & EPHEMERAL else None,
                thinking=thinking,
                interaction_id=interaction.id,
                extra={"application_id": self._bot.id, **answer_facts(interaction)},
            )
        )

    def _update(self, message: StoredMessage, data: dict[str, Any], uploads: list[Upload]) -> None:
        _refuse_message(message_refusal(data, uploads, flags=EDIT, before=message.body))
        self._world.edit(message, data, uploads)


def _answer_of(interaction: Interaction, payload: dict[str, Any]) -> Answer:
    allowed = interaction.first_answers
    kind = payload.get("type")
    if is_int(kind) and kind in list(allowed):
        return Answer(kind)
    names = ", ".join(str(int(answer)) for answer in allowed)
    if kind is None:
        _refuse([(("type",), "BASE_TYPE_REQUIRED", "This field is required")])
    words = f"Value must be one of {{{names}}}."
    raise Refused(400, error(50035, "Invalid Form Body", [(("type",), "BASE_TYPE_CHOICES", words)]))


def _data_of(payload: dict[str, Any]) -> dict[str, Any]:
    data = payload.get("data")
    if data is None:
        return {}
    if not isinstance(data, dict):
        words = "Only dictionaries may be used in a DictType"
        _refuse([(("data",), "DICT_TYPE_CONVERT", words)])
    found: dict[str, Any] = data
    return found


def _refuse(problems: list[Any]) -> None:
    if problems:
        raise Refused(400, error(50035, "Invalid Form Body", problems))


def _refuse_message(problem: dict[str, Any] | None) -> None:
    """Refuse a message; its fields lie under ``data`` here."""
    if problem is not None and "errors" in problem:
        raise Refused(400, {**problem, "errors": {"data": problem["errors"]}})
    if problem is not None:
        raise Refused(400, problem)


def _focused_type(data: dict[str, Any]) -> int:
    for option in data.get("options") or ():
        if option.get("focused"):
            return int(option["type"])
        if option.get("options"):
            return _focused_type(option)
    return _STRING


def _told(interaction: Interaction) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": interaction.id,
        "type": int(interaction.kind),
        "channel_id": interaction.channel.id,
        "guild_id": interaction.guild.id,
    }
    original = interaction.original
    if original is not None:
        told["response_message_id"] = original.id
        told["response_message_loading"] = original.thinking
        told["response_message_ephemeral"] = original.ephemeral_for is not None
    resource: dict[str, Any] | None = None
    if original is not None and interaction.answer in (Answer.MESSAGE, Answer.UPDATE):
        resource = {"type": int(interaction.answer), "message": original.body}
    return (
        {"interaction": told} if resource is None else {"interaction": told, "resource": resource}
    )
