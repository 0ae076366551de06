from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.scheduling.nights import (
    NIGHTLIES,
    DuePost,
    Nightly,
    due_posts,
    next_post,
    nightlies,
    nightlies_of,
)
from bot.tenants import ReportConfig, Tenant
from tests.added import KEY, added

SEEN_LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
MIDNIGHT = datetime(2025, 9, 12, tzinfo=UTC)


def due(now: datetime, *, since: datetime = SEEN_LONG_AGO, hours: float = 36) -> list[DuePost]:
    return list(due_posts(now, since=since, catch_up=timedelta(hours=hours)))


def test_the_three_reports_are_due_at_their_minutes() -> None:
    assert [post.report for post in due(MIDNIGHT, hours=1)] == ["daily"]
    after = due(MIDNIGHT + timedelta(minutes=2), hours=1)
    assert after == [
        DuePost("daily", MIDNIGHT),
        DuePost("spacecz", MIDNIGHT + timedelta(minutes=1)),
        DuePost("groundcz", MIDNIGHT + timedelta(minutes=2)),
    ]


def test_nothing_is_due_a_moment_before_midnight() -> None:
    assert due(MIDNIGHT - timedelta(microseconds=1), hours=1) == []


def test_missed_nights_come_oldest_first_and_not_older_than_allowed() -> None:
    posts = due(MIDNIGHT + timedelta(hours=12, minutes=1))
    assert [post.at.day for post in posts] == [11, 11, 12, 12, 12]
    assert posts == sorted(posts, key=lambda post: post.at)
    assert posts[0].report == "spacecz", "36 hours ago is 00:01 of the day before"


def test_nothing_is_due_from_before_the_tenant_was_first_seen() -> None:
    now = MIDNIGHT + timedelta(hours=1)
    assert due(now, since=MIDNIGHT + timedelta(seconds=1), hours=48) == [
        DuePost("spacecz", MIDNIGHT + timedelta(minutes=1)),
        DuePost("groundcz", MIDNIGHT + timedelta(minutes=2)),
    ]


def test_without_catching_up_only_this_very_moment_is_due() -> None:
    assert due(MIDNIGHT, hours=0) == [DuePost("daily", MIDNIGHT)]
    assert due(MIDNIGHT + timedelta(seconds=1), hours=0) == []


def test_the_next_post_is_tonight_until_its_minute_and_then_tomorrow() -> None:
    spacecz = NIGHTLIES[1]
    at = MIDNIGHT + timedelta(minutes=1)
    assert next_post(spacecz, MIDNIGHT) == at
    assert next_post(spacecz, at - timedelta(microseconds=1)) == at
    assert next_post(spacecz, at) == at + timedelta(days=1)
    assert next_post(spacecz, MIDNIGHT - timedelta(hours=3)) == at


def test_an_added_report_comes_a_minute_after_the_others_where_a_tenant_names_it() -> None:
    def tenant(**reports: ReportConfig) -> Tenant:
        return Tenant("wolves", "Wolves", "sqlite:///a.db", Path(), reports=reports)

    with added():
        assert nightlies() == (*NIGHTLIES, Nightly(KEY, 3))
        wanted = nightlies_of(tenant(**{KEY: ReportConfig()}))
        assert wanted == nightlies()
        for other in (tenant(), tenant(**{KEY: ReportConfig(enabled=False)})):
            assert nightlies_of(other) == NIGHTLIES
        posts = due_posts(
            MIDNIGHT + timedelta(minutes=3),
            since=SEEN_LONG_AGO,
            catch_up=timedelta(),
            reports=iter(wanted),
        )
        assert list(posts) == [DuePost(KEY, MIDNIGHT + timedelta(minutes=3))]
    assert nightlies() == NIGHTLIES
