"""The web process of a development run: started, watched over, and started anew when a file has changed."""

import http.client
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from watchfiles import watch

WATCHED = ("webapp", "templates", "static")
# Editors write a file in several steps; this long a pause (ms) means that they are done.
SETTLED_MS = 100
# How often (ms) a look is taken at whether to stop, and whether the process still lives.
LOOK_MS = 200
# Requests of ours take well under a second; what has not ended by then hangs.
STOP_SECONDS = 10


class WebProcess:
    """``python -m webapp serve`` in ``root`` with ``environment``."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._announced = False

    def start(self) -> None:
        """Start it; ``look`` tells when it answers."""
        # In its own session, so that Ctrl-C reaches it once only, through stop().
        words = [sys.executable, "-m", "webapp", "serve"]
        self._process = subprocess.Popen(words, cwd=self._root, env=self._environment, start_new_session=True)
        self._announced = False

    def look(self) -> None:
        """Say where it answers, or that it has ended; each once."""
        if self._process is None or self._announced:
            return
        if self._process.poll() is not None:
            print("The server has ended; it starts again as soon as a file changes.", flush=True)
            self._announced = True
        elif self._answers():
            print(f"Gatehouse is at {self._environment['PUBLIC_URL']} (Ctrl-C ends it).", flush=True)
            self._announced = True

    def stop(self) -> None:
        """End it gracefully, by force when that takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("localhost", int(self._environment["PORT"]), timeout=1)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def serve_until(stopping: threading.Event, web: WebProcess, root: Path) -> None:
    """Keep ``web`` running and fresh until ``stopping`` is set."""
    web.start()
    try:
        folders = [root / name for name in WATCHED if (root / name).is_dir()]
        changes = watch(*folders, stop_event=stopping, debounce=SETTLED_MS, rust_timeout=LOOK_MS, yield_on_timeout=True)
        for changed in changes:
            if changed:
                web.stop()
                web.start()
            web.look()
    finally:
        web.stop()
