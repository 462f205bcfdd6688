"""Hands each line over to the system in one piece."""

import logging
import os
import select

# Seconds that a reader who is behind may hold us up for, where the system does not simply let us wait.
PATIENCE = 1.0


class LineHandler(logging.Handler):
    """Writes every line with one ``write``, straight to ``descriptor``, so that those of several processes never mix.

    There is no queue and no thread in between: a line costs a few microseconds, is there when the process dies right
    after it, and stands in its order. A reader who stops reading holds us up, as he does everybody who writes to a
    pipe; a queue would hide that for as long as memory lasts. One who has gone does not: lines are then lost.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; never raises."""
        try:
            _write(self._descriptor, self.format(record).encode("utf-8", "backslashreplace") + b"\n")
        except OSError:
            # Nobody reads any more, or the disk is full. There is no place left to say so.
            return


def _write(descriptor: int, line: bytes) -> None:
    while line:
        try:
            written = os.write(descriptor, line)
        except BlockingIOError:
            # Whoever shares the pipe with us has made it so.
            if not select.select([], [descriptor], [], PATIENCE)[1]:
                return
        else:
            line = line[written:]
