"""What may be switched in the sandbox while it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

BOT_TOKEN = "sandbox-bot-token"  # noqa: S105  # good in the sandbox only


@dataclass(slots=True)
class Switches:
    """How the sandbox behaves.

    Attributes
    ----------
    bot_token
        The token with which channels may be read.
    limits
        Whether Discord's limits apply: 5 requests in 2 seconds for a webhook,
        30 in 60 seconds for a channel.
    accept_any
        Whether an unknown webhook is made when it is first used.
    content_intent
        Whether the lists of channels show texts.
    """

    bot_token: str = field(default=BOT_TOKEN, repr=False)
    limits: bool = True
    accept_any: bool = False
    content_intent: bool = False
