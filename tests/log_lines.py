"""What this process logs, as the operator would read it."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Any

from webapp.logs.handler import LineHandler
from webapp.logs.json_lines import JsonLines
from webapp.logs.readable import ReadableLines

MOST_BYTES = 10_000_000


class Log:
    """All that was written into ``file``; after the end of the block, what stood in it then."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._kept = b""

    @property
    def text(self) -> str:
        return (self._kept if self._file.closed else os.pread(self._file.fileno(), MOST_BYTES, 0)).decode()

    def keep(self) -> None:
        """Let what was written outlive the file."""
        self._kept = self.text.encode()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def entries(self) -> list[dict[str, Any]]:
        """What the lines of production hold."""
        return entries(self.text)


def entries(text: str) -> list[dict[str, Any]]:
    """Read JSON lines; raises ValueError for a line that is none."""
    read = [json.loads(line) for line in text.splitlines()]
    assert all(isinstance(entry, dict) for entry in read)
    return read


@contextmanager
def captured(*, production: bool = True, level: int = logging.INFO) -> Iterator[Log]:
    """Have everything written into a file, by the handler that writes it for the operator."""
    root = logging.getLogger()
    before = root.level
    with TemporaryFile() as file:
        log = Log(file)
        handler = LineHandler(file.fileno())
        handler.setFormatter(JsonLines() if production else ReadableLines())
        # The tests' own client logs in the same process.
        handler.addFilter(lambda record: not record.name.startswith("httpx"))
        root.addHandler(handler)
        root.setLevel(level)
        try:
            yield log
        finally:
            root.removeHandler(handler)
            root.setLevel(before)
            log.keep()
