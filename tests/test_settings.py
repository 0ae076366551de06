from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import mask
from bot.settings import SettingFault, Settings, SettingsError, describe_settings, load_settings

ROOT = Path(__file__).parents[1]


def load(folder: Path, **env: str) -> Settings:
    return load_settings(base_dir=folder, env=env)


def faults(folder: Path, **env: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        load(folder, **env)
    return {fault.name: str(fault) for fault in caught.value.faults}


def test_defaults_are_those_of_the_design_and_lie_in_the_base_folder(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.tenant_file == tmp_path / "tenant.json"
    assert settings.data_dir == tmp_path / "data"
    assert settings.log_dir == tmp_path / "logs"
    assert settings.state_db_uri.get_secret_value() == f"sqlite:///{tmp_path}/data/state.db"
    assert settings.discord_token is None
    assert settings.discord_api_base == "https://discord.com/api/v10"
    assert (settings.log_level, settings.log_max_bytes, settings.log_backups) == (
        "INFO",
        10_000_000,
        5,
    )
    assert (settings.lease_seconds, settings.catch_up_hours, settings.retry_hours) == (30, 36, 6)
    assert (settings.query_timeout, settings.in_doubt, settings.webhook_hosts) == (20, "resend", ())
    assert settings.discord_gateway is settings.health_addr is None


def test_the_working_directory_is_the_base_when_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOG_DIR", "elsewhere")
    assert load_settings().log_dir == tmp_path / "elsewhere"


def test_environment_comes_before_dotenv_and_dotenv_before_defaults(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LEASE_SECONDS=7\nRETRY_HOURS=2\n", encoding="utf-8-sig")
    settings = load(tmp_path, LEASE_SECONDS="8")
    assert (settings.lease_seconds, settings.retry_hours, settings.catch_up_hours) == (8, 2, 36)


def test_foreign_names_are_passed_over_and_likely_slips_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / ".env").write_text(
        "INARA_API_KEY=x\nDISCORD_DEBUG_URL=https://example.org\nAPI_KEY_PROD=y\n"
        "DISCORD_SHOUTOUT_WEBHOOK_PROD=z\nCATCHUP_HOURS=1\nbare_name\n"
    )
    with caplog.at_level(logging.WARNING):
        assert load(tmp_path, HOME="/x").catch_up_hours == 36
    (record,) = caplog.records
    assert record.getMessage() == (
        "CATCHUP_HOURS in .env is no setting of the bot; is it meant to be CATCH_UP_HOURS?"
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("WEBHOOK_HOST", "WEBHOOK_HOSTS"),
        ("lease_second", "LEASE_SECONDS"),
        ("DISCORD_TOKENS", "DISCORD_TOKEN"),
        ("DISCORD_TOKEN_FILES", "DISCORD_TOKEN_FILE"),
        ("STATE_DB_URL", "STATE_DB_URI"),
        ("TENANTS_FILE", "TENANT_FILE"),
    ],
)
def test_a_likely_slip_in_the_environment_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, meant: str
) -> None:
    with caplog.at_level(logging.WARNING):
        load(tmp_path, **{name: "a-value-nobody-sees"})
    (record,) = caplog.records
    assert record.getMessage() == (
        f"{name.upper()} in the environment is no setting of the bot; is it meant to be {meant}?"
    )


FOREIGN = """
    PATH HOME USER LOGNAME LOGDIR LOG_DIRS LOGLEVEL LOG_LEVELS LOGFILE LOG_FILE DATADIR DATA_DIRS
    DATABASE_DIR PGDATA DB_URI DATABASE_URL STATE_DIR STATE_DIRECTORY LOGS_DIRECTORY XDG_DATA_DIRS
    XDG_DATA_HOME XDG_STATE_HOME DISCORD_API_KEY DISCORD_WEBHOOK_URL WEBHOOK_URL DISCORD_CLIENT_ID
    HTTP_TIMEOUT QUERY_STRING HOSTNAME TEST_POSTGRES_URI TZ LANG LC_ALL VIRTUAL_ENV PYTHONPATH
"""


def test_common_foreign_names_in_the_environment_are_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        load(tmp_path, **dict.fromkeys(FOREIGN.split(), "x"))
    assert not caplog.records


def test_case_does_not_matter_and_empty_means_not_set(tmp_path: Path) -> None:
    settings = load(
        tmp_path, log_level="debug", IN_DOUBT=" Skip ", RETRY_HOURS="", DISCORD_TOKEN=" "
    )
    assert (settings.log_level, settings.in_doubt) == ("DEBUG", "skip")
    assert settings.retry_hours == 6
    assert settings.discord_token is None


def test_all_faults_are_listed_at_once_with_value_and_remedy(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        LEASE_SECONDS="abc",
        CATCH_UP_HOURS="-1",
        RETRY_HOURS="nan",
        QUERY_TIMEOUT="inf",
        LOG_LEVEL="loud",
        LOG_BACKUPS="2.5",
        LOG_MAX_BYTES="0",
        IN_DOUBT="perhaps",
        WEBHOOK_HOSTS="http://proxy:1/, good.example",
        DISCORD_API_BASE="https://discord.com/api",
        DISCORD_GATEWAY="https://gateway",
        HEALTH_ADDR="localhost",
        DISCORD_TOKEN="Bot abcdefghijklmnop",
        STATE_DB_URI="mysql://u:hunter2hunter2@h/d",
    )
    assert len(found) == 14
    assert (
        found["LEASE_SECONDS"] == "LEASE_SECONDS='abc': give a number of seconds from 0.5 to 3600"
    )
    assert "resend" in found["IN_DOUBT"]
    assert "host:port" in found["WEBHOOK_HOSTS"]
    assert "good.example'" not in found["WEBHOOK_HOSTS"].partition(": ")[2]
    assert "/v10" in found["DISCORD_API_BASE"]
    text = "\n".join(found.values())
    assert "hunter2" not in text
    assert "abcdefgh" not in text


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("Proxy.Example", ("proxy.example",)),
        (" 127.0.0.1:8080 ,proxy,", ("127.0.0.1:8080", "proxy")),
        ("[::1]:8080,[0:0::1],::1", ("[::1]:8080", "[::1]")),
        ("my_host:08080", ("my_host:8080",)),
    ],
)
def test_webhook_hosts_are_normalised(tmp_path: Path, given: str, normal: tuple[str, ...]) -> None:
    assert load(tmp_path, WEBHOOK_HOSTS=given).webhook_hosts == normal


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("8080", "127.0.0.1:8080"),
        (" :8080 ", "127.0.0.1:8080"),
        ("0.0.0.0:8080", "0.0.0.0:8080"),
        ("::1", None),
        ("[::1]:8080", "[::1]:8080"),
        ("Localhost:80", "localhost:80"),
        ("0", None),
        (":70000", None),
        ("a..b:8080", None),
        (f"{'a' * 64}.example:8080", None),
        ("", ""),
    ],
)
def test_health_is_for_this_machine_only_unless_told(
    tmp_path: Path, given: str, address: str | None
) -> None:
    if address is None:
        assert "HEALTH_ADDR" in faults(tmp_path, HEALTH_ADDR=given)
    else:
        assert load(tmp_path, HEALTH_ADDR=given).health_addr == (address or None)


@pytest.mark.parametrize(
    "given",
    [
        *("http://x", "x/y", "u@x", "x:0", "x:65536", "x:", "*.x", "a b", "[::1", "[::1]x", "é"),
        *("a..b", "a.-b", f"{'a' * 64}.example", ".".join(["a" * 60] * 5)),
    ],
)
def test_what_is_no_host_is_refused(tmp_path: Path, given: str) -> None:
    assert "host:port" in faults(tmp_path, WEBHOOK_HOSTS=given)["WEBHOOK_HOSTS"]


def test_addresses_lose_their_last_slash(tmp_path: Path) -> None:
    settings = load(
        tmp_path, DISCORD_API_BASE="http://127.0.0.1:9/api/v10/", DISCORD_GATEWAY="ws://h/"
    )
    assert settings.discord_api_base == "http://127.0.0.1:9/api/v10"
    assert settings.discord_gateway == "ws://h"


@pytest.mark.parametrize(
    "uri",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:state.db",
        "sqlite+aiosqlite:///x.db",
        "postgresql+asyncpg://u:geheim99@h/d",
        "postgresql://u:geheim99@h:port/d",
        "mariadb://u:geheim99@h/d",
    ],
)
def test_a_ledger_that_could_not_work_is_refused_without_its_password(
    tmp_path: Path, uri: str
) -> None:
    text = faults(tmp_path, STATE_DB_URI=uri)["STATE_DB_URI"]
    assert "geheim99" not in text
    assert "://" in text


@pytest.mark.parametrize("uri", ["postgres://u:p@h/d", "postgresql+psycopg://u:p@[::1]:5432/d?a=b"])
def test_a_postgresql_ledger_is_taken_as_it_is(tmp_path: Path, uri: str) -> None:
    assert load(tmp_path, STATE_DB_URI=uri).state_db_uri.get_secret_value() == uri


def test_a_relative_ledger_path_is_seen_from_the_base_folder(tmp_path: Path) -> None:
    uri = load(tmp_path, STATE_DB_URI="sqlite:///my/state.db?timeout=5").state_db_uri
    assert uri.get_secret_value() == f"sqlite:///{tmp_path}/my/state.db?timeout=5"
    uri = load(tmp_path, STATE_DB_URI="sqlite:////var/state.db").state_db_uri
    assert uri.get_secret_value() == "sqlite:////var/state.db"


def test_a_secret_comes_from_a_file_without_the_newline_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret-token-123\r\n")
    settings = load(tmp_path, DISCORD_TOKEN_FILE="token")
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "secret-token-123"


def test_secret_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    found = faults(tmp_path, DISCORD_TOKEN_FILE="nowhere", STATE_DB_URI_FILE="empty")
    assert "No such file" in found["DISCORD_TOKEN_FILE"]
    assert "empty" in found["STATE_DB_URI_FILE"]
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    assert "UTF-8" in faults(tmp_path, DISCORD_TOKEN_FILE="binary")["DISCORD_TOKEN_FILE"]


def test_what_a_secret_file_holds_is_blamed_on_the_file_without_showing_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "two").write_text("qzx-one-123\nqzx-two-456\n")
    (tmp_path / "uri").write_text("mysql://u:qzxhunter2@h/d\n")
    found = faults(tmp_path, DISCORD_TOKEN_FILE="two", STATE_DB_URI_FILE="uri")
    assert set(found) == {"DISCORD_TOKEN_FILE", "STATE_DB_URI_FILE"}
    assert found["DISCORD_TOKEN_FILE"].startswith(
        "DISCORD_TOKEN_FILE='two': this file holds more than one line; "
    )
    assert found["STATE_DB_URI_FILE"].startswith(
        "STATE_DB_URI_FILE='uri': what this file holds is wrong: the ledger lives in SQLite"
    )
    assert "qzx" not in "".join(found.values())


def test_a_secret_given_twice_is_a_fault_but_the_environment_still_beats_dotenv(
    tmp_path: Path,
) -> None:
    (tmp_path / "token").write_text("from-file-123")
    found = faults(tmp_path, DISCORD_TOKEN="from-env-123", DISCORD_TOKEN_FILE="token")
    assert "keep one" in found["DISCORD_TOKEN_FILE"]
    (tmp_path / ".env").write_text("DISCORD_TOKEN=from-dotenv-123\n")
    settings = load(tmp_path, DISCORD_TOKEN_FILE="token")
    assert settings.discord_token is not None
    assert settings.discord_token.get_secret_value() == "from-file-123"


def test_secrets_are_never_shown_and_every_log_masks_them(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        DISCORD_TOKEN="a-very-secret-token",
        STATE_DB_URI="postgresql://u:db%40password@h/d",
    )
    for text in (repr(settings), str(settings)):
        assert "secret-token" not in text
        assert "password" not in text
    assert mask("a-very-secret-token db%40password db@password").count("***") == 3


def test_settings_built_in_code_see_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "5")
    settings = Settings(base_dir=tmp_path, webhook_hosts=("Proxy:80",), log_dir=Path("l"))
    assert settings.lease_seconds == 30
    assert settings.webhook_hosts == ("proxy:80",)
    assert settings.log_dir == tmp_path / "l"


# Secrets are short or marked: what is registered here stays masked for other tests.
anything = st.text(max_size=20) | st.floats().map(str) | st.integers().map(str)
secret = st.text(max_size=5) | st.text().map(lambda text: f"postgresql://u:qzx{text}@h/d")


@given(
    st.fixed_dictionaries(
        {},
        optional={info.name: secret if info.secret else anything for info in describe_settings()},
    )
)
def test_any_text_is_taken_or_refused_with_one_clear_error(env: dict[str, str]) -> None:
    found: tuple[SettingFault, ...] = ()
    try:
        settings = load_settings(base_dir=ROOT / "tests", env=env)
    except SettingsError as error:
        found = error.faults
    else:
        assert settings.lease_seconds >= 0.5
        return
    assert found
    assert all(fault.remedy for fault in found)


def test_the_example_file_names_every_setting_and_changes_nothing(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text()
    settings = {line[2:].partition("=")[0] for line in text.splitlines() if "=" in line}
    secrets = {f"{info.name}_FILE" for info in describe_settings() if info.secret}
    assert settings == {info.name for info in describe_settings()} | secrets
    (tmp_path / ".env").write_text(text)
    assert load(tmp_path) == load_settings(base_dir=tmp_path, env={})
    settings_as_shown = "\n".join(
        line[2:] for line in text.splitlines() if line[2:].partition("=")[0] in settings
    )
    (tmp_path / ".env").write_text(settings_as_shown)
    shown = load(tmp_path)
    (tmp_path / ".env").unlink()
    assert shown == load(tmp_path)


def test_settings_load_without_sqlalchemy_and_discord() -> None:
    code = (
        "import sys; from bot.settings import load_settings; load_settings(env={}); "
        "print([m for m in ('sqlalchemy', 'discord', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
