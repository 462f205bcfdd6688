"""The lines of development, for a person at a terminal."""

import logging
import re

from hypothesis import given
from hypothesis import strategies as st

from webapp.logs.readable import MESSAGE_LENGTH, ReadableLines
from webapp.logs.requests import RequestRecord, recorded

CHARACTERS = st.text(st.characters(blacklist_categories=()))
REQUEST = RequestRecord("0123456789abcdef", "GET", "/dash\x1b[2Jboard")


def lines_of(message: str, level: int = logging.INFO, error: BaseException | None = None, **extra: object) -> list[str]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("webapp.some", level, __file__, 1, "%s", (message,), info)
    record.__dict__.update(extra)
    return ReadableLines().format(record).split("\n")


def test_line_has_time_level_and_message() -> None:
    (line,) = lines_of("GET /dashboard 200 12 ms")
    assert re.fullmatch(r"\d\d:\d\d:\d\d INFO    GET /dashboard 200 12 ms", line)


def test_warning_within_a_request_says_which_with_the_number_of_its_error_page() -> None:
    with recorded(REQUEST):
        (line,) = lines_of("Redis did not answer", logging.WARNING)
        (ordinary,) = lines_of("Redis did answer")
    assert line.endswith("WARNING Redis did not answer (GET /dash\\x1b[2Jboard) [0123456789abcdef]")
    assert ordinary.endswith("INFO    Redis did answer")


def test_line_of_the_access_log_says_its_path_once() -> None:
    with recorded(REQUEST):
        (line,) = lines_of("GET /x 503 1 ms", logging.WARNING, fields={"status": 503, "milliseconds": 1.0})
    assert line.endswith("WARNING GET /x 503 1 ms [0123456789abcdef]")


@given(CHARACTERS)
def test_any_text_stays_on_its_line_and_moves_no_cursor(text: str) -> None:
    (line,) = lines_of(text)
    assert line.isprintable()
    assert len(line.splitlines()) == 1
    assert len(line) < 20 * MESSAGE_LENGTH


@given(CHARACTERS)
def test_all_that_follows_is_indented_so_that_no_text_can_pass_for_a_line(text: str) -> None:
    first, *others = lines_of("Failed", logging.ERROR, ValueError(text))
    assert first.endswith("ERROR   Failed")
    assert any(line.startswith("    ValueError") for line in others)
    assert all(line.startswith("    ") or not line for line in others)
    assert "".join(others).isprintable()


def test_secrets_are_masked_here_as_well() -> None:
    lines = lines_of("ada@example.test", logging.ERROR, ValueError("redis://:hunter2@host"))
    assert "ada@" not in lines[0]
    assert "hunter2" not in "".join(lines)


def test_value_that_cannot_be_written_costs_the_line_and_nothing_else() -> None:
    record = logging.LogRecord("webapp.some", logging.INFO, __file__, 1, "%s", (Unspeakable(),), None)
    assert ReadableLines().format(record) == "A line of webapp.some could not be written (RuntimeError)."


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError
