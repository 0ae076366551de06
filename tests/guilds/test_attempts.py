"""How often link keys may be tried."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot.delivery.state.tables import link_attempt
from bot.guilds.attempts import GUILD_LIMIT, GUILD_SPAN, USER_LIMIT, USER_SPAN
from tests.guilds.books import GUILD, OTHER_GUILD, OTHER_USER, USER, race
from tests.servers import writable_engine

if TYPE_CHECKING:
    from bot.guilds.book import GuildBook
    from tests.delivery.ledgers import Clock
    from tests.guilds.books import Books

pytestmark = pytest.mark.parametrize("backend_name", ["sqlite", "postgresql"], indirect=True)

_INSTANT = 0.000001


def fill_guild(book: GuildBook, guild: int = GUILD) -> None:
    """Use up a guild's attempts, by users who have some left."""
    for user in range(1, GUILD_LIMIT + 1):
        assert book.try_key(guild, user) is None


def rows(books: Books) -> int:
    """How many attempts the database remembers."""
    with writable_engine(books.uri).connect() as connection:
        count: int = connection.execute(select(func.count()).select_from(link_attempt)).scalar_one()
    return count


def test_a_user_is_told_when_the_next_attempt_is_allowed(
    book: GuildBook, other: GuildBook, clock: Clock
) -> None:
    start = clock.now
    for _ in range(USER_LIMIT):
        assert book.try_key(GUILD, USER) is None
        clock.advance(60)

    allowed = other.try_key(GUILD, USER)

    assert allowed == start + USER_SPAN
    assert book.try_key(GUILD, OTHER_USER) is None, "another user has attempts of his own"
    clock.now = allowed - timedelta(seconds=_INSTANT)
    assert book.try_key(GUILD, USER) == allowed
    clock.now = allowed
    assert book.try_key(GUILD, USER) is None
    assert book.try_key(GUILD, USER) == allowed + timedelta(seconds=60)


def test_a_user_has_no_more_attempts_in_other_guilds(book: GuildBook, clock: Clock) -> None:
    for guild in range(1, USER_LIMIT + 1):
        assert book.try_key(guild, USER) is None

    assert book.try_key(GUILD, USER) == clock.now + USER_SPAN


def test_a_guild_has_its_limit_whoever_tries(book: GuildBook, clock: Clock) -> None:
    start = clock.now
    fill_guild(book)
    clock.advance(USER_SPAN.total_seconds())

    assert book.try_key(GUILD, USER) == start + GUILD_SPAN
    assert book.try_key(OTHER_GUILD, USER) is None
    clock.now = start + GUILD_SPAN
    assert book.try_key(GUILD, USER) is None


def test_who_is_held_up_by_both_limits_is_told_the_later_time(
    book: GuildBook, clock: Clock
) -> None:
    start = clock.now
    fill_guild(book)
    clock.advance(GUILD_SPAN.total_seconds() - 60)
    for _ in range(USER_LIMIT):
        assert book.try_key(OTHER_GUILD, USER) is None

    assert book.try_key(GUILD, USER) == clock.now + USER_SPAN
    assert book.try_key(GUILD, OTHER_USER) == start + GUILD_SPAN


def test_a_refused_attempt_does_not_prolong_the_wait(book: GuildBook, clock: Clock) -> None:
    for _ in range(USER_LIMIT):
        book.try_key(GUILD, USER)
    allowed = clock.now + USER_SPAN

    for _ in range(20):
        clock.advance(30)
        assert book.try_key(GUILD, USER) == allowed


def test_after_success_a_user_begins_anew_in_that_guild_only(book: GuildBook, clock: Clock) -> None:
    for guild in (GUILD, GUILD, GUILD, OTHER_GUILD):
        book.try_key(guild, USER)

    book.forget_attempts(GUILD, USER)

    for _ in range(USER_LIMIT - 1):
        assert book.try_key(GUILD, USER) is None
    assert book.try_key(GUILD, USER) == clock.now + USER_SPAN


def test_success_does_not_buy_a_guild_endless_guesses(book: GuildBook, clock: Clock) -> None:
    for _ in range(GUILD_LIMIT):
        assert book.try_key(GUILD, USER) is None
        book.forget_attempts(GUILD, USER)

    assert book.try_key(GUILD, USER) == clock.now + GUILD_SPAN


def test_old_attempts_are_removed_as_it_goes(book: GuildBook, books: Books, clock: Clock) -> None:
    fill_guild(book)
    clock.advance(GUILD_SPAN.total_seconds())

    book.try_key(GUILD, USER)

    assert rows(books) == 1


def test_a_clock_that_was_far_ahead_locks_nobody_out(book: GuildBook, clock: Clock) -> None:
    right = clock.now
    clock.advance(400 * 86400)
    for _ in range(USER_LIMIT):
        book.try_key(GUILD, USER)
    clock.now = right

    assert book.try_key(GUILD, USER) is None


def test_processes_that_count_at_once_allow_no_more_than_the_limit(books: Books) -> None:
    openings = [books.open() for _ in range(4)]

    def try_all(book: GuildBook) -> list[bool]:
        return [book.try_key(GUILD, USER) is None for _ in range(4)]

    tried = race(*(partial(try_all, book) for book in openings))

    assert sum(map(sum, tried)) == USER_LIMIT
    assert rows(books) == USER_LIMIT


def test_users_who_try_at_once_stay_within_their_guilds_limit(books: Books) -> None:
    openings = [(books.open(), range(first, 40, 4)) for first in range(4)]

    def try_all(book: GuildBook, users: range) -> list[bool]:
        return [book.try_key(GUILD, user) is None for user in users]

    tried = race(*(partial(try_all, *opening) for opening in openings))

    assert sum(map(sum, tried)) == GUILD_LIMIT
