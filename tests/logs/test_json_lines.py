"""The lines of production: one JSON object each, whatever was logged."""

import json
import logging
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.logs.json_lines import LINE_BYTES, JsonLines
from webapp.logs.requests import RequestRecord, note_account, note_address, recorded
from webapp.logs.scrubbing import MASK

CHARACTERS = st.text(st.characters(blacklist_categories=()))  # Half surrogates too: file names and headers have them.


def line_of(message: object, *args: object, name: str = "webapp.some", error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, info)
    return JsonLines().format(record)


def entry_of(message: object, *args: object, **more: Any) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(line_of(message, *args, **more))
    return entry


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error) as caught:
        return caught


@given(CHARACTERS, CHARACTERS)
def test_any_text_gives_one_line_of_ascii_that_can_be_read(text: str, path: str) -> None:
    with recorded(RequestRecord("0123456789abcdef", "GET", path)):
        line = line_of("%s", text, error=ValueError(text))
    assert len(line) < LINE_BYTES
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line).keys() >= {"time", "level", "logger", "message", "traceback"}


@given(st.text(min_size=1), st.sampled_from([1, 500, 5000]))
def test_line_is_bounded_in_bytes_and_stays_whole(text: str, times: int) -> None:
    error = raised(ValueError(text * times))
    with recorded(RequestRecord("0" * 128, "M" * 32, "\U0001f600" * 256)):
        line = line_of("%s", text * times, error=error)
    assert len(line) < LINE_BYTES
    entry = json.loads(line)
    assert entry["exception"] == "ValueError"
    assert entry["request_id"] == "0" * 128


def test_fields_of_every_kind_are_written_as_json_has_them() -> None:
    fields = {"status": None, "milliseconds": 12.5, "done": True, "count": 7, "said": 'a "b"\\\n\u2028é\ud800'}
    record = logging.LogRecord("webapp.some", logging.INFO, "", 1, "a", (), None)
    record.__dict__["fields"] = fields
    line = JsonLines().format(record)
    assert line.endswith(json.dumps(fields, separators=(",", ":"))[1:])
    assert json.loads(line) == {**entry_of("a"), "time": json.loads(line)["time"], "level": "info"} | fields


def test_secrets_that_came_with_a_request_are_looked_for_once_and_by_the_first_line_that_needs_them() -> None:
    searches: list[str] = []

    def find_secrets() -> list[str]:
        searches.append("search")
        return ["seven purple lanterns"]

    request = RequestRecord("0123456789abcdef", "POST", "/login", find_secrets=find_secrets)
    request.keep_out("nine yellow umbrellas")
    told = logging.LogRecord("webapp.some", logging.INFO, "", 1, "POST /login", (), None)
    told.__dict__["fields"] = {"status": 200}
    with recorded(request):
        JsonLines().format(told)
        assert searches == []
        lines = line_of("seven purple lanterns") + line_of("nine yellow umbrellas")
        lines += line_of("Failed", error=ValueError("seven purple lanterns"))
    assert searches == ["search"]
    assert "purple" not in lines + repr(request)
    assert "yellow" not in lines


def test_line_outside_of_a_request_says_nothing_of_one() -> None:
    assert entry_of("Listening on port %d", 8000).keys() == {"time", "level", "logger", "message"}


def test_line_within_a_request_carries_what_is_known_of_it_by_then() -> None:
    with recorded(RequestRecord("0123456789abcdef", "GET", "/dashboard")):
        before = entry_of("a")
        note_address("2001:db8::1")
        note_account("AbCdEfGhIjKlMnOpQrStUv")
        after = entry_of("b")
    assert before.keys() == {"time", "level", "logger", "message", "request_id", "address", "method", "path"}
    assert {name: after[name] for name in ("request_id", "address", "method", "path", "account")} == {
        "request_id": "0123456789abcdef",
        "address": "2001:db8::1",
        "method": "GET",
        "path": "/dashboard",
        "account": "AbCdEfGhIjKlMnOpQrStUv",
    }
    assert "request_id" not in entry_of("c")


def test_what_is_noted_outside_of_a_request_goes_nowhere() -> None:
    note_address("192.0.2.1")
    note_account("AbCdEfGhIjKlMnOpQrStUv")
    assert entry_of("a").keys() == {"time", "level", "logger", "message"}


def test_asyncio_never_speaks_for_the_request_in_which_something_was_collected() -> None:
    with recorded(RequestRecord("0123456789abcdef", "GET", "/")):
        assert "request_id" not in entry_of("Task exception was never retrieved", name="asyncio")


def test_time_is_utc_with_milliseconds_as_rfc_3339_writes_it() -> None:
    record = logging.LogRecord("a", logging.INFO, __file__, 1, "b", (), None)
    record.created = datetime(2026, 11, 21, 8, 40, 12, 7_900, tzinfo=UTC).timestamp()
    assert json.loads(JsonLines().format(record))["time"] == "2026-11-21T08:40:12.007Z"
    now = datetime.fromisoformat(entry_of("a")["time"])
    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=30)


def test_exception_is_told_by_type_and_a_traceback_without_paths_of_the_machine() -> None:
    entry = entry_of("Failed", error=raised(json.JSONDecodeError("no", "x", 0)))
    assert entry["exception"] == "json.decoder.JSONDecodeError"
    assert entry["traceback"].startswith('Traceback (most recent call last):\n  File "')
    assert entry["traceback"].endswith("JSONDecodeError: no: line 1 column 1 (char 0)")
    assert ", in raised\n    raise error\n" in entry["traceback"]
    assert not [folder for folder in sys.path if len(folder) > 1 and f'"{folder}' in entry["traceback"]]


def test_causes_and_groups_are_told_too() -> None:
    group = ExceptionGroup("the second", [ValueError("in it")])
    group.__cause__ = raised(OSError("the first"))
    told = entry_of("Failed", error=raised(group))["traceback"]
    assert told.index("the first") < told.index("direct cause") < told.index("the second") < told.index("in it")
    assert "^^^" not in told


def test_of_a_long_traceback_the_beginning_and_the_end_are_kept() -> None:
    def deep(left: int) -> None:
        # Two lines by turns, since Python tells of a line that calls itself but three times.
        if left % 2:
            deep(left - 1)
        if left:
            deep(left - 1)
        raise ValueError("what happened")

    with pytest.raises(ValueError, match="what happened") as caught:
        deep(60)
    told = entry_of("Failed", error=caught.value)["traceback"]
    assert told.startswith("Traceback")
    assert " [...] " in told
    assert told.endswith("ValueError: what happened")


def test_secret_of_a_request_is_masked_in_message_and_traceback_of_its_lines_alone() -> None:
    request = RequestRecord("0123456789abcdef", "POST", "/login")
    request.keep_out("seven purple lanterns")
    error = raised(ValueError("tried seven purple lanterns"))
    with recorded(request):
        line = line_of("it was %s", "seven purple lanterns", error=error)
    assert "purple" not in line
    assert json.loads(line)["message"] == f"it was {MASK}"
    assert "seven purple lanterns" in line_of("of nobody: seven purple lanterns")
    assert "purple" not in repr(request)


@pytest.mark.parametrize(
    ("message", "args"), [("%d apples", ("no",)), ("%s", ()), ("%s", (1, 2)), ("%(a)s", ({},)), (3, ())]
)
def test_sentence_whose_values_do_not_fit_is_a_line_all_the_same(message: object, args: tuple[object, ...]) -> None:
    assert str(message) in entry_of(message, *args)["message"]


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("ada@example.test")

    __repr__ = __str__


@pytest.mark.parametrize("args", [(Unspeakable(),), (Unspeakable(), 2)])
def test_value_that_cannot_be_written_costs_the_line_and_nothing_else(args: tuple[object, ...]) -> None:
    entry = entry_of("%s", *args)
    assert entry["message"] == "A line could not be written (RuntimeError)."
    assert entry["logger"] == "webapp.some"
