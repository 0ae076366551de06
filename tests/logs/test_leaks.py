"""Whichever way something is logged, by us or by others: no secret gets out."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import logging.handlers
import queue
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import LOG_FILE_NAME, register_secret, register_uri_secrets, setup_logging
from tests.logs.lines import log_text, logger, settings

if TYPE_CHECKING:
    from pathlib import Path

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
    logger.info(f"{around}{secret}{around}")  # what others do
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
