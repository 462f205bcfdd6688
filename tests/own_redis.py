"""A Redis that belongs to one test, which may stop, kill, freeze and configure it.

Each runs under the guard of ``servers``, so that none outlives the tests, not even a frozen one.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import trustme
from ports import free_port
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry
from servers import GUARD, STOP_SECONDS

from webapp.dev import redis_server

# A server is up in 50 ms, sentinels need seconds to find each other; a busy machine takes a multiple of either.
READY_SECONDS = 45
# Seconds for a test that may wait as long more than once, its fixtures included; others have 60.
SLOW = 180
POLL_SECONDS = 0.02


class StandaloneRedis:
    """One server, started at once, with its data in ``folder``.

    It always listens on a Unix socket, through which tests administer it whatever its clients use; with ``tcp`` also on
    a port, and with ``tls`` on one that shows a chain nobody else has signed, as Heroku's does.
    ``append_only`` lets its data survive whatever ends it. ``options`` are further words of its command line.
    """

    def __init__(
        self,
        folder: Path,
        binary: Path,
        *,
        tcp: bool = False,
        tls: bool = False,
        password: str | None = None,
        append_only: bool = False,
        options: Sequence[str] = (),
    ) -> None:
        self.socket = folder / "redis.sock"
        self.port = free_port() if tcp or tls else 0
        self.variables = {"REDIS_TLS_VERIFY": "false"} if tls else {}
        self.url = _url(self.socket, self.port, password, tls=tls)
        self._password = password
        listening = _tls_options(folder, self.port) if tls else ("--port", str(self.port))
        # Synced before each answer: what was acknowledged is there after a kill too.
        keeping = ("--appendonly", "yes", "--appendfsync", "always") if append_only else ()
        closed = ("--requirepass", password) if password else ()
        self._command = [*redis_server.command(binary, self.socket, folder), *listening, *keeping, *closed, *options]
        self.start()

    def start(self) -> None:
        """Start it, or start it again with what it has kept; returns when it answers."""
        with self.socket.with_name("start.log").open("ab") as log:
            words = ["/bin/sh", "-c", GUARD, "guard", *self._command]
            self._guard = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_until(self._answers, f"{self.socket} answers")
        except BaseException:
            self._guard.communicate(timeout=STOP_SECONDS)
            raise
        self._process = int(self.cli("INFO", "server")["process_id"])

    def stop(self) -> None:
        """End it in good order, even when it is frozen, and wait for its end."""
        self._guard.communicate(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)
        self.stop()

    def freeze(self) -> None:
        """Let it answer nobody while its connections stand."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on where it was frozen."""
        self._signal(signal.SIGCONT)

    @property
    def running(self) -> bool:
        """Whether it was neither stopped nor killed since it was started."""
        return self._guard.poll() is None

    def primaries(self) -> list["StandaloneRedis"]:
        """Give the servers that take writes: this one."""
        return [self]

    def flush(self) -> None:
        """Make it as empty as it was at the start."""
        self.cli("FLUSHALL")

    def connect(self) -> AsyncRedis:
        """Give an administrator's client for tests that look into it; whoever asked closes it."""
        return AsyncRedis(unix_socket_path=str(self.socket), password=self._password, decode_responses=True)

    def cli(self, *words: str | int) -> Any:  # noqa: ANN401 -- each command answers in its own form.
        """Send one command of an administrator on a connection of its own, and give the answer."""
        with Redis(
            unix_socket_path=str(self.socket),
            password=self._password,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        ) as admin:
            return admin.execute_command(*words)

    def _answers(self) -> bool:
        if not self.running:
            raise RuntimeError(f"It ended while it was starting; {self.socket.parent} has its logs.")
        with suppress(RedisError):
            return bool(self.cli("PING"))
        return False

    def _signal(self, number: signal.Signals) -> None:
        if self.running:
            os.kill(self._process, number)


def any_binary() -> Path:
    """Give the Redis that `make run` would take."""
    return next(iter(redis_server.binaries().values()))


def wait_until(condition: Callable[[], bool], what: str, seconds: int = READY_SECONDS) -> None:
    """Return when ``condition`` holds. Raises AssertionError when ``what`` it stands for takes too long."""
    deadline = time.monotonic() + seconds
    while not _holds(condition):
        assert time.monotonic() < deadline, f"It took more than {seconds} s until {what}."
        time.sleep(POLL_SECONDS)


def _holds(condition: Callable[[], bool]) -> bool:
    # A server that changes its role closes its connections, that of whoever asks about it too.
    with suppress(RedisConnectionError):
        return condition()
    return False


def _url(socket_path: Path, port: int, password: str | None, *, tls: bool) -> str:
    user = f":{quote(password, safe='')}@" if password else ""
    if not port:
        return f"unix://{user}{socket_path}"
    return f"{'rediss' if tls else 'redis'}://{user}127.0.0.1:{port}"


def _tls_options(folder: Path, port: int) -> tuple[str, ...]:
    authority, key, chain = trustme.CA(), folder / "server.key", folder / "chain.pem"
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(str(key))
    for part in (*certificate.cert_chain_pems, authority.cert_pem):
        part.write_to_path(str(chain), append=True)
    files = ("--tls-cert-file", str(chain), "--tls-key-file", str(key), "--tls-ca-cert-file", str(chain))
    return ("--port", "0", "--tls-port", str(port), *files, "--tls-auth-clients", "no")
