"""The log file cannot be written, or is taken away: one line tells, and it comes back."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.logs import LOG_FILE_NAME, register_secret, setup_logging
from tests.logs.lines import log_text, logger, settings

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = Path("/dev/full")
SECRET = "hunter-SECRET-2"
HOOK = "https://discord.com/api/webhooks/123/tokSECRETtokSECRET"
TOLD = r"\S+Z ERROR    bot\.logs: cannot write the log file \S+: "

full_disk = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full, a disk without space")


def fill_the_disk(folder: Path) -> None:
    """Let every write to the log fail for want of space."""
    log = folder / "logs" / LOG_FILE_NAME
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    log.symlink_to(FULL)


def make_space(folder: Path) -> None:
    """Let the log be written again."""
    (folder / "logs" / LOG_FILE_NAME).unlink()


def log_a_secret() -> None:
    """Log an error whose text, cause and arguments hold secrets."""
    try:
        try:
            raise OSError(5, f"user:{SECRET}")
        except OSError as error:
            raise RuntimeError(f"url {HOOK} and postgresql://u:{SECRET}@h/db") from error
    except RuntimeError as error:
        logger.exception("failed: %s %s", error, {"password": SECRET})


@full_disk
def test_a_full_disk_is_told_once_and_without_the_entries(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup_logging(settings(tmp_path), console=False)
    register_secret(SECRET)
    fill_the_disk(tmp_path)
    for _ in range(20):
        log_a_secret()
    (line,) = capsys.readouterr().err.splitlines()
    assert re.fullmatch(TOLD + r"No space left on device; .*", line)
    assert "SECRET" not in line


@full_disk
def test_trouble_that_comes_back_is_told_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup_logging(settings(tmp_path), console=False)
    for number in range(3):
        fill_the_disk(tmp_path)
        logger.warning("lost %d", number)
        logger.warning("lost as well")
        make_space(tmp_path)
        logger.warning("there is space %d", number)
        assert [line[24:] for line in log_text(tmp_path).splitlines()] == [
            f" WARNING  bot.something: there is space {number}"
        ]
    assert len(capsys.readouterr().err.splitlines()) == 3


@full_disk
def test_the_console_shows_the_entries_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup_logging(settings(tmp_path))
    fill_the_disk(tmp_path)
    logger.info("first")
    logger.info("second")
    lines = capsys.readouterr().err.splitlines()
    assert [line.rpartition(": ")[2][:6] for line in lines] == ["No spa", "first", "second"]


LIMITED = """
import logging, resource, signal, sys
from pathlib import Path
from bot.logs import setup_logging
from bot.settings import Settings
setup_logging(Settings(base_dir=Path(sys.argv[1])), console=False)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = logging.getLogger("bot")
log.info("before")
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
for number in range(3):
    log.info("cut short %d %s", number, "x" * 100)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.info("after")
"""


def test_an_entry_that_was_cut_short_does_not_run_into_the_next(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert len(ended.stderr.splitlines()) == 1
    last = log_text(tmp_path).splitlines()[-1]
    assert re.fullmatch(r"\S+Z INFO     bot: after", last)


class Unprintable:
    """An argument that a formatter cannot show, as a record of another factory's may hold."""

    def __str__(self) -> str:
        raise ValueError(SECRET)


def test_an_entry_that_cannot_be_drawn_up_gives_nothing_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup_logging(settings(tmp_path))
    foreign = logging.LogRecord("bot.x", logging.INFO, "f", 1, "%s", (Unprintable(),), None)
    for handler in logging.getLogger().handlers:
        if type(handler).__module__.startswith("bot."):
            handler.handle(foreign)
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 2
    assert "ValueError" in told
    assert SECRET not in told
    assert "Traceback" not in told


class Broken:
    """A stderr that takes nothing."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")

    def flush(self) -> None:
        raise BrokenPipeError(32, "Broken pipe")


@full_disk
@pytest.mark.parametrize("stream", [None, Broken()])
def test_nothing_is_raised_where_stderr_is_gone_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: object
) -> None:
    setup_logging(settings(tmp_path))
    fill_the_disk(tmp_path)
    monkeypatch.setattr(sys, "stderr", stream)
    logger.error("nobody hears this")


def take_away(folder: Path) -> None:
    shutil.rmtree(folder)


def move_away(folder: Path) -> None:
    folder.rename(folder.with_name("moved"))


def replace(folder: Path) -> None:
    move_away(folder)
    folder.mkdir()
    (folder / LOG_FILE_NAME).write_text("")


def move_the_file(folder: Path) -> None:
    (folder / LOG_FILE_NAME).rename(folder / "moved.log")


@pytest.mark.parametrize("happens", [take_away, move_away, replace, move_the_file])
def test_a_log_that_is_taken_away_comes_back_with_the_next_entry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], happens: Callable[[Path], None]
) -> None:
    setup_logging(settings(tmp_path, log_max_bytes=500, log_backups=2), console=False)
    logger.info("before")
    for _ in range(2):
        happens(tmp_path / "logs")
        logger.info("after")
        assert [line[-5:] for line in log_text(tmp_path).splitlines()] == ["after"]
        shutil.rmtree(tmp_path / "moved", ignore_errors=True)
    for number in range(50):
        logger.info("line %d", number)
    assert (tmp_path / "logs" / f"{LOG_FILE_NAME}.2").exists()
    assert not (tmp_path / "logs" / f"{LOG_FILE_NAME}.3").exists()
    assert capsys.readouterr().err == ""


def test_a_folder_that_cannot_be_made_anew_is_told_once_until_it_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    setup_logging(settings(tmp_path), console=False)
    logger.info("before")
    shutil.rmtree(tmp_path / "logs")
    (tmp_path / "logs").write_text("a file where the folder was")
    for _ in range(5):
        logger.info("lost")
    (tmp_path / "logs").unlink()
    logger.info("back")
    assert "back" in log_text(tmp_path)
    assert re.fullmatch(TOLD + ".*\n", capsys.readouterr().err)


WRITER = """
import logging, sys, time
from pathlib import Path
from bot.logs import setup_logging
from bot.settings import Settings
folder, name = Path(sys.argv[1]), sys.argv[2]
setup_logging(Settings(base_dir=folder, log_max_bytes=2000, log_backups=500), console=False)
log = logging.getLogger("bot")
while not (folder / "go").exists():
    log.info("early words of %s", name)
    (folder / f"{name} has begun").touch()
    time.sleep(0.001)
for number in range(400):
    log.info("writer %s line %d", name, number)
"""


def test_two_processes_whose_folder_is_taken_away_lose_no_later_line(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path), name], stderr=subprocess.PIPE
        )
        for name in "AB"
    ]
    wait_for(lambda: len(list(tmp_path.glob("* has begun"))) == 2)
    for _ in range(20):
        shutil.rmtree(tmp_path / "logs", ignore_errors=True)
        time.sleep(0.01)
    (tmp_path / "go").touch()
    told = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert all(b"Traceback" not in each for each in told)
    text = "".join(file.read_text() for file in (tmp_path / "logs").glob(f"{LOG_FILE_NAME}*"))
    found = sorted(re.findall(r"writer (\w) line (\d+)", text))
    assert found == sorted((name, str(number)) for name in "AB" for number in range(400))


def wait_for(happened: Callable[[], bool]) -> None:
    """Wait until something is true; looks often."""
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)
