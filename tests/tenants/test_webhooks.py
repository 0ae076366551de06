from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tenants import Route, Style, WebhookUrlError, parse_webhook_url
from tests.tenants.entries import WEBHOOK, entry, faults, load

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://discord.com/api/webhooks/42/token_A-1"


def routes(folder: Path, webhook: Any, hosts: tuple[str, ...] = ()) -> tuple[Route, ...]:
    (tenant,) = load(folder, entry(discord_webhooks={"shoutout": webhook}), hosts=hosts).tenants
    return tenant.routes_for("daily")


def problems(folder: Path, webhook: Any, hosts: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    registry = load(folder, entry(discord_webhooks={"shoutout": webhook}), hosts=hosts)
    return [(level, field) for level, _, field in faults(registry)]


def test_a_url_is_taken_apart_and_shows_no_token() -> None:
    url = parse_webhook_url(f"  {URL}?wait=true&with_components=true&thread_id=9#fragment\n")
    assert url.url == f"{URL}?with_components=true"
    assert (url.id, url.token, url.host) == ("42", "token_A-1", "discord.com")
    for text in (str(url), repr(url), f"{url}", repr([url])):
        assert "token" not in text
        assert "42" in text
    assert url.fingerprint != parse_webhook_url(f"{URL}x").fingerprint
    assert "token" not in url.fingerprint


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://Discord.com:443/api/v10/webhooks/1/t", "discord.com"),
        ("HTTPS://ptb.discordapp.com/api/webhooks/1/t/", "ptb.discordapp.com"),
        ("http://127.0.0.1:8080/any/prefix/webhooks/1/t", "127.0.0.1:8080"),
        ("http://[0::1]:80/webhooks/1/t", "[::1]"),
        ("http://[::1]:8080/webhooks/1/t", "[::1]:8080"),
    ],
)
def test_hosts_have_one_form(text: str, host: str) -> None:
    assert parse_webhook_url(text).host == host


PLACEHOLDERS = [
    "...",
    "your-webhook-here",
    "https://discord.com/api/webhooks/your-webhook-url",
    "https://discord.com/api/webhooks/ID/TOKEN",
    "https://discord.com/api/webhooks/123/<token>",
    "https://discord.com/api/webhooks/123/...",
    "https://discord.com/api/webhooks/123/tok/slack",
    "https://discord.com/api/webhooks/１２/tok",
    "ftp://discord.com/api/webhooks/1/t",
    "discord.com/api/webhooks/1/t",
    "https:///api/webhooks/1/t",
    "https://discord.com:port/api/webhooks/1/t",
    "https://discord.com\\@evil.example/api/webhooks/1/t",
    "https://dis\ncord.com/api/webhooks/1/t",
    "https://[::1/api/webhooks/1/t",
]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_a_placeholder_means_none_and_is_worth_one_warning(tmp_path: Path, text: str) -> None:
    assert routes(tmp_path, text) == ()
    assert problems(tmp_path, text) == [("warning", "discord_webhooks.shoutout")]
    with pytest.raises(WebhookUrlError):
        parse_webhook_url(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://discord.com/channels/1234/5678", "is a channel's address, not a webhook's"),
        ("https://discord.com/api/webhooks/123/tok/slack", "take /slack or /github off"),
        ("discord.com/api/webhooks/1/t", "lacks https://"),
        ("your-webhook-here", "is a placeholder"),
    ],
)
def test_what_was_meant_for_an_address_is_told_what_is_wrong(
    tmp_path: Path, text: str, said: str
) -> None:
    (problem,) = load(tmp_path, entry(discord_webhooks={"shoutout": text})).problems
    assert problem.level == "warning"
    assert said in problem.fault


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "  ", [], {}, False, 0, 0.0),
        *([None, "", False, 0, {}, []], {"url": None}, {"url": ""}, {"url": False}),
    ],
)
def test_nothing_means_none_without_a_word(tmp_path: Path, value: object) -> None:
    assert routes(tmp_path, value) == ()
    assert problems(tmp_path, value) == []
    (tenant,) = load(tmp_path, entry(discord_webhooks=value)).tenants
    assert tenant.routes_for("daily") == ()


@pytest.mark.parametrize("value", [None, "", " ", [], {}, False, 0])
def test_no_webhooks_at_all_are_no_fault(tmp_path: Path, value: object) -> None:
    registry = load(tmp_path, entry(discord_webhooks=value))
    assert registry.problems == ()
    assert registry.tenants[0].routes == {}


@pytest.mark.parametrize("value", [5, True, URL, [URL]])
def test_webhooks_that_are_no_object_are_an_error_and_the_tenant_runs(
    tmp_path: Path, value: object
) -> None:
    registry = load(tmp_path, entry(discord_webhooks=value))
    assert [tenant.routes for tenant in registry.tenants] == [{}]
    assert faults(registry) == [("error", "Wolves", "discord_webhooks")]
    assert "token" not in str(registry.problems[0])


@pytest.mark.parametrize("value", [5, True, [[URL]]])
def test_what_is_no_webhook_fails_its_route_only(tmp_path: Path, value: object) -> None:
    registry = load(tmp_path, entry(discord_webhooks={"bgs": value, "shoutout": WEBHOOK}))
    (tenant,) = registry.tenants
    assert len(tenant.routes_for("daily")) == 1
    ((level, _, field),) = faults(registry)
    assert level == "error"
    assert field.startswith("discord_webhooks.bgs")


@pytest.mark.parametrize(
    "text",
    [
        "http://discord.com/api/webhooks/1/secret-token",
        "https://evil.example/api/webhooks/1/secret-token",
        "https://discord.com.evil.example/api/webhooks/1/secret-token",
        "https://discord.com:8443/api/webhooks/1/secret-token",
        "https://discord.com@evil.example/api/webhooks/1/secret-token",
        "https://user:pass@discord.com/api/webhooks/1/secret-token",
        "https://ｄiscord.com/api/webhooks/1/secret-token",
        "https://xn--iscord-t0f.com/api/webhooks/1/secret-token",
        "http://127.0.0.1:8080/webhooks/1/secret-token",
        "https://discord.com./api/webhooks/1/secret-token",
    ],
)
def test_a_refused_host_fails_its_route_only(tmp_path: Path, text: str) -> None:
    registry = load(tmp_path, entry(discord_webhooks={"shoutout": [text, WEBHOOK]}))
    (tenant,) = registry.tenants
    assert [route.webhook.url for route in tenant.routes_for("daily")] == [WEBHOOK]
    assert faults(registry) == [("error", "Wolves", "discord_webhooks.shoutout[0]")]
    assert "secret-token" not in str(registry.problems[0])
    assert "refused" in str(registry.problems[0])


@pytest.mark.parametrize(
    ("text", "hosts", "accepted"),
    [
        ("http://127.0.0.1:8080/webhooks/1/t", ("127.0.0.1",), True),
        ("http://127.0.0.1:8080/webhooks/1/t", ("127.0.0.1:8080",), True),
        ("http://127.0.0.1:8080/webhooks/1/t", ("127.0.0.1:8081",), False),
        ("https://proxy.example/webhooks/1/t", ("proxy.example:443",), True),
        ("http://proxy.example/webhooks/1/t", ("proxy.example:443",), False),
        ("http://[::1]:8080/webhooks/1/t", ("[::1]:8080",), True),
        ("http://[::1]:8080/webhooks/1/t", ("[::1]",), True),
        ("https://sub.proxy.example/webhooks/1/t", ("proxy.example",), False),
        ("http://discord.com/api/webhooks/1/t", ("discord.com",), False),
    ],
)
def test_the_admin_names_other_hosts(
    tmp_path: Path, text: str, hosts: tuple[str, ...], accepted: bool
) -> None:
    assert bool(routes(tmp_path, text, hosts)) is accepted


def test_a_route_has_every_option_of_the_design(tmp_path: Path) -> None:
    (route,) = routes(
        tmp_path,
        {
            "url": URL,
            "thread_name": "Week {week}, {date}",
            "tags": [1, "2"],
            "reports": ["daily"],
            "systems": ["Sol"],
            "factions": "Wolves",
            "style": "CLASSIC",
            "top": 9,
            "locale": "de",
            "silent": True,
            "username": "Tower",
            "avatar_url": "https://example.org/a.png",
        },
    )
    assert (route.thread_name, route.tags) == ("Week {week}, {date}", ("1", "2"))
    assert route.reports == frozenset({"daily"})
    assert (route.systems, route.factions) == (("Sol",), ("Wolves",))
    assert (route.style, route.top, route.locale, route.silent) == (Style.CLASSIC, 9, "de", True)
    assert (route.username, route.avatar_url) == ("Tower", "https://example.org/a.png")
    assert "token" not in repr(route)


@pytest.mark.parametrize(
    "webhook",
    [f"{URL}?thread_id=77", {"url": URL, "thread_id": 77}, {"url": URL, "thread_id": " 77 "}],
)
def test_a_thread_is_given_by_number_by_text_or_in_the_url(tmp_path: Path, webhook: object) -> None:
    (route,) = routes(tmp_path, webhook)
    assert route.thread_id == "77"
    assert route.webhook.url == URL


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"thread_id": "abc"}, "thread_id"),
        ({"thread_id": True}, "thread_id"),
        ({"thread_id": 1, "thread_name": "x"}, "thread_name"),
        ({"thread_name": "x" * 101}, "thread_name"),
        ({"thread_name": "x", "tags": [1, 2, 3, 4, 5, 6]}, "tags"),
        ({"thread_name": "x", "tags": "5"}, "tags"),
        ({"systems": [5]}, "systems[0]"),
        ({"factions": {}}, "factions"),
        ({"style": 5}, "style"),
        ({"top": "9"}, "top"),
        ({"top": 0}, "top"),
        ({"top": 1001}, "top"),
        ({"silent": "no"}, "silent"),
        ({"username": "Clyde"}, "username"),
        ({"username": "x" * 81}, "username"),
        ({"avatar_url": "a.png"}, "avatar_url"),
        ({"url": f"{URL}?thread_id=5", "thread_id": 6}, "thread_id"),
        ({"url": f"{URL}?thread_id=x"}, "url"),
        ({"url": 5}, "url"),
    ],
)
def test_a_wrong_option_leaves_the_tenant_out(
    tmp_path: Path, options: dict[str, object], field: str
) -> None:
    registry = load(tmp_path, entry(discord_webhooks={"shoutout": {"url": URL, **options}}))
    assert registry.tenants == ()
    assert faults(registry) == [("error", "Wolves", f"discord_webhooks.shoutout.{field}")]


def test_a_route_may_ask_for_a_thousand_rows(tmp_path: Path) -> None:
    (route,) = routes(tmp_path, {"url": URL, "top": 1000})
    assert route.top == 1000


def test_unknown_options_and_reports_of_a_route_are_warned_of(tmp_path: Path) -> None:
    webhook = {"url": URL, "thread": 5, "reports": ["weekly"], "tags": [1]}
    assert problems(tmp_path, webhook) == [
        ("warning", "discord_webhooks.shoutout.thread"),
        ("warning", "discord_webhooks.shoutout.tags"),
        ("warning", "discord_webhooks.shoutout.reports"),
    ]
    assert routes(tmp_path, webhook) == ()


def test_a_bare_token_in_a_wrong_place_is_not_shown(tmp_path: Path) -> None:
    token = "aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRsTuVwXyZ012345"
    for text in (token, f"https://discord.com/api/webhooks/1/{token}/slack"):
        (problem,) = load(tmp_path, entry(discord_webhooks={"shoutout": text})).problems
        assert token[5:] not in str(problem)


@pytest.mark.parametrize(
    ("webhook", "key"),
    [
        (URL, "discord:42"),
        (f"{URL}?thread_id=7", "discord:42:7"),
        ("http://h:1/webhooks/42/t", "discord:42"),
        ({"url": URL, "style": "classic", "silent": True, "top": 3}, "discord:42"),
    ],
)
def test_the_ledgers_name_of_a_channel_is_stable_and_holds_no_token(
    tmp_path: Path, webhook: object, key: str
) -> None:
    (route,) = routes(tmp_path, webhook, hosts=("h",))
    assert route.key == key


def test_filters_and_forum_posts_have_ledger_names_of_their_own(tmp_path: Path) -> None:
    variants: list[dict[str, object]] = [
        {},
        {"systems": ["Sol", "Wolf 359"]},
        {"systems": ["wolf 359", "SOL"]},
        {"factions": ["Sol", "Wolf 359"]},
        {"thread_name": "{date}"},
    ]
    keys = [routes(tmp_path, {"url": URL, **options})[0].key for options in variants]
    assert keys[1] == keys[2]
    assert len(set(keys)) == 4
    assert all(key.startswith("discord:42") for key in keys)


@pytest.mark.parametrize(
    "webhooks",
    [
        {"shoutout": URL, "bgs": f"{URL}?wait=true"},
        {"shoutout": [URL, {"url": URL, "style": "classic"}]},
        {"shoutout": {"url": URL, "thread_id": 7}, "bgs": f"{URL}?thread_id=7"},
        {"bgs": [{"url": URL, "reports": ["daily"]}], "shoutout": {"url": URL, "top": 3}},
    ],
)
def test_a_second_route_to_a_channel_of_the_same_report_is_warned_of(
    tmp_path: Path, webhooks: dict[str, object]
) -> None:
    reports = {"daily": {"webhook": ["shoutout", "bgs"]}, "spacecz": {"webhook": "conflict"}}
    registry = load(tmp_path, entry(discord_webhooks=webhooks, reports=reports))
    assert len(registry.tenants[0].routes_for("daily")) == 1
    (problem,) = registry.problems
    fields = {problem.field, problem.fault.split()[-1]}
    assert problem.level == "warning"
    assert {field.partition("[")[0] for field in fields} == {
        f"discord_webhooks.{kind}" for kind in webhooks
    }
    assert len(fields) == 2
    for way in ("thread", "systems or factions", "another webhook"):
        assert way in problem.remedy


@pytest.mark.parametrize(
    "webhooks",
    [
        {"shoutout": URL, "conflict": URL},
        {"shoutout": URL, "bgs": f"{URL}?thread_id=7"},
        {"shoutout": URL, "bgs": {"url": URL, "systems": "Sol"}},
        {"shoutout": {"url": URL, "reports": "daily"}, "bgs": {"url": URL, "reports": "spacecz"}},
    ],
)
def test_routes_that_take_nothing_from_each_other_are_not_warned_of(
    tmp_path: Path, webhooks: dict[str, object]
) -> None:
    both = {"webhook": ["shoutout", "bgs"]}
    off = {"webhook": ["shoutout", "conflict"], "enabled": False}
    reports = {"daily": both, "spacecz": both, "groundcz": off}
    assert load(tmp_path, entry(discord_webhooks=webhooks, reports=reports)).problems == ()


@given(
    st.text()
    | st.from_regex(r"https?://[a-z.:@\[\]0-9]{0,20}(/api)?/webhooks/[0-9]{1,5}/[\w.-]{0,9}(\?.*)?")
)
def test_no_text_is_more_than_a_webhook_or_an_error(text: str) -> None:
    try:
        url = parse_webhook_url(text)
    except WebhookUrlError:
        return
    assert url.id.isdecimal()
    assert url.token in url.url
    assert parse_webhook_url(url.url) == url
