"""The file of an SQLite database is looked at before it is opened."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from webapp.commands.sqlite_file import fault_of_file

# The user without rights that every Unix has.
NOBODY = 65534


@pytest.fixture
def file() -> Iterator[Path]:
    """Give a file in a folder that others may enter, and write as well."""
    with TemporaryDirectory(prefix="gatehouse-") as folder:
        path = Path(folder) / "gatehouse.sqlite3"
        path.touch()
        path.chmod(0o666)
        path.parent.chmod(0o777)
        yield path


@contextmanager
def without_rights() -> Iterator[None]:
    """Be nobody for a while where the tests are root's, who may write everything."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_file_that_can_be_used_has_no_fault(file: Path) -> None:
    with without_rights():
        assert fault_of_file(f"sqlite:///{file}") is None


def test_other_database_is_no_file_and_has_no_fault() -> None:
    assert fault_of_file("postgresql://host/site") is None


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o666, 0o555), (0o222, 0o777)])
def test_file_or_folder_that_cannot_be_written_is_told(file: Path, file_mode: int, folder_mode: int) -> None:
    file.chmod(file_mode)
    file.parent.chmod(folder_mode)
    with without_rights():
        told = fault_of_file(f"sqlite:///{file}")
    file.parent.chmod(0o777)
    assert told == f"{file} or its folder cannot be written by this user; both have to be."


@pytest.mark.parametrize("name", ["missing.sqlite3", "no/such/folder/x.sqlite3", ""])
def test_what_is_no_file_is_told_and_not_made(file: Path, name: str) -> None:
    path = file.parent / name
    told = fault_of_file(f"sqlite:///{path}")
    assert told is not None
    assert told.startswith(f"There is no database at {path}. Run python -m webapp migrate")
    assert not path.is_file()
