"""The table and the last line that end a run that posts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.cli.tables import show_table
from bot.cli.text import say
from bot.delivery.postings import Posting, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD = ("Tenant", "Report", "Window", "Channel", "Result", "Messages", "Why")


def show_summary(postings: Sequence[Posting], nothing: str, *, dry_run: bool = False) -> bool:
    """Show what became of each post, and return whether nothing is left to send.

    Parameters
    ----------
    nothing
        What to say where there was nothing to do at all.
    dry_run
        Whether this only tells what would be done.
    """
    if not postings:
        say(nothing)
        return True
    show_table(
        HEAD,
        [
            (
                posting.tenant,
                posting.report,
                posting.label or "-",
                posting.channel,
                "-" if dry_run else posting.status.value,
                posting.messages,
                posting.reason,
            )
            for posting in postings
        ],
    )
    say("Nothing was sent: this was a dry run." if dry_run else _last_line(postings))
    return all(posting.status is not Status.FAILED for posting in postings)


def _last_line(postings: Sequence[Posting]) -> str:
    counts = Counter(posting.status for posting in postings)
    messages = sum(posting.messages for posting in postings)
    told = ", ".join(f"{counts[status]} {status.value}" for status in Status)
    if not messages and not counts[Status.FAILED]:
        return f"Nothing was sent, and nothing is left to send ({told})."
    word = "message" if messages == 1 else "messages"
    left = " Not all arrived; see above." if counts[Status.FAILED] else ""
    return f"{told[0].upper()}{told[1:]}; {messages} {word} sent.{left}"
