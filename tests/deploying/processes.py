"""A deployment's processes, started by the very lines that its platform would run."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
from deploying.commands import ROOT

# Heroku tells every process of a dyno to stop, and may do so twice; this shell among them, which only passes it on.
# When our end of the pipe closes it does the same, so that nothing outlives the tests.
GUARD = 'trap : TERM; "$@" & read -r _; kill -TERM $!; wait $!'
POLL_SECONDS = 0.05
# Ours is the first `python`, as a buildpack or a virtual environment has it.
PATH = f"{Path(sys.executable).parent}:{os.defpath}"


class Deployed:
    """A web process of a platform, by its line of the Procfile or of another such file."""

    def __init__(self, line: str, environment: Mapping[str, str], folder: Path) -> None:
        self._log = folder / f"web-{environment['PORT']}.log"
        self._address = f"http://127.0.0.1:{environment['PORT']}"
        with self._log.open("wb") as log:
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", GUARD, "guard", "bash", "-c", line],
                cwd=ROOT,
                env={"PATH": PATH, **environment},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                # A group of its own, all of which a platform's SIGTERM reaches.
                start_new_session=True,
            )

    def wait_until_up(self, within: float) -> None:
        """Return when it answers; fails with its log after ``within`` seconds."""
        deadline = time.monotonic() + within
        while not self._answers():
            assert self._guard.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(POLL_SECONDS)

    def stop(self, within: float) -> int:
        """Tell every process to stop, as Heroku does, and give the status with which the first one ended."""
        if self._guard.poll() is None:
            os.killpg(self._guard.pid, signal.SIGTERM)
            self._guard.communicate(timeout=within)
        return self._guard.returncode

    def log(self) -> str:
        """Return what it has said so far."""
        return self._log.read_text()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self._address}/healthz").is_success
        except httpx.TransportError:
            return False


def run(line: str, environment: Mapping[str, str], within: float = 50) -> subprocess.CompletedProcess[str]:
    """Run a line to its end: a release phase, or what an operator types."""
    words = ["bash", "-c", line]
    return subprocess.run(
        words, cwd=ROOT, env={"PATH": PATH, **environment}, capture_output=True, text=True, check=False, timeout=within
    )
