"""What the log looks like, where it is, and what else it leaves alone."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from bot.errors import BotError
from bot.logs import LOG_FILE_NAME, LogFolderError, close_logging, setup_logging
from tests.logs.lines import log_text, logger, settings

if TYPE_CHECKING:
    from pathlib import Path


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
