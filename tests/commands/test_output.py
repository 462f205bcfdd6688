"""Where the answers go: to a reader who leaves early, to a full disk, to a terminal with few letters, to nobody."""

import asyncio
import errno
import io
import os
import subprocess
import sys

import pytest
from console import ENDS_WITHIN_SECONDS, ROOT, run, start
from operators import PASSWORD, SECRET
from redis_forms import Deployment, frozen

from webapp.__main__ import main
from webapp.commands.checks import database
from webapp.commands.checks.findings import Finding

COMMAND = (sys.executable, "-m", "webapp")
# What is put around it.
DISK_IS_FULL = '"$@" >/dev/full'
IS_CLOSED = '"$@" >&-'
NO_INPUT = '"$@" <&-'

Environ = dict[str, str]


class FullDisk(io.StringIO):
    """A file that takes nothing."""

    def write(self, _: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def settings(redis_url: str, sqlite_url: str) -> Environ:
    return {"SECRET_KEY": SECRET, "REDIS_URL": redis_url, "DATABASE_URL": sqlite_url}


def in_bash(script: str, *words: str, environ: Environ) -> subprocess.CompletedProcess[str]:
    """Run a command with one of the scripts above around it."""
    return _ended(["bash", "-c", script, "bash", *COMMAND, *words], environ, subprocess.PIPE)


def read_by_nobody(*words: str, environ: Environ) -> subprocess.CompletedProcess[str]:
    """Run a command whose reader has left before it began."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as unread:
        return _ended([*COMMAND, *words], environ, unread.fileno())


def _ended(command: list[str], environ: Environ, stdout: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": "/bin:/usr/bin", **environ},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=ENDS_WITHIN_SECONDS,
    )


def test_reader_who_leaves_after_a_line_is_no_error(settings: Environ, deployment: Deployment) -> None:
    with start(("doctor",), settings) as doctor:
        assert doctor.stdout
        # What comes before Redis is told at once, the rest when Redis has said something.
        with frozen(deployment):
            assert "Settings" in doctor.stdout.readline()
            doctor.stdout.close()
        _, said = doctor.communicate(timeout=ENDS_WITHIN_SECONDS)
    assert (doctor.returncode, said) == (141, "")


@pytest.mark.parametrize("words", [("doctor",), ("sessions", "list", "ada@example.test")])
def test_answer_that_was_read_by_nobody_is_no_error(settings: Environ, words: tuple[str, ...]) -> None:
    assert run("accounts", "create", "ada@example.test", environ=settings, stdin=PASSWORD).returncode == 0
    ended = read_by_nobody(*words, environ=settings)
    assert (ended.returncode, ended.stderr) == (141, "")


def test_doctor_comes_to_an_end_where_nothing_can_be_written(settings: Environ) -> None:
    ended = in_bash(DISK_IS_FULL, "doctor", environ=settings)
    assert ended.returncode != 0
    assert "No space left on device" in ended.stderr


def test_doctor_cuts_no_driver_short_where_nothing_can_be_written(
    environ: Environ, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is just connecting would wait for ever, in a thread that keeps the process."""
    looked = []

    async def slowly(*_: object) -> list[Finding]:
        await asyncio.sleep(0.2)
        looked.append("at all of it")
        return []

    monkeypatch.setattr(database, "examine", slowly)
    monkeypatch.setattr(sys, "stdout", FullDisk())
    with pytest.raises(OSError, match="No space"):
        main(["doctor"])
    assert environ
    assert looked == ["at all of it"]


def test_closed_output_is_no_error(settings: Environ) -> None:
    ended = in_bash(IS_CLOSED, "doctor", environ=settings)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_closed_input_has_no_password(settings: Environ) -> None:
    ended = in_bash(NO_INPUT, "accounts", "create", "ada@example.test", environ=settings)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith("There is nothing to read the password from.")


def test_letters_that_a_terminal_lacks_are_spelled_out(settings: Environ) -> None:
    few = settings | {"PYTHONIOENCODING": "ascii"}
    ended = run(
        "accounts", "create", "zo\N{LATIN SMALL LETTER E WITH DIAERESIS}@example.test", environ=few, stdin=PASSWORD
    )
    assert ended.returncode == 0
    assert r"zo\xeb@example.test is open" in ended.stdout
