"""What both kinds of lines take from Python's log records: clean, bounded, and without ever raising."""

import logging
from collections.abc import Mapping

from .requests import RequestRecord, current_request
from .scrubbing import CUT, scrubbed
from .secret_paths import without_secret
from .tracebacks import told

# Characters. A path of ours has fifty, and the longest registered method (UPDATEREDIRECTREF) seventeen.
PATH_LENGTH = 256
METHOD_LENGTH = 32
ORDINARY_METHODS = frozenset({"GET", "HEAD", "POST"})
# Most requests ask for one of a few paths. Those that stand in the log just as they came are remembered (3 us a page);
# one that held a secret, of which something had to be masked, never is. The bound is for strangers who make paths up.
PATHS_KEPT = 1024
_shown_whole: set[str] = set()
# asyncio speaks of tasks when they are collected, in the middle of any request.
OF_NO_REQUEST = frozenset({"asyncio"})


def request_of(record: logging.LogRecord) -> RequestRecord | None:
    """Return the request that the line belongs to."""
    return None if record.name in OF_NO_REQUEST else current_request()


def fields_of(record: logging.LogRecord) -> Mapping[str, float | bool | str | None] | None:
    """Return the fields of its own that a line was given, as ``extra={"fields": {...}}``; the access log's has them."""
    found: Mapping[str, float | bool | str | None] | None = record.__dict__.get("fields")
    return found


def message_of(record: logging.LogRecord, request: RequestRecord | None) -> str:
    """Return what the line says, without the secrets of the request that it belongs to."""
    try:
        text = record.getMessage()
    except (TypeError, ValueError, KeyError):
        # The values do not fit the sentence, which is a bug, but of the sentence only.
        text = f"{record.msg} (with {record.args!r})"
    # The access log repeats nothing of a request but its path. A client that sends the same path as a cookie must not
    # be able to hide what it asked for.
    return scrubbed(text, () if request is None or fields_of(record) else request.secrets)


def error_of(record: logging.LogRecord) -> BaseException | None:
    """Return the exception that the line tells of."""
    return record.exc_info[1] if record.exc_info else None


def traceback_of(error: BaseException, request: RequestRecord | None) -> str:
    """Return where the exception came from, without the secrets of the request that it happened in."""
    return scrubbed(told(error), () if request is None else request.secrets)


def path_for_log(path: str) -> str:
    """Return a path, a stranger's text, as it may stand in the log."""
    if path in _shown_whole:
        return path
    shown = shortened(scrubbed(without_secret(path)), PATH_LENGTH)
    if shown == path:
        if len(_shown_whole) >= PATHS_KEPT:
            _shown_whole.clear()
        _shown_whole.add(path)
    return shown


def method_for_log(method: str) -> str:
    """Return a method, which may be any word of a stranger's, as it may stand in the log."""
    return method if method in ORDINARY_METHODS else shortened(scrubbed(method), METHOD_LENGTH)


def shortened(text: str, length: int) -> str:
    """Cut the middle out of a text that is longer than ``length``: the end of a traceback says what happened.

    What is returned has ``length`` characters at the most; nothing is left where there is no room for a beginning.
    """
    if len(text) <= length:
        return text
    if (kept := length - len(CUT)) <= 0:
        return ""
    beginning = kept // 3
    return text[:beginning] + CUT + text[len(text) - (kept - beginning) :]
