"""Lines reach the operator whole, from any number of processes, and nobody else is harmed by how they do."""

import fcntl
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from webapp.logs.handler import LineHandler

ROOT = Path(__file__).parents[2]
# Enough to fill the pipe over and over, of every length that a line may have.
LINES = 400
WRITER = f"""
import logging, sys
from webapp.logs import configure_logging
configure_logging(production=True)
for number in range({LINES}):
    logging.warning("%s %d %s", sys.argv[1], number, "lantern " * (number * 7 % 2600))
"""


def handler(descriptor: int) -> LineHandler:
    made = LineHandler(descriptor)
    made.setFormatter(logging.Formatter())
    return made


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("a", logging.INFO, __file__, 1, message, (), None)


def test_lines_of_several_processes_that_share_a_pipe_never_mix() -> None:
    reading, writing = os.pipe()
    words = [sys.executable, "-c", WRITER]
    processes = [subprocess.Popen([*words, name], cwd=ROOT, stderr=writing) for name in "abcd"]
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        # Being late lets the pipe fill up, so that every writer has to wait in the middle of what it has to say.
        time.sleep(1)
        entries = [json.loads(line) for line in pipe]
    assert [process.wait() for process in processes] == [0] * 4
    for name in "abcd":
        told = [entry["message"].split()[:2] for entry in entries if entry["message"].startswith(name)]
        assert told == [[name, str(number)] for number in range(LINES)]
    assert len(entries) == 4 * LINES


def test_each_line_is_one_write(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []

    def write(descriptor: int, line: bytes) -> int:
        written.append(line)
        return len(line)

    monkeypatch.setattr(os, "write", write)
    for message in ("a", "b\udcff"):
        handler(2).handle(record(message))
    assert written == [b"a\n", b"b\\udcff\n"]


def test_reader_who_has_gone_costs_nothing_but_the_line() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    handler(writing).handle(record("to nobody"))
    os.close(writing)
    # Nor does a descriptor that was closed under us.
    handler(writing).handle(record("to nobody"))


def test_full_pipe_that_does_not_wait_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    size = fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ)
    os.write(writing, b"x" * size)
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        monkeypatch.setattr("select.select", lambda *_: (pipe.read(size), [writing], []))
        handler(writing).handle(record("at last"))
        assert pipe.read(size) == b"at last\n"
    os.close(writing)


def test_full_pipe_that_nobody_empties_costs_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.logs.handler.PATIENCE", 0.01)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    size = fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ)
    os.write(writing, b"x" * size)
    handler(writing).handle(record("to nobody"))
    assert os.read(reading, 2 * size) == b"x" * size
    os.close(reading)
    os.close(writing)
