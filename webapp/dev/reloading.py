"""The web process of a development run: started, watched over, and started anew when a file has changed."""

import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from watchfiles import watch

from . import child

WATCHED = ("webapp", "templates", "static")
# Editors write a file in several steps; this long a pause (ms) means that they are done.
SETTLED_MS = 100
# How often (ms) a look is taken at whether to stop, and whether the process still lives.
LOOK_MS = 200


class WebProcess:
    """``python -m webapp serve`` in ``root`` with ``environment``; it ends with this process, even a killed one."""

    def __init__(self, root: Path, environment: Mapping[str, str]) -> None:
        self._root = root
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._announced = False
        # Both ends stay open as long as this process lives. No child inherits the second one, and child.py says why.
        self._pipe, _ = os.pipe()

    def start(self) -> None:
        """Start it; ``look`` tells when it answers."""
        # In its own session, so that Ctrl-C reaches it once only, through stop().
        self._process = subprocess.Popen(
            [sys.executable, "-m", child.__name__, str(self._pipe)],
            cwd=self._root,
            env=self._environment,
            start_new_session=True,
            pass_fds=(self._pipe,),
        )
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
            self._process.wait(child.STOP_SECONDS)
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


def serve_until(stopping: threading.Event, web: WebProcess, root: Path, look: Callable[[], None]) -> None:
    """Keep ``web`` running and fresh until ``stopping`` is set, and call ``look`` every ``LOOK_MS``."""
    web.start()
    try:
        folders = [root / name for name in WATCHED if (root / name).is_dir()]
        changes = watch(*folders, stop_event=stopping, debounce=SETTLED_MS, rust_timeout=LOOK_MS, yield_on_timeout=True)
        for changed in changes:
            if changed:
                web.stop()
                web.start()
            look()
            web.look()
    finally:
        web.stop()
