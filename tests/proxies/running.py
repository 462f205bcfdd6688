"""A proxy as a child process that ends with the tests, and where it listens."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# As in servers.py, but by SIGTERM: what a shell starts in the background ignores SIGINT, and HAProxy leaves it at that.
GUARD = '"$@" & read -r _; kill -TERM $!; wait $!'
# Generous: a busy machine takes seconds for what is done in 50 ms otherwise.
START_SECONDS = 20
STOP_SECONDS = 10
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Running:
    """A program with its files in ``folder``, started at once; it is up when each of ``ports`` accepts.

    Where the tests are root's it runs as ``user``; nobody else could change its user.
    """

    def __init__(self, folder: Path, words: Sequence[str], ports: Iterable[int], user: str | None) -> None:
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "guard", *words],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=_environment(folder),
                cwd=folder,
                user=_hand_over(folder, user),
                # Ctrl-C reaches the tests only; they come to their end and stop this.
                start_new_session=True,
            )
        try:
            for port in ports:
                self._wait_until_accepting(port)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it, and wait for its end."""
        self._guard.communicate(timeout=STOP_SECONDS)

    def _wait_until_accepting(self, port: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not _accepts(port):
            if self._guard.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Port {port} is not served: {self._log.read_text()}")
            time.sleep(POLL_SECONDS)


@cache
def has_ipv6() -> bool:
    """Tell whether this machine speaks IPv6 with itself."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def loopback() -> tuple[str, ...]:
    """Give the addresses that a proxy listens on: of each family that this machine has, itself alone."""
    return ("127.0.0.1", "::1") if has_ipv6() else ("127.0.0.1",)


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _environment(folder: Path) -> Mapping[str, str]:
    # Caddy keeps its state in these folders.
    return {"PATH": os.defpath, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}


def _hand_over(folder: Path, user: str | None) -> str | None:
    """Give ``folder`` to the user that the program runs as, and return that one; None: our own."""
    if user is None or os.geteuid() != 0:
        return None
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, user)
    return user
