"""A Redis that belongs to one test, which may stop, freeze and configure it."""

import os
import random
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from servers import GUARD, STOP_SECONDS

from webapp.dev import redis_server


class OwnRedis:
    """A Redis on a Unix socket in ``folder``, started with more ``options`` than others need."""

    def __init__(self, binary: Path, folder: Path, *options: str) -> None:
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self._command = [*redis_server.command(binary, self.socket, folder), *options]
        self.start()

    def start(self) -> None:
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "guard", *self._command], stdin=subprocess.PIPE, start_new_session=True
        )
        try:
            redis_server.wait_until_ready(self.socket, lambda: self._guard.poll() is None)
        except RuntimeError:
            self.stop()
            raise

    def stop(self) -> None:
        self.thaw()
        self._guard.communicate(timeout=STOP_SECONDS)

    def freeze(self) -> None:
        """Let it answer nobody while its connections stand."""
        os.killpg(self._guard.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.killpg(self._guard.pid, signal.SIGCONT)


class OwnSentinel(OwnRedis):
    """A sentinel in ``folder`` that watches the server on ``watched`` under the name of ``main``."""

    def __init__(self, binary: Path, folder: Path, port: int, watched: int) -> None:
        self.socket = folder / "sentinel.sock"
        # Sentinel insists on a file: it writes down there what it learns.
        file = folder / "sentinel.conf"
        settings = [f"port {port}", f"unixsocket {self.socket}", f"dir {folder}", f"logfile {folder}/sentinel.log"]
        file.write_text("\n".join([*settings, f"sentinel monitor main 127.0.0.1 {watched} 1", ""]), encoding="utf-8")
        self._command = [str(binary), str(file), "--sentinel"]
        self.start()


def free_port() -> int:
    """Give a port on which nobody listens, with one for a cluster's bus 10,000 above it.

    It lies below those that the system gives to outgoing connections, or one of them could take it in between.
    """
    while True:
        (port,) = random.sample(range(20_000, 22_000), 1)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)), socket.create_server(("", port + 10_000)):
            return port
