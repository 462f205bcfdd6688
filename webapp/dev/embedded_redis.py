"""The Redis of one instance folder: one at a time, shared by the runs that need it, kept over restarts.

Two locks make that safe, and no process id is trusted. The Redis process itself holds ``server.lock``: while it lives,
nobody starts a second one on the same append-only file, even when the run that started it has crashed. Every run
holds a share of ``users.lock``: who leaves last, and so gets it whole, stops the Redis.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from . import redis_server

# Every second at most one second of sign-ins is at risk, and only if the machine itself goes down.
PERSISTENCE = ("--appendonly", "yes", "--appendfsync", "everysec")
# It may outlive the run that started it, so it is nobody's child, and Ctrl-C in the terminal does not reach it.
DETACHED = ("--daemonize", "yes")
PRIVATE = 0o700


class EmbeddedRedis:
    """A context in which the Redis of ``folder`` runs; on leaving it stops, unless another run uses it too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._socket = _socket_folder(self._folder) / "redis.sock"
        self.url = f"unix://{self._socket}"

    def __enter__(self) -> Self:
        """Find the living Redis or start one; raises RuntimeError with words for the person when neither works."""
        self._folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        self._users = self._open("users.lock")
        try:
            # This waits while the last run before us is stopping the Redis.
            fcntl.flock(self._users, fcntl.LOCK_SH)
            _make_private(self._socket.parent)
            self._start_unless_alive()
            redis_server.wait_until_ready(self._socket, self._is_alive)
        except BaseException:
            os.close(self._users)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the Redis, its data written, when nobody else uses it."""
        try:
            if _try_lock(self._users):
                self._stop()
        finally:
            os.close(self._users)

    def look(self) -> None:
        """Start it again when it has ended by itself, and say so; raises RuntimeError when it ends once more."""
        if self._start_unless_alive():
            print("Redis had ended by itself; it is started again with its data.", flush=True)
            redis_server.wait_until_ready(self._socket, self._is_alive)

    def _start_unless_alive(self) -> bool:
        lock = self._open("server.lock")
        try:
            starting = _try_lock(lock)
            if starting:
                # The Redis inherits the descriptor, and the lock stays with it when ours is closed.
                subprocess.run(self._command(), check=True, pass_fds=(lock,))
            return starting
        finally:
            os.close(lock)

    def _command(self) -> list[str]:
        binary = next(iter(redis_server.binaries().values()), None)
        if binary is None:
            raise RuntimeError(f"There is no Redis on this machine. {redis_server.HOW_TO_GET_ONE}")
        return [*redis_server.command(binary, self._socket, self._folder), *PERSISTENCE, *DETACHED]

    def _is_alive(self) -> bool:
        lock = self._open("server.lock")
        try:
            return not _try_lock(lock)
        finally:
            os.close(lock)

    def _stop(self) -> None:
        # It writes and syncs the append-only file first. A Redis that has ended already is what we want, too.
        with redis_server.connect(self._socket) as client, suppress(redis.ConnectionError):
            client.shutdown()
        lock = self._open("server.lock")
        try:
            # This waits for the end of the process.
            fcntl.flock(lock, fcntl.LOCK_EX)
        finally:
            os.close(lock)
        shutil.rmtree(self._socket.parent)

    def _open(self, name: str) -> int:
        return os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _socket_folder(folder: Path) -> Path:
    # A socket's path may have 107 bytes and a checkout may lie deeper; so the socket lies in the temporary folder.
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"gatehouse-{os.getuid()}-{name}"


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=PRIVATE, exist_ok=True)
    found = folder.lstat()
    # The temporary folder belongs to everybody: somebody else could have made this one, to listen in our place.
    if found.st_uid != os.getuid() or found.st_mode & 0o077 or folder.is_symlink():
        raise RuntimeError(f"{folder} belongs to somebody else or is open to others; remove it and start again.")
