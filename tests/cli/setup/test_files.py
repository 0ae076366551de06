"""Several files are written as one, whatever happens in between."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.cli.setup.files import Change, WriteError, write_all

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2025, 9, 12, 1, 2, 3, tzinfo=UTC)


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A file that is there and readable by all."""
    path = tmp_path / "one"
    path.write_text("old")
    path.chmod(0o644)
    return path


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A file that is not there yet."""
    return tmp_path / "two"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_are_written_privately_and_the_old_is_kept(one: Path, two: Path) -> None:
    changes = [Change(one, b"old", b"new"), Change(two, None, b"second")]
    write_all(changes, NOW)
    assert (one.read_text(), two.read_text()) == ("new", "second")
    assert names(one.parent) == ["one", "one.20250912-010203.bak", "two"]
    assert changes[0].backup is not None
    assert changes[0].backup.read_text() == "old"
    assert [mode_of(path) for path in (one, changes[0].backup, two)] == [0o640, 0o640, 0o600]
    assert [change.was_open for change in changes] == [True, False]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(
    ("before", "after", "was_open"),
    [(0o640, 0o640, False), (0o660, 0o660, False), (0o600, 0o600, False), (0o664, 0o660, True)],
)
def test_owner_and_group_go_on_reading(one: Path, before: int, after: int, was_open: bool) -> None:
    one.chmod(before)
    change = Change(one, b"old", b"new")
    write_all([change], NOW)
    assert change.backup is not None
    assert [mode_of(one), mode_of(change.backup)] == [after, after]
    assert change.was_open is was_open


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_group_of_another_program_stays(one: Path) -> None:
    os.chown(one, 1000, 1001)
    one.chmod(0o640)
    write_all([Change(one, b"old", b"new")], NOW)
    for path in one.parent.iterdir():
        found = path.stat()
        assert (found.st_uid, found.st_gid, mode_of(path)) == (1000, 1001, 0o640)


def test_a_second_change_in_the_same_second_keeps_both_old_files(one: Path) -> None:
    write_all([Change(one, b"old", b"new")], NOW)
    write_all([Change(one, b"new", b"newer")], NOW)
    assert names(one.parent) == ["one", "one.20250912-010203-1.bak", "one.20250912-010203.bak"]


@pytest.mark.parametrize("before", [None, b"other"])
def test_a_file_that_was_changed_meanwhile_is_left_alone(
    one: Path, two: Path, before: bytes | None
) -> None:
    with pytest.raises(WriteError, match="changed meanwhile"):
        write_all([Change(two, None, b"second"), Change(one, before, b"new")], NOW)
    assert one.read_text() == "old"
    assert names(one.parent) == ["one"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_who_is_stopped_before_the_end_has_changed_nothing(
    one: Path, two: Path, error: type[BaseException]
) -> None:
    def stop(path: Path) -> None:
        assert path.read_bytes() == b"second"
        raise error

    with pytest.raises(error):
        write_all([Change(one, b"old", b"new"), Change(two, None, b"second", stop)], NOW)
    assert one.read_text() == "old"
    assert names(one.parent) == ["one"]


def test_where_the_last_cannot_be_written_the_first_is_as_it_was(one: Path, two: Path) -> None:
    def put_a_folder_in_the_way(_: Path) -> None:
        (two / "full").mkdir(parents=True)

    changes = [Change(one, b"old", b"new"), Change(two, None, b"x", put_a_folder_in_the_way)]
    with pytest.raises(WriteError, match="nothing was written"):
        write_all(changes, NOW)
    assert one.read_text() == "old"
    assert stat.S_IMODE(one.stat().st_mode) == 0o644
    assert names(one.parent) == ["one", "two"]


def test_a_link_stays_a_link(one: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    link = folder / "link"
    link.symlink_to(one)
    write_all([Change(link, b"old", b"new")], NOW)
    assert link.is_symlink()
    assert one.read_text() == "new"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_keeps_its_owner(one: Path) -> None:
    os.chown(one, 12345, 23456)
    write_all([Change(one, b"old", b"new")], NOW)
    assert {(path.stat().st_uid, path.stat().st_gid) for path in one.parent.iterdir()} == {
        (12345, 23456)
    }
