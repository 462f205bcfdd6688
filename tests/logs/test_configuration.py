"""Whatever a process has to say goes through one place: tried with real processes."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
START = "import logging\nfrom webapp.logs import configure_logging\nconfigure_logging(production={})\n"
EMAIL = "ada@example.test"

IN_A_THREAD = f"""
import threading
class Own(Exception): pass
def fail(): raise Own('{EMAIL}')
thread = threading.Thread(target=fail)
thread.start()
thread.join()
"""
IN_A_FINALIZER = f"""
class Bad:
    def __del__(self): raise OSError('{EMAIL}')
Bad()
"""
IN_A_TASK = f"""
import asyncio
async def fail(): raise KeyError('{EMAIL}')
async def main():
    asyncio.ensure_future(fail())
    await asyncio.sleep(0.01)
asyncio.run(main())
"""


def run(program: str, *, production: bool = True) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-W", "default", "-c", START.format(production) + program]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)


def told(program: str) -> list[dict[str, Any]]:
    """Return what a program wrote; fails when it wrote anything but JSON lines, or anything of an email."""
    ended = run(program)
    assert ended.stdout == ""
    assert EMAIL not in ended.stderr
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_it_may_be_called_again_and_the_last_call_counts() -> None:
    (entry,) = told("configure_logging(production=False)\nconfigure_logging(production=True)\nlogging.info('once')")
    assert entry["message"] == "once"
    (line,) = run("configure_logging(production=False)\nlogging.info('once')").stderr.splitlines()
    assert line.endswith("INFO    once")


def test_what_was_set_up_before_is_put_aside() -> None:
    (entry,) = told(f"logging.basicConfig(force=True)\nconfigure_logging(production=True)\nlogging.info('{EMAIL}')")
    assert entry["message"] == "***"


def test_libraries_are_heard_from_info_on_and_alembic_from_warnings_on() -> None:
    program = (
        "logging.getLogger('some.library').debug('1')\nlogging.getLogger('some.library').info('2')\n"
        "logging.getLogger('alembic.runtime').info('3')\nlogging.getLogger('alembic.runtime').warning('4')"
    )
    assert [entry["message"] for entry in told(program)] == ["2", "4"]


@pytest.mark.parametrize(
    ("program", "level", "kind"),
    [
        (f"raise ValueError('{EMAIL}')", "critical", "ValueError"),
        (f"raise ExceptionGroup('of {EMAIL}', [OSError('{EMAIL}')])", "critical", "ExceptionGroup"),
        (IN_A_THREAD, "error", "__main__.Own"),
        (IN_A_FINALIZER, "error", "OSError"),
        (IN_A_TASK, "error", "KeyError"),
    ],
    ids=["uncaught", "group", "thread", "unraisable", "asyncio"],
)
def test_exception_that_nobody_catches_is_a_line(program: str, level: str, kind: str) -> None:
    (entry,) = told(program)
    assert (entry["level"], entry["exception"]) == (level, kind)
    assert entry["traceback"]


def test_exception_that_ends_the_process_still_ends_it_with_1() -> None:
    assert run("raise ValueError").returncode == 1


def test_ctrl_c_is_told_in_a_word() -> None:
    (entry,) = told("raise KeyboardInterrupt")
    assert entry.keys() == {"time", "level", "logger", "message"}


def test_sentence_for_the_operator_at_the_end_stays_as_it_is() -> None:
    assert run("raise SystemExit('The port is taken.')").stderr == "The port is taken.\n"


def test_warning_of_python_is_a_line() -> None:
    (entry,) = told(f"import warnings\nwarnings.warn('old {EMAIL}', DeprecationWarning)")
    assert (entry["level"], entry["logger"]) == ("warning", "py.warnings")
    assert "DeprecationWarning: old ***" in entry["message"]


@pytest.mark.parametrize("closed", ["2>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"])
def test_no_line_goes_to_what_was_opened_in_the_place_of_a_closed_output(tmp_path: Path, closed: str) -> None:
    opened = tmp_path / "opened"
    program = f"files = [open({str(opened)!r}, 'wb') for _ in range(4)]\nlogging.info('Lost.')"
    words = [sys.executable, "-c", START.format(True) + program]
    subprocess.run(["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *words], cwd=ROOT, check=True, timeout=30)
    assert opened.read_bytes() == b""


def test_quart_adds_no_output_of_its_own() -> None:
    (entry,) = told("from quart import Quart\nQuart('some').logger.error('once')")
    assert entry["message"] == "once"


def test_in_development_the_lines_are_for_people() -> None:
    first, *trace = run("logging.info('Hello')\nraise ValueError('no')", production=False).stderr.splitlines()
    assert first.endswith(" INFO    Hello")
    assert trace[0].endswith(" CRITICAL The process ends with an exception.")
    assert trace[-1] == "    ValueError: no"
