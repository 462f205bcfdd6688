"""Sends every line of this process to one place, whoever writes it: our code, a library, or Python on its way out."""

import contextvars
import logging
import os
import sys
import threading
from types import TracebackType

from .handler import LineHandler
from .json_lines import JsonLines
from .readable import ReadableLines

# Heroku and Render collect both outputs. This one is left when the other is redirected or read by a program, as the
# answers of the operator's commands are.
STANDARD_ERROR = 2
STANDARD_PLACES = (0, 1, STANDARD_ERROR)
# Alembic tells at every look which database it has met, and /readyz looks every few seconds.
TALKATIVE = ("alembic",)

log = logging.getLogger(__name__)


def configure_logging(*, production: bool) -> None:
    """Write what is logged to standard error: JSON in production, else readable. May be called again.

    Whatever else was set up before is put aside, so that no line goes past the scrubber. Warnings of Python and
    exceptions that nobody catches become lines too.
    """
    _keep_standard_places()
    handler = LineHandler(STANDARD_ERROR)
    handler.setFormatter(JsonLines() if production else ReadableLines())
    root = logging.getLogger()
    for other in root.handlers[:]:
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # No line tells of threads and processes, and whatever is not asked for is not looked up (1 us a line).
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_end
    threading.excepthook = _log_end_of_thread
    sys.unraisablehook = _log_unraisable


def _keep_standard_places() -> None:
    """Fill the places of inputs and outputs that were closed before the start.

    Else the next thing to be opened has one of their numbers, and the log is written to a client, or to Redis.
    """
    for place in STANDARD_PLACES:
        try:
            os.fstat(place)
        except OSError:
            # What is opened gets the lowest number that is free.
            os.open(os.devnull, os.O_RDWR)


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        log.info("Interrupted.")
    else:
        log.critical("The process ends with an exception.", exc_info=(kind, error, trace))


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    error = ended.exc_value or ended.exc_type()
    name = ended.thread.name if ended.thread else "that is gone"
    log.error("Thread %s ended with an exception.", name, exc_info=error)


def _log_unraisable(found: "sys.UnraisableHookArgs") -> None:
    # Objects are collected in the middle of any request, so an empty context.
    contextvars.Context().run(
        log.error, "%s %r", found.err_msg or "Exception ignored in", found.object, exc_info=found.exc_value
    )
