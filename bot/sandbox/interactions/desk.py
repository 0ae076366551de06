"""Takes what users do to the bot, and finds it again when the bot answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox import replies
from bot.sandbox.interactions.payloads import event_of
from bot.sandbox.interactions.records import (
    ANSWER_SECONDS,
    TOKEN_SECONDS,
    Interaction,
)
from bot.sandbox.replies import Refused
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.gateway.hub import Gateway
    from bot.sandbox.interactions.records import Answer
    from bot.sandbox.people import User
    from bot.sandbox.world import World

UNKNOWN_INTERACTION = error(10062, "Unknown interaction")
ALREADY_ACKNOWLEDGED = error(40060, "Interaction has already been acknowledged.")


class Desk:
    """Keeps the interactions.

    Attributes
    ----------
    interactions
        All of them by id, in order.
    """

    def __init__(
        self, world: World, gateway: Gateway, bot: User, clock: Callable[[], float]
    ) -> None:
        self.interactions: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self._world = world
        self._gateway = gateway
        self._bot = bot
        self._clock = clock

    def open(self, **facts: Any) -> Interaction:
        """Tell the bot of an interaction; ``facts`` are fields of `Interaction`."""
        interaction = Interaction(self._world.snowflake(), created=self._clock(), **facts)
        self.interactions[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        event = event_of(interaction, self._world, self._bot.id)
        self._gateway.dispatch("INTERACTION_CREATE", event, interaction.guild.id)
        return interaction

    def for_callback(self, interaction_id: str, token: str) -> Interaction:
        """Return an interaction that waits for its first answer."""
        interaction = self.interactions.get(interaction_id)
        if interaction is None or interaction.token != token:
            raise Refused(404, UNKNOWN_INTERACTION)
        if interaction.answer is not None:
            raise Refused(400, ALREADY_ACKNOWLEDGED)
        late = self._clock() - interaction.created > ANSWER_SECONDS
        if late or interaction.expired:
            raise Refused(404, UNKNOWN_INTERACTION)
        return interaction

    def acknowledge(self, interaction: Interaction, answer: Answer) -> None:
        """Note the first answer."""
        interaction.answer = answer
        interaction.acknowledged_after = self._clock() - interaction.created
        interaction.note_change()

    def for_webhook(self, token: str) -> Interaction:
        """Return an interaction that was answered and is still good."""
        interaction = self._by_token.get(token)
        if interaction is None or interaction.answer is None:
            raise Refused(404, replies.UNKNOWN_WEBHOOK)
        if self._clock() - interaction.created > TOKEN_SECONDS:
            raise Refused(401, replies.INVALID_TOKEN)
        return interaction
