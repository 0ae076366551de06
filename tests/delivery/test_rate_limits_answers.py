"""Reading what answers say of limits and errors."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from bot.delivery.answers import clean, exhausted_for, outcome_of, retry_after, seconds
from bot.delivery.outcomes import (
    InDoubt,
    NotSent,
    RateLimited,
    Rejected,
    Scope,
    Sent,
)
from bot.logs import register_secret

WEEK = 7 * 86400.0
VIA = {"Via": "1.1 google"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
bodies = st.binary() | json_values.map(lambda value: json.dumps(value).encode()) | st.none()
headers = st.dictionaries(
    st.sampled_from(
        [
            "Retry-After",
            "Via",
            "Date",
            "X-RateLimit-Scope",
            "X-RateLimit-Global",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset-After",
        ]
    ),
    st.text(),
)


@given(status=st.integers(100, 599), headers=headers, body=bodies)
def test_any_answer_has_a_meaning(status: int, headers: dict[str, str], body: bytes) -> None:
    outcome = outcome_of(status, CIMultiDict(headers), body)
    expected: type | tuple[type, ...] = InDoubt
    if 200 <= status < 300:
        expected = Sent
    elif status == 429:
        expected = RateLimited
    elif status in (408, 425):
        expected = NotSent
    elif 300 <= status < 500:
        expected = Rejected
    assert isinstance(outcome, expected)
    if isinstance(outcome, RateLimited):
        assert 0 <= outcome.retry_after <= WEEK


@given(headers=headers)
def test_limit_headers_of_any_text_give_a_wait_or_none(headers: dict[str, str]) -> None:
    wait = exhausted_for(CIMultiDict(headers))
    assert wait is None or 0 <= wait <= WEEK


@given(st.floats() | st.integers() | st.text() | st.booleans() | st.none())
def test_seconds_are_finite_and_bounded(value: object) -> None:
    number = seconds(value)
    assert number is None or (math.isfinite(number) and 0 <= number <= WEEK)


@given(wait=st.integers(0, 10_000))
def test_a_date_counts_from_the_answers_own_clock(wait: int) -> None:
    sent = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    answer = {
        "Date": format_datetime(sent, usegmt=True),
        "Retry-After": format_datetime(sent + timedelta(seconds=wait), usegmt=True),
    }
    assert retry_after(answer, None) == wait


def test_the_bodys_time_is_finer_and_wins() -> None:
    assert retry_after({"Retry-After": "2"}, {"retry_after": 1.25}) == 1.25
    assert retry_after({"Retry-After": "2"}, {"retry_after": "soon"}) == 2.0
    assert retry_after({"Retry-After": "in a while"}, []) is None


@pytest.mark.parametrize(
    ("headers", "body", "scope"),
    [
        (VIA, {}, Scope.WEBHOOK),
        (VIA | {"X-RateLimit-Scope": "user"}, {"global": False}, Scope.WEBHOOK),
        (VIA | {"X-RateLimit-Scope": "shared"}, {}, Scope.CHANNEL),
        (VIA | {"X-RateLimit-Scope": "global"}, {}, Scope.GLOBAL),
        (VIA | {"X-RateLimit-Global": "true"}, {}, Scope.GLOBAL),
        (VIA, {"global": True}, Scope.GLOBAL),
        ({"X-RateLimit-Scope": "user"}, {"global": True}, Scope.ADDRESS),
    ],
)
def test_scopes(headers: dict[str, str], body: dict[str, object], scope: Scope) -> None:
    raw = json.dumps(body | {"retry_after": 2}).encode()
    assert outcome_of(429, CIMultiDict(headers), raw) == RateLimited(2.0, scope)


def test_names_of_headers_may_be_written_in_any_case() -> None:
    headers = CIMultiDict({"via": "x", "retry-after": "4", "x-ratelimit-scope": "SHARED"})
    assert outcome_of(429, headers, None) == RateLimited(4.0, Scope.CHANNEL)


@pytest.mark.parametrize(
    ("status", "code", "webhook", "route"),
    [
        (401, 50027, True, False),
        (401, None, True, False),
        (403, 50013, True, False),
        (404, 10015, True, False),
        (404, None, True, False),
        (410, None, True, False),
        (404, 10003, False, True),
        (400, 10003, False, True),
        (400, 220001, False, True),
        (400, 40067, False, True),
        (403, 160005, False, True),
        (400, 50006, False, False),
        (400, 50035, False, False),
        (413, None, False, False),
    ],
)
def test_what_a_refusal_breaks(status: int, code: int | None, webhook: bool, route: bool) -> None:
    body = json.dumps({"code": code, "message": "no"}).encode() if code else b"<html>"
    outcome = outcome_of(status, CIMultiDict(VIA), body)
    assert isinstance(outcome, Rejected)
    assert (outcome.breaks_webhook, outcome.breaks_route) == (webhook, route)


def test_a_field_of_the_routes_own_breaks_the_route() -> None:
    body = {
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {"username": {"_errors": [{"code": "X", "message": "not that name"}]}},
    }
    outcome = outcome_of(400, CIMultiDict(VIA), json.dumps(body).encode())
    assert isinstance(outcome, Rejected)
    assert outcome.breaks_route
    assert outcome.detail == "Invalid Form Body; username: not that name"


@given(st.text(), st.text("abcdef0123456789", min_size=8))
def test_cleaned_text_is_one_short_line_without_the_secret(text: str, secret: str) -> None:
    cleaned = clean(f"{text} {secret} {text}", (secret,))
    assert len(cleaned) <= 300
    assert "\n" not in cleaned
    assert "\x1b" not in cleaned
    assert secret not in cleaned


def test_a_secret_of_ours_that_an_answer_quotes_is_hidden() -> None:
    register_secret("SeCrEt-of-a-tenant")
    body = b'{"code": 50035, "message": "SeCrEt-of-a-tenant is no content"}'
    outcome = outcome_of(400, {}, body)
    assert isinstance(outcome, Rejected)
    assert outcome.detail == "*** is no content"
