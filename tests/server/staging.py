"""Serves ``server.application`` in processes of its own, for tests that stop, crash and starve it."""

import asyncio
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ports import free_port
from server.lines import Line

ROOT = Path(__file__).parents[2]
# Seconds; all of it takes one on a small machine.
PATIENCE = 30
# Seconds for streams to end in, where they do and are not to be cut because the machine was busy just then.
UNHURRIED = 5
# The smallest bound on open files that a worker gets along with; it leaves it half of them for connections.
FILES = 120
PLACES = FILES // 2


def is_free(port: int) -> bool:
    """Tell whether nobody listens on a port any more."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


class Stage:
    """The application in ``processes`` processes on a free port; it marks in ``folder`` what happens to it.

    ``timings`` are those that differ from production's, ``fault`` is what is wrong with the application.
    """

    def __init__(
        self,
        folder: Path,
        *,
        processes: int = 1,
        loop: str = "asyncio",
        fault: str = "",
        files: int = 0,
        **timings: float,
    ) -> None:
        self.port = free_port()
        self._folder = folder
        self._processes = processes
        plan = {"port": self.port, "folder": str(folder), "processes": processes, "loop": loop}
        plan |= {"fault": fault, "timings": timings, "files": files}
        self._lines: list[Line] = []
        self._log = (folder / "log").open("wb")
        # All processes of the server hold the other end, and nobody else.
        self._alive, theirs = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.application", json.dumps(plan)],
            env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
            pass_fds=(theirs,),
        )
        os.close(theirs)

    def send(self, number: signal.Signals, *, to_all: bool = False) -> None:
        """Send a signal to the parent, or to all processes at once."""
        if to_all:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def marks(self, what: str) -> set[int]:
        """Return the ids of the processes that have left such a mark."""
        return set(self._marks(what))

    def count(self, what: str) -> int:
        """Return how many such marks there are."""
        return len(self._marks(what))

    def log(self) -> str:
        """Return what the server has said so far."""
        return (self._folder / "log").read_text()

    def release(self) -> None:
        """Let the requests for /held be answered."""
        (self._folder / "released").touch()

    def is_free(self) -> bool:
        """Tell whether somebody else could have the port."""
        return is_free(self.port)

    def is_gone(self) -> bool:
        """Tell whether all processes have ended."""
        return bool(select.select([self._alive], [], [], 0)[0])

    async def ready(self) -> None:
        """Return when all processes serve."""
        await self.until(lambda: len(self.marks("started")) >= self._processes)
        (await self.connect()).close()

    async def arrived(self) -> None:
        """Return when a request has reached its handler."""
        await self.until(lambda: self.marks("arrived"))

    async def streams(self) -> None:
        """Return when a stream has begun."""
        await self.until(lambda: self.marks("stream began"))

    async def until(self, condition: Callable[[], object]) -> None:
        """Return when ``condition`` holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, self.log()
            await asyncio.sleep(0.02)

    async def connect(self) -> Line:
        """Open a connection; it is closed with the stage."""
        self._lines.append(Line(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self._lines[-1]

    async def end(self) -> int:
        """Wait for the end of the parent and return its exit status."""
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    async def hang_up(self) -> None:
        """Close all connections."""
        for line in self._lines:
            line.close()
            with suppress(OSError):
                await line.writer.wait_closed()

    def _marks(self, what: str) -> list[int]:
        marks = self._folder / "marks"
        lines = marks.read_text().splitlines() if marks.exists() else []
        return [int(process) for mark, _, process in (line.rpartition(" ") for line in lines) if mark == what]

    def clean_up(self) -> None:
        """Kill what is left."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(PATIENCE)
        self._log.close()
        os.close(self._alive)
