"""What a webhook that no application owns may send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.replies import Refused
from bot.sandbox.rules.components import ignored_component_problems, webhook_component_problems
from bot.sandbox.rules.messages import EDIT, NEW_MESSAGE, message_refusal
from bot.sandbox.validation import error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.intake import Intake

_SAY_YES = ("true", "1")


def webhook_message(
    intake: Intake, query: Mapping[str, str], before: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the message that a request brings; refuse one that Discord would not take.

    Parameters
    ----------
    before
        The body of the message that is edited.
    """
    payload = intake.mapping()
    problems = list(ignored_component_problems(payload.get("components")))
    if problems:
        raise Refused(400, error(50035, "Invalid Form Body", problems))
    problem = message_refusal(
        heeded(query, payload),
        intake.files(),
        flags=NEW_MESSAGE if before is None else EDIT,
        before=before,
        judge=webhook_component_problems,
    )
    if problem is not None:
        raise Refused(400, problem)
    return payload


def heeded(query: Mapping[str, str], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message without its components, unless it was asked to show them."""
    if query.get("with_components", "").lower() in _SAY_YES:
        return dict(payload)
    return {key: value for key, value in payload.items() if key != "components"}
