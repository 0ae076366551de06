from __future__ import annotations

import asyncio
import io
import json
import logging
import logging.handlers
import queue
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BotError
from bot.logs import (
    LOG_FILE_NAME,
    LogFolderError,
    close_logging,
    mask,
    register_secret,
    register_uri_secrets,
    setup_logging,
)
from bot.settings import Settings, describe_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

logger = logging.getLogger("bot.something")


@pytest.fixture(autouse=True)
def restored_logging() -> Iterator[None]:
    yield
    close_logging()


@pytest.fixture
def foreign_log() -> Iterator[io.StringIO]:
    """A handler of somebody else's on the root logger, with the standard formatter."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def settings(folder: Path, **changes: Any) -> Settings:
    return Settings(base_dir=folder, **changes)


def log_text(folder: Path) -> str:
    return (folder / "logs" / LOG_FILE_NAME).read_text(encoding="utf-8")


def test_lines_have_utc_time_level_logger_and_fields(tmp_path: Path) -> None:
    setup_logging(settings(tmp_path))
    logger.info("posted %d parts", 2, extra={"tenant": "wolves", "report": "daily", "window": "w"})
    (line,) = log_text(tmp_path).splitlines()
    pattern = (
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO     bot\.something: "
        r"posted 2 parts \[tenant=wolves report=daily window=w\]"
    )
    assert re.fullmatch(pattern, line)


def test_what_players_type_into_forms_is_not_logged_at_any_level(tmp_path: Path) -> None:
    setup_logging(settings(tmp_path, log_level="DEBUG"))
    gateway = logging.getLogger("discord.gateway")
    gateway.debug("WebSocket Event: %s", {"d": {"data": {"value": "typed-into-a-form"}}})
    gateway.info("Shard ID 0 has connected")
    assert "typed-into-a-form" not in log_text(tmp_path)
    assert "has connected" in log_text(tmp_path)
    close_logging()
    assert gateway.level == logging.NOTSET


def test_nobodys_text_forges_a_line_or_moves_the_cursor(tmp_path: Path) -> None:
    setup_logging(settings(tmp_path))
    logger.warning("CMDR %s", "Eve\n2025-01-01T00:00:00.000Z INFO bot: all is well\x1b[2J\r\ud800")
    text = log_text(tmp_path)
    assert [line[:4] == "    " for line in text.splitlines()] == [False, True]
    assert "\x1b" not in text
    assert "\\x1b[2J\\x0d\\ud800" in text


def test_setting_up_twice_writes_each_line_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        setup_logging(settings(tmp_path))
    logger.info("once")
    assert log_text(tmp_path).count("once") == 1
    assert capsys.readouterr().err.count("once") == 1
    setup_logging(settings(tmp_path, log_dir=tmp_path / "other", log_level="ERROR"))
    logger.info("not any more")
    logger.error("moved")
    assert "moved" not in log_text(tmp_path)
    text = (tmp_path / "other" / LOG_FILE_NAME).read_text()
    assert "moved" in text
    assert "not any more" not in text


def test_setting_up_again_repairs_what_another_program_took_away(tmp_path: Path) -> None:
    setup_logging(settings(tmp_path), console=False)
    for handler in list(logging.getLogger("bot").handlers):
        logging.getLogger("bot").removeHandler(handler)
    setup_logging(settings(tmp_path), console=False)
    logger.info("back again")
    assert "back again" in log_text(tmp_path)


def test_without_console_the_program_around_keeps_its_logging(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers), sys.excepthook, threading.excepthook)
    setup_logging(settings(tmp_path), console=False)
    assert (root.level, root.handlers, sys.excepthook, threading.excepthook) == before
    logger.info("ours")
    logging.getLogger("werkzeug").error("theirs")
    assert "ours" in log_text(tmp_path)
    assert "theirs" not in log_text(tmp_path)
    assert "ours" not in capsys.readouterr().err


def test_the_folder_holds_the_log_its_backups_and_one_hidden_lock_file(tmp_path: Path) -> None:
    setup_logging(settings(tmp_path, log_max_bytes=500, log_backups=2), console=False)
    for number in range(50):
        logger.info("line %d", number)
    close_logging()
    names = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert names == [
        ".__tick_scheduler.lock",
        LOG_FILE_NAME,
        f"{LOG_FILE_NAME}.1",
        f"{LOG_FILE_NAME}.2",
    ]


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "taken" / LOG_FILE_NAME).mkdir(parents=True)
    for folder in (tmp_path / "file", tmp_path / "file" / "deep", tmp_path / "taken"):
        with pytest.raises(LogFolderError, match="LOG_DIR") as caught:
            setup_logging(settings(tmp_path, log_dir=folder))
        assert isinstance(caught.value, BotError)
        assert str(folder) in str(caught.value)


WRITER = """
import sys
from pathlib import Path
from bot.logs import setup_logging
from bot.settings import Settings, describe_settings
import logging
setup_logging(
    Settings(base_dir=Path(sys.argv[1]), log_max_bytes=2000, log_backups=500), console=False
)
for number in range(400):
    logging.getLogger("bot").info("writer %s line %d", sys.argv[2], number)
"""


def test_two_processes_that_write_and_rotate_at_once_lose_no_line(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name]) for name in "AB"
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0]
    files = list((tmp_path / "logs").glob(f"{LOG_FILE_NAME}*"))
    assert len(files) > 10
    text = "".join(file.read_text() for file in files)
    found = sorted(re.findall(r"writer (\w) line (\d+)", text))
    assert found == sorted((name, str(number)) for name in "AB" for number in range(400))
    assert len(text.splitlines()) == 800


SECRET = "s3cret/Tok'en\"with\\odd stuff"


def raise_nested(secret: str) -> None:
    try:
        try:
            raise KeyError(secret)
        except KeyError as error:
            error.add_note(f"note {secret}")
            raise ValueError(f"inner {secret!r}") from error
    except ValueError as error:
        raise ExceptionGroup(f"outer {secret}", [error, OSError(5, secret)]) from error


# A mark of their own: what is registered here stays masked in the tests that follow.
secrets = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="*"), min_size=4, max_size=40
).map(lambda text: f"qzx{text}vkj")


@given(secret=secrets, around=st.text(max_size=10))
def test_no_secret_leaks_through_message_arguments_exceptions_or_causes(
    foreign_log: io.StringIO, tmp_path: Path, secret: str, around: str
) -> None:
    setup_logging(settings(tmp_path, log_level="DEBUG"), console=False)
    register_secret(secret)
    logger.info(f"{around}{secret}{around}")  # noqa: G004  # what others do
    logger.info("%s and %r", secret, secret, extra={"tenant": secret})
    logger.info("%(key)s", {"key": [secret]})
    logger.info("%s", quote(secret, safe=""))
    logger.info("%s", json.dumps({"key": secret}))
    logger.info("%d", secret)
    logger.info(secret, 1, 2)
    logger.info("stack", stack_info=True)
    try:
        raise_nested(secret)
    except ExceptionGroup as error:
        logger.exception("failed: %s", error)
        logger.error("again", exc_info=error)
    forms = {secret, quote(secret, safe=""), repr(secret)[1:-1], json.dumps(secret)[1:-1]}
    for text in (foreign_log.getvalue(), log_text(tmp_path)):
        assert not [form for form in forms if form in text]
        assert "failed" in text
    foreign_log.truncate(0)
    foreign_log.seek(0)
    (tmp_path / "logs" / LOG_FILE_NAME).write_text("")


def test_formatters_that_render_the_traceback_themselves_are_masked_too() -> None:
    import discord.utils

    register_secret(SECRET)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(discord.utils._ColourFormatter())
    log = logging.getLogger("somebody.else")
    log.addHandler(handler)
    try:
        raise_nested(SECRET)
    except ExceptionGroup:
        log.exception("failed")
    log.removeHandler(handler)
    assert "failed" in stream.getvalue()
    assert "s3cret" not in stream.getvalue()


def test_records_that_go_through_a_queue_or_a_pickle_stay_masked() -> None:
    register_secret(SECRET)
    records: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    handler = logging.handlers.QueueHandler(records)
    log = logging.getLogger("somebody.else")
    log.addHandler(handler)
    log.error("key %s", SECRET)
    log.removeHandler(handler)
    record = records.get()
    assert record.getMessage() == "key ***"
    pickled = logging.handlers.SocketHandler("localhost", 1).makePickle(record)
    assert b"s3cret" not in pickled


def test_a_record_factory_of_another_program_is_kept_and_masked() -> None:
    class Record(logging.LogRecord):
        request_id = "r-1"

    previous = logging.getLogRecordFactory()
    logging.setLogRecordFactory(Record)
    try:
        register_secret(SECRET)
        record: Any = logging.makeLogRecord({})
        record = logging.getLogRecordFactory()("x", logging.INFO, "f", 1, "got %s", (SECRET,), None)
    finally:
        logging.setLogRecordFactory(previous)
    assert record.getMessage() == "got ***"
    assert record.request_id == "r-1"
    assert isinstance(record, Record)


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


def test_real_errors_of_sqlalchemy_and_aiohttp_are_masked(
    foreign_log: io.StringIO, tmp_path: Path
) -> None:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError, ProgrammingError

    uri = "postgresql+psycopg://u:Hidden%20Password@127.0.0.1:1/d"
    register_uri_secrets(uri)
    engine = create_engine(uri, connect_args={"connect_timeout": 2})
    try:
        engine.connect()
    except (OperationalError, ProgrammingError):
        logging.getLogger("sqlalchemy.pool").exception("no connection to %s", uri)
        logging.getLogger("sqlalchemy.pool").error("args %r", engine.url.translate_connect_args())
    engine.dispose()

    async def post() -> None:
        url = "http://127.0.0.1:1/api/webhooks/77/Hidden-token"
        async with aiohttp.ClientSession() as session:
            try:
                await session.post(url, headers={"Authorization": "Bot Hidden"})
            except aiohttp.ClientError:
                logging.getLogger("aiohttp.client").exception("no answer from %s", url)
            loop = asyncio.get_running_loop()
            loop.call_exception_handler({"message": f"task died at {url}"})

    asyncio.run(post())
    text = foreign_log.getvalue()
    assert "Hidden" not in text
    assert text.count("/webhooks/77/***") >= 2
    assert "no connection" in text


PROGRAM = """
import sys, threading
from pathlib import Path
from bot.logs import register_secret, setup_logging
from bot.settings import Settings, describe_settings
setup_logging(Settings(base_dir=Path(sys.argv[1])))
secret = "".join(["very", "hidden", "thing"])
register_secret(secret)
def work():
    raise ValueError(secret)
thread = threading.Thread(target=work); thread.start(); thread.join()
class Bad:
    def __del__(self):
        raise KeyError(secret)
bad = Bad(); del bad
raise RuntimeError(f"https://h/webhooks/1/{secret}")
"""


def test_errors_nobody_caught_are_logged_masked_instead_of_printed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    for text in (done.stderr, log_text(tmp_path)):
        assert "veryhiddenthing" not in text
        assert text.count("Traceback") == 3
        assert "RuntimeError: https://h/webhooks/1/***" in text


FLASK = """
import io, logging, sys
from pathlib import Path
from flask import Flask
stream = io.StringIO()
logging.basicConfig(level=logging.INFO, handlers=[logging.StreamHandler(stream)])
from bot.logs import setup_logging
from bot.settings import load_settings
setup_logging(load_settings(base_dir=Path(sys.argv[1])), console=False)
app = Flask(__name__)
@app.get("/")
def index():
    app.logger.info("calling %s", "https://discord.com/api/webhooks/1/hidden-thing")
    raise RuntimeError("postgresql://u:hidden-thing@h/d")
app.test_client().get("/")
logging.getLogger("bot.x").info("https://discord.com/api/webhooks/2/hidden-thing")
print(stream.getvalue())
"""


def test_a_flask_apps_own_handlers_are_masked(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FLASK, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "hidden-thing@" not in done.stdout.replace('("postgresql', "")
    assert "/webhooks/1/***" in done.stdout
    assert "/webhooks/2/***" in done.stdout
    assert "RuntimeError: postgresql://u:***@h/d" in done.stdout
    assert "/webhooks/2/***" in log_text(tmp_path)
