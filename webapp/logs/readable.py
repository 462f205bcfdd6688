"""Short lines for the person at the terminal, in development."""

import logging
import time

from .contents import error_of, fields_of, message_of, request_of, shortened, traceback_of
from .requests import RequestRecord

# Characters; a screen or two.
MESSAGE_LENGTH = 2000
TRACEBACK_LENGTH = 16_384
INDENT = "    "


class ReadableLines(logging.Formatter):
    """Writes the time, the level and the message; warnings and errors name their request; tracebacks follow, indented.

    So whatever begins at the left is a line of ours, and no stranger's text can look like one.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or with a traceback the lines, without the end of the last; never raises."""
        try:
            return _lines(record)
        except Exception as error:  # noqa: BLE001  (Whatever is wrong with a line, the request must not suffer for it.)
            return f"A line of {record.name} could not be written ({type(error).__name__})."


def _lines(record: logging.LogRecord) -> str:
    request = request_of(record)
    moment = time.strftime("%H:%M:%S", time.localtime(record.created))
    message = _visible(shortened(message_of(record, request), MESSAGE_LENGTH))
    lines = [f"{moment} {record.levelname:<7} {message}{_place(record, request)}"]
    if (error := error_of(record)) is not None:
        told = shortened(traceback_of(error, request), TRACEBACK_LENGTH)
        lines.extend((INDENT + _visible(line)).rstrip() for line in told.split("\n"))
    return "\n".join(lines)


def _place(record: logging.LogRecord, request: RequestRecord | None) -> str:
    """Tell which request a line belongs to, where that matters; the number is that of the error page."""
    if request is None or record.levelno < logging.WARNING:
        return ""
    # The access log's own line has said the rest.
    told = "" if fields_of(record) else f" ({request.method} {_visible(request.path)})"
    return f"{told} [{request.id}]"


def _visible(text: str) -> str:
    """Spell out what would move the cursor, end the line, or turn the direction of writing (Trojan Source)."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
