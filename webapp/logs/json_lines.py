"""One JSON object a line, for the platforms that collect and search them."""

import json
import logging
import time
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any

from .contents import error_of, fields_of, message_of, request_of, shortened, traceback_of
from .tracebacks import type_name

# POSIX promises that a write of so many bytes (PIPE_BUF on Linux) is never mixed with another's, and several processes
# write into one pipe. It also stays below the 10,000 bytes at which Heroku cuts lines in two.
LINE_BYTES = 4096
NEWLINE_BYTES = 1

# What is cut when a line is too long, in this order.
LONG_PARTS = ("traceback", "message", "path")

# JSON writes them as Python does.
NUMBERS = frozenset({int, float})


class JsonLines(logging.Formatter):
    """Writes time, level, logger and message; what is known of the request; the line's own fields; its exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end; never raises."""
        try:
            return _fitted(_entry(record))
        except Exception as error:  # noqa: BLE001  (Whatever is wrong with a line, the request must not suffer for it.)
            message = f"A line could not be written ({type(error).__name__})."
            return _encode({"time": _time(record.created), "level": "error", "logger": record.name, "message": message})


def _entry(record: logging.LogRecord) -> dict[str, Any]:
    request = request_of(record)
    entry: dict[str, Any] = {
        "time": _time(record.created),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": message_of(record, request),
    }
    if request is not None:
        entry["request_id"] = request.id
        entry["address"] = request.address
        entry["method"] = request.method
        entry["path"] = request.path
        if request.account is not None:
            entry["account"] = request.account
    if fields := fields_of(record):
        entry |= fields
    if (error := error_of(record)) is not None:
        entry["exception"] = type_name(error)
        entry["traceback"] = traceback_of(error, request)
    return entry


def _encode(entry: dict[str, Any]) -> str:
    """Write an entry, whose names are our own, as one JSON object.

    Plain ASCII: no reader takes a character of a stranger's for the end of the line.
    """
    # A JSONEncoder makes a new encoder in C for each object, which costs more than to write these few (3 us a line).
    parts = [
        f'"{name}":{encode_basestring_ascii(value) if isinstance(value, str) else _other(value)}'
        for name, value in entry.items()
    ]
    return "{" + ",".join(parts) + "}"


def _other(value: object) -> str:
    return repr(value) if type(value) in NUMBERS else json.dumps(value)


def _fitted(entry: dict[str, Any]) -> str:
    """Encode an entry, shortened until it fits."""
    line = _encode(entry)
    for part in LONG_PARTS:
        while len(line) > LINE_BYTES - NEWLINE_BYTES and entry.get(part):
            # A character may take up to twelve bytes, so that only trying tells.
            entry[part] = shortened(entry[part], min(len(entry[part]) * 3 // 4, LINE_BYTES))
            line = _encode(entry)
    return line


def _time(seconds: float) -> str:
    """Write a moment as RFC 3339 has it: UTC, with milliseconds."""
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
