"""How /post looks: previews of every kind, and everything that may come of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from bot.delivery.ledger import DeliveryKey, Part, PartState
from bot.delivery.postings import Posting, Status
from bot.delivery.whereabouts import Nearby, Spot
from bot.periods import Period
from bot.tenants import Route
from bot.tenants.model import WebhookUrl
from bot.ui.errors import Refusal
from bot.ui.post_desk import Outcome
from bot.ui.post_order import Draft, Order
from bot.ui.post_screens import outcome_screen, preview_screen
from tests.rendering import judge
from tests.rendering.hostile import hostile_names

GUILD = 1_200_000_000_000_000_001
NOON = datetime(2025, 9, 12, 12, tzinfo=UTC)
ORDER = Order("daily", Period.YESTERDAY, NOON, frozenset({"discord:1"}))
EMBED: dict[str, Any] = {"embeds": [{"type": "rich", "title": "Daily", "color": 5}]}
SKIPPED, FAILED = Status.SKIPPED, Status.FAILED


def spot(channel_id: int = 77, **more: Any) -> Spot:
    """A route into the guild."""
    webhook = WebhookUrl("https://discord.com/api/webhooks/1/s3cret", "1", "s3cret", "discord.com")
    return Spot(Route("shoutout", webhook, **more), channel_id)


def part(state: PartState, number: int = 1, parts: int = 1, **more: Any) -> Part:
    """A part as the ledger may hold it."""
    facts: dict[str, Any] = dict.fromkeys(Part.__slots__)
    facts |= {
        "id": number,
        "key": DeliveryKey("wolves", "daily", "w", "request:a", "discord:1"),
        "part": number,
        "parts": parts,
        "state": state,
        "message_id": "99" if state is PartState.SENT else None,
        "updated_at": NOON,
    }
    return Part(**facts | more)


def outcome(*parts: Part, status: Status = Status.SENT, reason: str = "") -> Outcome:
    posting = Posting("wolves", "daily", "discord:1", "2025-09-11", status, reason)
    return Outcome(spot(), posting, parts)


def told(*outcomes: Outcome) -> str:
    """What is told of a post; it is fit to be sent."""
    content = outcome_screen(GUILD, ORDER, outcomes).content
    assert content is not None
    assert judge.faults({"content": content, "allowed_mentions": {"parse": []}}) == []
    return content


def draft(*posts: tuple[Spot, tuple[dict[str, Any], ...]], nearby: Nearby | None = None) -> Draft:
    return Draft(ORDER, "2025-09-11", posts, nearby or Nearby())


def test_a_preview_of_embeds_asks_above_them() -> None:
    screen = preview_screen("v" * 22, draft((spot(), (EMBED, EMBED))))
    assert screen.content == (
        "**Preview** of the Daily Summary · 2025-09-11\n"
        "Shall I post it now? 2 messages in <#77>.\n"
        "-# This is the first of 2 messages."
    )
    assert [embed.title for embed in screen.embeds] == ["Daily"]


def test_a_preview_of_text_asks_below_it() -> None:
    screen = preview_screen("v" * 22, draft((spot(), ({"content": "x" * 2000},))))
    assert screen.content == "x" * 2000
    (note,) = screen.embeds
    assert "Shall I post it now?" in str(note.description)


def test_a_preview_for_many_channels_names_some() -> None:
    posts = [(spot(channel), (EMBED,)) for channel in range(1, 31)]
    content = preview_screen("v" * 22, draft(*posts)).content
    assert content is not None
    assert "30 messages in <#1>, <#2>, <#3>, <#4>, <#5> and 25 channels more." in content


def test_a_preview_names_what_is_left_out_and_what_opens_a_thread() -> None:
    nearby = Nearby(elsewhere=2, gone=1, unknown=3)
    posts = [(spot(5, thread_name="Report"), (EMBED,)), (spot(6, thread_id="8"), (EMBED,))]
    content = preview_screen("v" * 22, draft(*posts, nearby=nearby)).content
    assert content is not None
    assert "2 messages in a new post of <#5>, <#8>." in content
    assert content.endswith(
        "-# Left out: 2 in another server, 1 refused by Discord, 3 not answering."
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (PartState.PENDING, "⏳ <#77>: not through yet. I keep trying by myself."),
        (PartState.SENDING, "⏳ <#77>: not through yet. I keep trying by myself."),
        (PartState.IN_DOUBT, "⏳ <#77>: not through yet. I keep trying by myself."),
        (PartState.FAILED, "⏳ <#77>: not through yet. I keep trying by myself."),
        (PartState.EMPTY, "🌙 <#77>: nothing to post any more."),
        (PartState.SKIPPED, "❔ <#77>: perhaps posted; nobody can look, so have a look yourself."),
        (PartState.BROKEN, "❌ <#77>: Discord refuses it. Tell the bot's admin."),
        (PartState.GAVE_UP, "❌ <#77>: given up. Tell the bot's admin."),
    ],
)
def test_each_way_a_post_may_go_is_told(state: PartState, words: str) -> None:
    assert told(outcome(part(state))) == f"**Daily Summary** · 2025-09-11\n{words}"


@pytest.mark.parametrize("parts", [(), (part(PartState.UNPLANNED, parts=0),)])
def test_a_report_that_could_not_be_made_is_told_without_details(parts: tuple[Part, ...]) -> None:
    words = told(outcome(*parts, status=FAILED, reason="server db.internal:5432 is away"))
    assert words.endswith("the report could not be made just now. Run `/post` again in a while.")


def test_a_report_that_was_switched_off_meanwhile_is_told_so() -> None:
    words = told(outcome(status=SKIPPED, reason="switched off in the tenant file"))
    assert words.endswith("nothing was posted (switched off in the tenant file).")


def test_all_messages_there_are_one_link_to_the_first() -> None:
    words = told(outcome(*(part(PartState.SENT, number, 3) for number in (1, 2, 3))))
    address = f"https://discord.com/channels/{GUILD}/77/99"
    assert words.endswith(f"✅ <#77>: [3 messages]({address}) posted")


@pytest.mark.parametrize("message_id", [None, "not-digits", "1/../2"])
def test_a_message_whose_id_is_not_known_has_no_link(message_id: str | None) -> None:
    words = told(outcome(part(PartState.SENT, message_id=message_id)))
    assert words.endswith("✅ <#77>: 1 message posted")


def test_a_post_that_got_half_through_says_how_far() -> None:
    waiting = part(PartState.FAILED, 3, 4, error="rate limited")
    sent = [part(PartState.SENT, number, 4) for number in (1, 2)]
    words = told(outcome(*sent, waiting))
    assert "⏳ <#77>: 2 of 4 messages posted; not through yet (rate limited)." in words


@given(hostile_names)
def test_any_reason_fits_for_any_number_of_channels(reason: str) -> None:
    words = told(*[outcome(part(PartState.BROKEN, error=reason * 5))] * 60)
    assert words.endswith("channels more")
    assert "s3cret" not in words


def test_an_order_comes_back_as_it_was_stored() -> None:
    assert Order.of(ORDER.state()) == ORDER


@pytest.mark.parametrize(
    "change",
    [{"period": "someday"}, {"now": "noon"}, {"channels": None}, {"now": None}],
    ids=str,
)
def test_an_order_of_another_version_is_too_old(change: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="too old"):
        Order.of(ORDER.state() | change)
    with pytest.raises(Refusal, match="too old"):
        Order.of({})
