"""What the bot does with an interaction after its first answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox import replies
from bot.sandbox.bodies import EPHEMERAL
from bot.sandbox.drafts import Draft
from bot.sandbox.intake import take_in
from bot.sandbox.interactions.payloads import metadata_of
from bot.sandbox.interactions.records import Answer
from bot.sandbox.people import user_body
from bot.sandbox.replies import Refused, reply
from bot.sandbox.rules.messages import EDIT, NEW_ANSWER, message_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from bot.sandbox.interactions.desk import Desk
    from bot.sandbox.interactions.records import Interaction
    from bot.sandbox.people import User
    from bot.sandbox.world import StoredMessage, World

_REPLY = 19


class InteractionWebhook:
    """Serves the webhook that comes with an interaction's token."""

    def __init__(self, world: World, desk: Desk, bot: User, clock: Callable[[], float]) -> None:
        self._world = world
        self._desk = desk
        self._bot = bot
        self._clock = clock

    def owns(self, request: web.Request) -> bool:
        """Return whether a request is for the webhook of an interaction."""
        return request.match_info.get("webhook_id") == self._bot.id

    def _interaction(self, request: web.Request) -> Interaction:
        return self._desk.for_webhook(request.match_info["webhook_token"])

    async def follow_up(self, request: web.Request) -> web.Response:
        """Store a further message, or fill in the one that was deferred."""
        intake = await take_in(request)
        interaction = self._interaction(request)
        payload, uploads = intake.mapping(), intake.files()
        problem = message_refusal(payload, uploads, flags=NEW_ANSWER)
        if problem is not None:
            raise Refused(400, problem)
        if interaction.answer is Answer.DEFERRED and interaction.waiting and interaction.original:
            # Whatever its flags say: it is seen by those who see the note it replaces.
            message = interaction.original
            self._world.edit(message, payload, uploads)
        else:
            message = self._world.store(
                Draft(
                    interaction.channel.id,
                    user_body(self._bot),
                    payload,
                    self._clock(),
                    uploads,
                    webhook_id=self._bot.id,
                    own=True,
                    ephemeral_for=(
                        interaction.user.id if (payload.get("flags") or 0) & EPHEMERAL else None
                    ),
                    interaction_id=interaction.id,
                    extra=self._facts(interaction),
                )
            )
            interaction.followups.append(message)
        interaction.note_change()
        return reply(200, message.body)

    def _facts(self, interaction: Interaction) -> dict[str, object]:
        facts: dict[str, object] = {
            "application_id": self._bot.id,
            "interaction_metadata": metadata_of(interaction),
        }
        original = interaction.original
        if original is not None:
            facts["type"] = _REPLY
            facts["message_reference"] = {
                "type": 0,
                "channel_id": original.channel_id,
                "message_id": original.id,
                "guild_id": interaction.guild.id,
            }
        return facts

    def _message(self, request: web.Request) -> tuple[Interaction, StoredMessage]:
        interaction = self._interaction(request)
        message_id = request.match_info.get("message_id")
        own = [interaction.original] if interaction.original else []
        for message in [*own, *interaction.followups]:
            wanted = message_id is None or message.id == message_id
            if wanted and not message.deleted:
                return interaction, message
            if message_id is None:
                break
        raise Refused(404, replies.UNKNOWN_MESSAGE)

    async def show(self, request: web.Request) -> web.Response:
        """Show a message of the interaction."""
        return reply(200, self._message(request)[1].body)

    async def edit(self, request: web.Request) -> web.Response:
        """Change a message of the interaction; a deferred one is filled in."""
        intake = await take_in(request)
        interaction, message = self._message(request)
        payload, uploads = intake.mapping(), intake.files()
        flags = NEW_ANSWER if message.thinking else EDIT
        problem = message_refusal(payload, uploads, flags=flags, before=message.body)
        if problem is not None:
            raise Refused(400, problem)
        self._world.edit(message, payload, uploads)
        interaction.edits += 1
        interaction.note_change()
        return reply(200, message.body)

    async def delete(self, request: web.Request) -> web.Response:
        """Delete a message of the interaction."""
        interaction, message = self._message(request)
        self._world.delete(message)
        interaction.note_change()
        return reply(204)
