"""A Redis whose clock can be moved while it runs: so an hour passes at once, or a server's time is put right."""

from pathlib import Path

from own_redis import StandaloneRedis
from programs import program
from system_packages import FAKETIME

from webapp.dev import redis_server

# libfaketime reads the file with the offset each time that the clock is asked. Pauses are measured on another clock,
# which has to go on as it does.
LAUNCHER = """#!/bin/sh
export LD_PRELOAD='{library}' FAKETIME_TIMESTAMP_FILE='{file}' FAKETIME_NO_CACHE=1 DONT_FAKE_MONOTONIC=1
exec '{binary}' "$@"
"""


class MovedRedis(StandaloneRedis):
    """One server in ``folder`` that keeps what it acknowledged, with a clock of its own.

    It is the embedded one: libfaketime cannot be loaded into one with jemalloc, as Debian builds it.
    """

    def __init__(self, folder: Path) -> None:
        self._offset = 0
        self._file = folder / "offset"
        self._write()
        launcher = folder / "redis-with-a-clock"
        library, binary = program(FAKETIME), redis_server.EMBEDDED_BINARY
        launcher.write_text(LAUNCHER.format(library=library, file=self._file, binary=binary))
        launcher.chmod(0o700)
        super().__init__(folder, launcher, append_only=True)

    def move(self, seconds: int) -> None:
        """Put the clock forward by so many seconds, or back."""
        # What was sent before has been read when the second one is answered.
        for _ in range(2):
            self.cli("PING")
        self._offset += seconds
        self._write()

    def _write(self) -> None:
        # At no moment is there half a number to read.
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._offset:+}\n")
        new.replace(self._file)
