"""What a tenant writes as db_uri, and what we connect with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.backend import BadDatabaseUri, DatabaseError
from bot.backend.sqlite import SqliteFile
from bot.backend.uris import Server, parse_db_uri

if TYPE_CHECKING:
    import sqlalchemy as sa


def server_url(uri: str) -> sa.URL:
    """Return what we connect to a server with."""
    location = parse_db_uri(uri)
    assert isinstance(location, Server)
    return location.url


@pytest.mark.parametrize(
    ("uri", "driver"),
    [
        ("postgres://h/n", "postgresql+psycopg"),
        ("postgresql://h/n", "postgresql+psycopg"),
        ("PostgreSQL://h/n", "postgresql+psycopg"),
        ("postgresql+psycopg://h/n", "postgresql+psycopg"),
        ("postgresql+asyncpg://h/n", "postgresql+psycopg"),
        ("postgresql+nosuchdriver://h/n", "postgresql+psycopg"),
        ("mysql://h/n", "mysql+pymysql"),
        ("mariadb://h/n", "mysql+pymysql"),
        ("mariadb+pymysql://h/n", "mysql+pymysql"),
        ("mysql+aiomysql://h/n", "mysql+pymysql"),
    ],
)
def test_every_spelling_gets_a_driver_that_is_installed(uri: str, driver: str) -> None:
    assert server_url(uri).drivername == driver


def test_query_options_host_and_credentials_are_kept() -> None:
    url = server_url("postgres://ada:p%40ss@[::1]:6432/wolves?sslmode=require&application_name=x")

    assert (url.username, url.password, url.host, url.port) == ("ada", "p@ss", "::1", 6432)
    assert url.database == "wolves"
    assert dict(url.query) == {"sslmode": "require", "application_name": "x"}


@pytest.mark.parametrize(
    "uri",
    [
        *("", "tenant.db", "oracle://h/n"),
        *("mysql://u:top-secret@h:port/n", "mysql://u:top-secret@h:99999/n"),
        *("mysql://u:12@top-secret@h/n", "mysql://h/n?password@top-secret"),
        *("sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true"),
        *("sqlite:///file:x?mode=memory&uri=true", "sqlite://data/x.db", "sqlite:///a\0b"),
    ],
)
def test_a_uri_we_cannot_use_is_refused_in_one_sentence_without_its_password(uri: str) -> None:
    with pytest.raises(BadDatabaseUri) as caught:
        parse_db_uri(uri)

    message = str(caught.value)
    assert "\n" not in message
    assert "top-secret" not in repr((message, caught.value.args))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert caught.value.remedy in message


@given(st.text())
def test_any_text_is_either_understood_or_refused(text: str) -> None:
    try:
        location = parse_db_uri(text)
    except DatabaseError:
        return
    assert isinstance(location, Server | SqliteFile)


@given(st.text(min_size=1, max_size=30), st.sampled_from(["mysql", "postgresql", "postgres"]))
def test_a_password_of_any_text_never_shows(password: str, scheme: str) -> None:
    secret = f"s3cr3t{password}s3cr3t"
    try:
        shown = parse_db_uri(f"{scheme}://ada:{secret}@db.example:5432/wolves").shown
    except DatabaseError as error:
        shown = str(error)
    assert "s3cr3t" not in shown


def test_options_only_a_replaced_driver_knows_are_left_out() -> None:
    asynchronous = server_url("postgresql+asyncpg://h/n?ssl=require&statement_cache_size=0")
    connector = server_url("mysql+mysqlconnector://h/n?use_pure=true&ssl_ca=ca.pem")

    assert dict(asynchronous.query) == {"sslmode": "require"}
    assert dict(connector.query) == {"ssl_ca": "ca.pem"}


def test_signs_in_a_password_are_taken_as_they_are() -> None:
    assert server_url("mysql://ada:12/3?4@h/n").password == "12/3?4"
