"""What a webhook that no application owns may send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.bodies import stored_components
from bot.sandbox.replies import Refused
from bot.sandbox.rules.components import webhook_component_problems
from bot.sandbox.rules.messages import EDIT, NEW_MESSAGE, flag_problems
from bot.sandbox.validation import error, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.sandbox.intake import Intake


def webhook_message(intake: Intake, *, edit: bool = False) -> dict[str, Any]:
    """Return the message that a request brings; refuse one that Discord would not take."""
    payload = intake.json()
    problem = refusal(payload, edit=edit, filled=bool(intake.files()))
    if problem is not None:
        raise Refused(400, problem)
    problems = list(flag_problems(payload, EDIT if edit else NEW_MESSAGE))
    if problems:
        raise Refused(400, error(50035, "Invalid Form Body", problems))
    found: dict[str, Any] = payload
    return found


def webhook_components(query: Mapping[str, str], payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the components that its message shows: links, if it was asked for."""
    wanted = query.get("with_components", "").lower() in ("true", "1")
    if not wanted or not payload.get("components"):
        return {}
    problems = list(webhook_component_problems(payload["components"]))
    if problems:
        raise Refused(400, error(50035, "Invalid Form Body", problems))
    return {"components": stored_components(payload["components"])}
