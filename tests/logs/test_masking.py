"""What is masked in a text, and what is left as it is."""

from __future__ import annotations

import pytest

from bot.logs import mask, register_uri_secrets
from bot.settings import describe_settings


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "POST https://discord.com/api/v10/webhooks/123/abc-DEF_1?wait=true",
            "POST https://discord.com/api/v10/webhooks/123/***?wait=true",
        ),
        (
            "url='http://h/webhooks/1/tok/messages/2'",
            "url='http://h/webhooks/1/***/messages/2'",
        ),
        ("%2Fwebhooks%2F1%2Ftok%2Fmessages", "%2Fwebhooks%2F1%2F***%2Fmessages"),
        (r'"https:\/\/h\/webhooks\/1\/tok"', r'"https:\/\/h\/webhooks\/1\/***"'),
        ("/interactions/9/aW50ZXI/callback", "/interactions/9/***/callback"),
        ("postgresql://bgs:pw@h:5432/d", "postgresql://bgs:***@h:5432/d"),
        ("mysql://:p@ss@h/d", "mysql://:***@h/d"),
        ("http://127.0.0.1:80/users/@me", "http://127.0.0.1:80/users/@me"),
        ("Authorization: Bot x.y", "Authorization: ***"),
        ("{'Authorization': 'Bot x.y', 'a': 1}", "{'Authorization': '***', 'a': 1}"),
        ("sent Bot MTIzNDU2Nzg5MDEyMzQ1Njc4OQ", "sent Bot ***"),
        (
            f"token {'MTIzNDU2Nzg5MDEyMzQ1Njc4'}.Gabcde.{'a' * 38} end",
            "token *** end",
        ),
        ("{'token': 'pw', \"password\": \"x\"}", "{'token': '***', \"password\": '***'}"),
        ("?sslpassword=pw&a=b", "?sslpassword=***&a=b"),
        ("Access denied (using password: YES)", "Access denied (using password: YES)"),
        ("Bot internationalizationxyz", "Bot internationalizationxyz"),
        ("webhooks/shoutout is a placeholder", "webhooks/shoutout is a placeholder"),
        ("token=pw: give another", "token=***: give another"),
        ("token=p:w: it:", "token=***: it:"),
        ("token=pw:", "token=***:"),
        ("postgresql://USER:PASSWORD@x:pw@h/d", "postgresql://USER:***@h/d"),
        ("postgresql://USER:PASSWORDS@h/d", "postgresql://USER:***@h/d"),
        ("postgresql://USER:pw@h/d", "postgresql://USER:***@h/d"),
    ],
)
def test_secrets_are_known_by_their_shape(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/DATABASE",
        "(postgresql://USER:PASSWORD@HOST)",
        "DISCORD_TOKEN=***: give the token from the developer portal, without 'Bot' before it",
        "DISCORD_TOKEN: give the token",
    ],
)
def test_our_own_advice_is_not_spoilt(text: str) -> None:
    assert mask(text) == text


def test_the_password_of_our_examples_does_not_spoil_our_advice() -> None:
    register_uri_secrets("mailto://bot:PASSWORD@example.org")
    advice = "use postgresql://USER:PASSWORD@HOST/DATABASE"
    assert mask(advice) == advice


def test_what_settings_expect_is_shown_whole() -> None:
    for info in describe_settings():
        assert mask(f"{info.name}=***: {info.expects}") == f"{info.name}=***: {info.expects}"


@pytest.mark.parametrize(
    "uri", ["postgresql://u:geheim%40x@h/d", "mysql+pymysql://u:geheim@x@h/d?charset=utf8"]
)
def test_a_passwords_spellings_are_all_masked(uri: str) -> None:
    register_uri_secrets(uri)
    assert "geheim" not in mask(f"{uri} geheim@x geheim%40x {{'pw': 'geheim@x'}}")


def test_short_texts_are_masked_by_shape_only() -> None:
    register_uri_secrets("postgresql://test:test@localhost/test")
    assert mask("database test, postgresql://test:test@localhost") == (
        "database test, postgresql://test:***@localhost"
    )


@pytest.mark.parametrize(
    "piece",
    [
        "://a:",
        "://USER:PASSWORD@",
        "token=:",
        "/webhooks/1/",
        "Bot ",
        "token='",
        "a" * 30 + ".",
        "%2F",
        "authorization:",
    ],
)
def test_a_pathological_text_is_masked_before_the_test_times_out(piece: str) -> None:
    text = piece * (2_000_000 // len(piece))
    assert mask(f"{text} /webhooks/1/tok").endswith("/webhooks/1/***")


def test_a_path_is_no_password_but_a_server_s_uri_with_too_many_slashes_has_one() -> None:
    register_uri_secrets("sqlite:////root:SeCrEtWoRd@host")
    register_uri_secrets("sqlite:///C:/Users/ada@home/wolves.db")
    assert mask("there is no file /root:SeCrEtWoRd@host") == "there is no file /root:***@host"
    assert mask("C:/Users/ada@home/wolves.db") == "C:/Users/ada@home/wolves.db"
