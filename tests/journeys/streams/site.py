"""The site as it is deployed: two server processes that know each other by Redis alone, behind one nginx."""

import asyncio
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gatehouse import ROOT, STOP_SECONDS, Gatehouse
from journeys.streams.balancer import SERVED_BY, Balancer
from playwright.async_api import Response
from ports import free_port
from proxies.landscape import address_of

# Seconds. A command starts a Python of its own, on a machine that may be busy.
COMMAND_SECONDS = 60


class Server(Gatehouse):
    """One of the two."""

    async def terminate(self) -> int:
        """End it as platforms do, and return its exit status."""
        server = self._supervisor()
        end = os.pidfd_open(server)
        try:
            os.kill(server, signal.SIGTERM)
            ended, _, _ = await asyncio.to_thread(select.select, [end], [], [], STOP_SECONDS)
            assert ended, "It goes on after SIGTERM."
        finally:
            os.close(end)
        # The guard has the status.
        return self.stop()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let none of its processes do anything, while its connections stand."""
        os.killpg(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self._process.pid, signal.SIGCONT)

    async def operate(self, *words: str) -> str:
        """Run a command of the operator beside it, and give what it says."""
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "webapp", *words],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=True,
        )
        return done.stdout

    def _supervisor(self) -> int:
        """Give the process that the guard has started; needs Linux's /proc."""
        guard = self._process.pid
        return int(Path(f"/proc/{guard}/task/{guard}/children").read_text())


class Site:
    """Both servers and the way in; ``stack`` ends them. ``variables`` are settings of both."""

    def __init__(self, stack: ExitStack, redis_url: str, **variables: str) -> None:
        port = free_port()
        self.url = f"http://localhost:{port}"
        self.folder = _folder(stack)
        # They have one database, and each a log of its own.
        shared = {
            "PUBLIC_URL": self.url,
            "TRUSTED_PROXY": "1",
            "DATABASE_URL": f"sqlite:///{self.folder / 'accounts.sqlite3'}",
            **variables,
        }
        self.servers = tuple(Server(folder, redis_url, **shared) for folder in (self.folder, _folder(stack)))
        self.first, self.second = self.servers
        for server in self.servers:
            stack.callback(server.stop)
        self._door = Balancer(_folder(stack), port, *map(address_of, self.servers))
        stack.callback(self._door.stop)
        # The way in by which nginx speaks HTTP/1.0 with the servers.
        self.old_url = f"http://localhost:{self._door.old_port}"

    def holding(self, stream: Response) -> Server:
        """Tell which of the two sends a stream."""
        by_address = {str(address_of(server)): server for server in self.servers}
        # nginx names those first that did not take the request.
        return by_address[stream.headers[SERVED_BY].rpartition(", ")[2]]


def _folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(TemporaryDirectory(prefix="gatehouse-")))
