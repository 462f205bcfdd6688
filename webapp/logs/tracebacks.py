"""Where an exception came from, as Python tells it, but short: a line of the log has little room."""

import os
import sys
from traceback import FrameSummary, StackSummary, TracebackException


def told(error: BaseException) -> str:
    """Return the traceback of ``error`` with its causes, without the paths of this machine."""
    trace = TracebackException.from_exception(error, compact=True)
    _shorten(trace)
    return "".join(trace.format()).rstrip("\n")


def type_name(error: BaseException) -> str:
    """Return the name of the type of ``error``, with its module unless that is Python itself."""
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _shorten(trace: TracebackException) -> None:
    trace.stack = StackSummary.from_list([_shortened(frame) for frame in trace.stack])
    for other in (trace.__cause__, trace.__context__, *(trace.exceptions or ())):
        if other is not None:
            _shorten(other)


def _shortened(frame: FrameSummary) -> FrameSummary:
    # Without columns there are no lines of ^^^^ below the source.
    return FrameSummary(_within_path(frame.filename), frame.lineno, frame.name, lookup_line=False, line=frame.line)


def _within_path(filename: str) -> str:
    """Cut off where modules lie: ``webapp/…``, ``quart/…`` and ``asyncio/…`` say all."""
    folders = [folder for folder in sys.path if folder and filename.startswith(folder + os.sep)]
    return filename[len(max(folders, key=len)) + 1 :] if folders else filename
