"""Nobody posts by way of the bot where they, or the bot, may not write."""

from __future__ import annotations

import pytest
from discord import Permissions

from bot.ui.channel_rights import why_not_to_post

WRITER = Permissions(view_channel=True, send_messages=True)
IN_THREADS = Permissions(view_channel=True, send_messages_in_threads=True)
BOT = Permissions(view_channel=True, send_messages=True, embed_links=True)
ADMINISTRATOR = Permissions(administrator=True)


@pytest.mark.parametrize("asker", [WRITER, ADMINISTRATOR])
@pytest.mark.parametrize("own", [BOT, ADMINISTRATOR])
def test_who_may_write_may_post(asker: Permissions, own: Permissions) -> None:
    assert why_not_to_post(asker, own, in_thread=False) is None


@pytest.mark.parametrize("asker", [Permissions.none(), IN_THREADS])
def test_who_may_not_write_may_not_post(asker: Permissions) -> None:
    assert "You may not write" in (why_not_to_post(asker, BOT, in_thread=False) or "")


@pytest.mark.parametrize("lacking", ["view_channel", "send_messages", "embed_links"])
def test_a_bot_that_lacks_a_right_says_which_it_needs(lacking: str) -> None:
    own = Permissions(BOT.value)
    own.update(**{lacking: False})

    assert "Embed Links" in (why_not_to_post(WRITER, own, in_thread=False) or "")


def test_a_thread_has_a_right_of_its_own() -> None:
    own = Permissions(BOT.value)
    assert why_not_to_post(WRITER, own, in_thread=True) is not None
    assert why_not_to_post(IN_THREADS, own, in_thread=True) is not None
    own.update(send_messages_in_threads=True)
    assert why_not_to_post(IN_THREADS, own, in_thread=True) is None
