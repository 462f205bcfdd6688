"""The real server as a child process, as an operator starts it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
from ports import free_port
from servers import GUARD

from webapp.database import migrate

ROOT = Path(__file__).parents[1]
SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
# It takes two; a busy machine takes a multiple of that.
START_SECONDS = 45
# A graceful end of the server may take as long as it gives its requests.
STOP_SECONDS = 30


class Gatehouse:
    """``python -m webapp serve`` with a database of its own in ``folder``, at ``url``."""

    def __init__(self, folder: Path, redis_url: str, **variables: str) -> None:
        port = free_port()
        self.url = f"http://localhost:{port}"
        database = f"sqlite:///{folder / 'accounts.sqlite3'}"
        migrate.upgrade(database)
        settings = {"SECRET_KEY": SECRET, "REDIS_URL": redis_url, "DATABASE_URL": database, "PORT": str(port)}
        self._log_file = folder / "server.log"
        self._log_file.write_bytes(b"")
        self._environment = {"PATH": os.defpath, **settings, **variables}
        self.start()

    def start(self) -> None:
        """Start it, or start it again on the same port; returns when it answers."""
        self._log = self._log_file.open("ab")
        words = ["sh", "-c", GUARD, "guard", sys.executable, "-m", "webapp", "serve"]
        self._process = subprocess.Popen(
            words,
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> int:
        """End the server, as soon as it has answered what it was asked, and return its exit status."""
        self._process.communicate(timeout=STOP_SECONDS)
        self._log.close()
        return self._process.returncode

    def kill(self) -> None:
        """End all of its processes at once, in the middle of whatever they do."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate(timeout=STOP_SECONDS)
        self._log.close()

    def log(self) -> str:
        """Return what the server has said so far."""
        return self._log_file.read_text()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                httpx.get(f"{self.url}/healthz")
            except httpx.TransportError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(self.log()) from None
                time.sleep(0.05)
            else:
                return
